import { CancellationScope, allHandlersFinished, condition, continueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import type { GridExecutorConfig } from '../src/contract/executor-config.js';
import { QUERIES } from '../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../src/contract/report.js';
import { LIMITS } from '../src/domain/limits.js';
import type { GridCarry } from './runtime/grid-carry.js';
import { GridExecutor } from './runtime/grid-executor.js';

const reportQuery = defineQuery<ExecutorReport>(QUERIES.report);
const whyQuery = defineQuery<readonly Decision[]>(QUERIES.why);

/**
 * Trades the levels of a range, each round trip a position of its own, under one exit for all. Goes on in a new run after
 * `maxHistoryEvents` events, with its levels at work.
 */
export async function grid(config: GridExecutorConfig, carried: GridCarry | null = null, maxHistoryEvents: number = LIMITS.gridHistoryEvents): Promise<ExecutorReport> {
  const executor = new GridExecutor(config, carried, maxHistoryEvents);
  setHandler(reportQuery, () => executor.report());
  setHandler(whyQuery, () => executor.decisions());
  // A cancellation of the workflow is a request to stop, heard elsewhere; it must not tear anything apart.
  return CancellationScope.nonCancellable(async () => {
    const end = await executor.run();
    await condition(allHandlersFinished);
    if (end === 'continues') return continueAsNew<typeof grid>(config, executor.carry(), maxHistoryEvents);
    return executor.report();
  });
}
