import { CancellationScope, allHandlersFinished, condition, defineQuery, setHandler } from '@temporalio/workflow';
import type { DcaExecutorConfig } from '../src/contract/executor-config.js';
import { QUERIES } from '../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../src/contract/report.js';
import { DcaExecutor } from './runtime/dca-executor.js';

const reportQuery = defineQuery<ExecutorReport>(QUERIES.report);
const whyQuery = defineQuery<readonly Decision[]>(QUERIES.why);

/** Enters in levels at set prices, each an order of its own, and protects what is filled of them with one exit. */
export async function dca(config: DcaExecutorConfig): Promise<ExecutorReport> {
  const executor = new DcaExecutor(config);
  setHandler(reportQuery, () => executor.report());
  setHandler(whyQuery, () => executor.decisions());
  // A cancellation of the workflow is a request to stop, heard elsewhere; it must not tear anything apart.
  return CancellationScope.nonCancellable(async () => {
    await executor.run();
    await condition(allHandlersFinished);
    return executor.report();
  });
}
