import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import type { MarketReference } from '../../src/contract/order-plan.js';
import type { BookedFunding, FundingRequest, PerpetualActivities } from '../../src/contract/perpetual.js';
import { commandQueue } from '../../src/contract/queues.js';
import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { DecisionLog } from './decisions.js';
import { patiently, type AccountAddress, type OwnerWatch } from './session-call.js';

function activities({ connector, account }: AccountAddress, patienceMs: number, summary: string): PerpetualActivities {
  return proxyActivities<PerpetualActivities>({
    taskQueue: commandQueue(connector, account),
    scheduleToStartTimeout: patienceMs,
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: LIMITS.sessionRetryMs, backoffCoefficient: 2, maximumInterval: '10 seconds' },
    summary,
  });
}

/**
 * Makes the pair ready for the first order on a perpetual: position mode read, leverage set. Null when it stands; a text
 * refuses. What came of it is in `why`.
 */
export async function openContract(config: Pick<ExecutorConfig, 'id' | 'pair' | 'leverage'> & AccountAddress, log: DecisionLog, watch: OwnerWatch): Promise<string | null> {
  const { id, pair, leverage } = config;
  try {
    const setting = await patiently(watch, pair, (patienceMs) => activities(config, patienceMs, `leverage ${leverage} on ${pair}`).openContract({ rootId: id, pair, leverage }));
    const changed = setting.leverageBefore === setting.leverage ? 'stood already' : `was ${setting.leverageBefore}`;
    log.add(`leverage ${setting.leverage}`, { before: changed, position_mode: setting.positionMode });
    return null;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) throw error;
    return `${error.cause.type ?? 'EXCHANGE_ERROR'}: ${error.cause.message}`;
  }
}

/** The same for each of an executor's markets that is a perpetual. */
export async function openContracts(
  { id, leverage }: Pick<ExecutorConfig, 'id' | 'leverage'>,
  markets: readonly { readonly market: MarketReference; readonly rules: MarketRulesRecord }[],
  log: DecisionLog,
  watchOf: (market: MarketReference) => OwnerWatch,
): Promise<string | null> {
  for (const { market, rules } of markets) {
    if (rules.contract !== 'perpetual') continue;
    const { connector, account, pair } = market;
    const refusal = await openContract({ id, leverage, connector, account, pair }, log, watchOf(market));
    if (refusal !== null) return refusal;
  }
  return null;
}

export async function bookFunding(address: AccountAddress, request: FundingRequest, watch: OwnerWatch): Promise<readonly BookedFunding[]> {
  return patiently(watch, request.pair, (patienceMs) => activities(address, patienceMs, `funding of ${request.pair}`).bookFunding(request));
}
