import { CancellationScope, allHandlersFinished, condition, defineQuery, setHandler } from '@temporalio/workflow';
import type { PositionExecutorConfig } from '../src/contract/executor-config.js';
import { QUERIES } from '../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../src/contract/report.js';
import { PositionExecutor } from './runtime/position-executor.js';

const reportQuery = defineQuery<ExecutorReport>(QUERIES.report);
const whyQuery = defineQuery<readonly Decision[]>(QUERIES.why);

/** Opens a position, protects it from its first fill, and closes it by barrier, by command, or by handing it over. */
export async function position(config: PositionExecutorConfig): Promise<ExecutorReport> {
  const executor = new PositionExecutor(config);
  setHandler(reportQuery, () => executor.report());
  setHandler(whyQuery, () => executor.decisions());
  // A cancellation of the workflow is a request to stop, heard elsewhere; it must not tear anything apart.
  return CancellationScope.nonCancellable(async () => {
    await executor.run();
    await condition(allHandlersFinished);
    return executor.report();
  });
}
