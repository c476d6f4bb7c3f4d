import { CancellationScope, allHandlersFinished, condition, continueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import type { TwapExecutorConfig } from '../src/contract/executor-config.js';
import { QUERIES } from '../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../src/contract/report.js';
import { LIMITS } from '../src/domain/limits.js';
import type { TwapCarry } from './runtime/twap-carry.js';
import { TwapExecutor } from './runtime/twap-executor.js';

const reportQuery = defineQuery<ExecutorReport>(QUERIES.report);
const whyQuery = defineQuery<readonly Decision[]>(QUERIES.why);

/**
 * Trades a budget in slices over time, each slice an order of its own, and hands over what it traded. Goes on in a new
 * run after `maxHistoryEvents` events, with its slices at work.
 */
export async function twap(config: TwapExecutorConfig, carried: TwapCarry | null = null, maxHistoryEvents: number = LIMITS.twapHistoryEvents): Promise<ExecutorReport> {
  const executor = new TwapExecutor(config, carried, maxHistoryEvents);
  setHandler(reportQuery, () => executor.report());
  setHandler(whyQuery, () => executor.decisions());
  // A cancellation of the workflow is a request to stop, heard elsewhere; it must not tear anything apart.
  return CancellationScope.nonCancellable(async () => {
    const end = await executor.run();
    await condition(allHandlersFinished);
    if (end === 'continues') return continueAsNew<typeof twap>(config, executor.carry(), maxHistoryEvents);
    return executor.report();
  });
}
