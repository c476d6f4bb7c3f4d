import { CancellationScope, allHandlersFinished, condition, defineQuery, setHandler } from '@temporalio/workflow';
import type { XemmExecutorConfig } from '../src/contract/executor-config.js';
import { QUERIES } from '../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../src/contract/report.js';
import { XemmExecutor } from './runtime/xemm-executor.js';

const reportQuery = defineQuery<ExecutorReport>(QUERIES.report);
const whyQuery = defineQuery<readonly Decision[]>(QUERIES.why);

/** Quotes on one market, hedges each fill on another, and ends when nothing is owed. */
export async function xemm(config: XemmExecutorConfig): Promise<ExecutorReport> {
  const executor = new XemmExecutor(config);
  setHandler(reportQuery, () => executor.report());
  setHandler(whyQuery, () => executor.decisions());
  // A cancellation of the workflow is a request to stop, heard elsewhere; it must not tear anything apart.
  return CancellationScope.nonCancellable(async () => {
    await executor.run();
    await condition(allHandlersFinished);
    return executor.report();
  });
}
