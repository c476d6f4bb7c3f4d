import { CancellationScope, allHandlersFinished, condition, defineQuery, setHandler } from '@temporalio/workflow';
import type { PositionExecutorConfig } from '../src/contract/executor-config.js';
import { QUERIES } from '../src/contract/messages.js';
import type { LevelTold } from '../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../src/contract/report.js';
import { LevelPosition, type LevelInput } from './runtime/level-position.js';
import { PositionExecutor } from './runtime/position-executor.js';

const reportQuery = defineQuery<ExecutorReport>(QUERIES.report);
const whyQuery = defineQuery<readonly Decision[]>(QUERIES.why);

/** An executor of its own, or a level of a grid with its terms ready. */
export type PositionInput = PositionExecutorConfig | LevelInput;

/** Opens a position, protects it from its first fill, and closes it by barrier, by command, or by handing it over. */
export async function position(input: PositionInput): Promise<ExecutorReport | LevelTold> {
  return 'kind' in input ? level(input) : executor(input);
}

async function level(input: LevelInput): Promise<LevelTold> {
  const position = new LevelPosition(input);
  setHandler(reportQuery, () => position.report());
  setHandler(whyQuery, () => position.decisions());
  return CancellationScope.nonCancellable(async () => {
    await position.run();
    await condition(allHandlersFinished);
    return position.told();
  });
}

async function executor(config: PositionExecutorConfig): Promise<ExecutorReport> {
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
