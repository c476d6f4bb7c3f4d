import type { MarketReading } from '../../src/contract/activities.js';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import type { BarrierRecord, OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import { amountText, guardingExit, pathOf, planBase, type Quantised } from './order-planning.js';

/**
 * Barriers as they are carried out. Beside a stop that rests at the exchange nothing else rests there: on spot both would
 * lock the same base, and elsewhere both could fill while nobody looks. Targets are watched then and closed by MARKET.
 */
export function barrierRecord(config: PositionExecutorConfig): BarrierRecord {
  const { tripleBarrier } = config;
  const watched = tripleBarrier.exchangeStop !== null;
  const seconds = tripleBarrier.timeLimitSeconds;
  return {
    stopLossFraction: tripleBarrier.stopLossFraction,
    takeProfitFraction: tripleBarrier.takeProfitFraction,
    takeProfitOrderType: watched ? 'MARKET' : tripleBarrier.takeProfitOrderType,
    targets: watched ? tripleBarrier.targets.map((target) => ({ ...target, orderType: 'MARKET' })) : tripleBarrier.targets,
    breakevenAfterTarget: tripleBarrier.breakevenAfterTarget,
    trailingStop: tripleBarrier.trailingStop,
    timeLimitAtMs: seconds === null ? null : config.createdAtMs + seconds * 1000,
    ...(config.level === undefined ? {} : { takeProfitPriceQuote: config.level.takeProfitPriceQuote }),
  };
}

/** Why the market cannot keep the stop that was asked for; null when it can, or none was. */
export function exchangeStopRefusal({ tripleBarrier: { exchangeStop } }: PositionExecutorConfig, { rules }: MarketReading): string | null {
  if (exchangeStop === null) return null;
  if (!rules.supportsStop) return `exchange_stop: ${rules.pair} keeps no stop orders at this exchange; leave it out`;
  return exchangeStop.triggeredBy === 'mark' && rules.contract === 'spot' ? 'exchange_stop.triggered_by: mark is the price of a perpetual; use last' : null;
}

/** Whether targets that were to rest are watched because of the stop at the exchange. */
export function watchesRestingTargets({ tripleBarrier }: PositionExecutorConfig): boolean {
  if (tripleBarrier.exchangeStop === null) return false;
  return tripleBarrier.targets.some((target) => target.orderType !== 'MARKET') || (tripleBarrier.takeProfitFraction !== null && tripleBarrier.takeProfitOrderType !== 'MARKET');
}

/** Entry `counter`: guarded by the exit that is started before it. */
export function entryPlan(config: PositionExecutorConfig, reading: MarketReading, sized: Quantised, entryPriceQuote: string, runId: string | null): OrderPlan {
  const strategy = config.tripleBarrier.openOrderType;
  return {
    ...planBase(config, reading.rules),
    path: pathOf(config, legWorkflowId(config.id, 'entry', 1), 'entry/1'),
    role: 'entry',
    side: config.side,
    amountBase: amountText(sized.amountBase),
    strategy,
    // A market entry keeps its price for the activation bounds only; it is never sent.
    priceQuote: amountText(sized.priceQuote) ?? entryPriceQuote,
    chaser: null,
    positionAction: 'OPEN',
    activationBounds: config.activationBounds,
    guardedBy: legWorkflowId(config.id, 'exit', 1),
    parentId: config.id,
    firstRunId: runId,
    arm: null,
  };
}

/** Exit `counter` with the barriers of the config. */
export function exitPlan(config: PositionExecutorConfig, reading: MarketReading, counter: number, runId: string | null): OrderPlan {
  return guardingExit(config, reading.rules, counter, runId, {
    barriers: barrierRecord(config),
    exchangeStop: config.tripleBarrier.exchangeStop,
    closing: config.closing,
    protects: [pathOf(config, legWorkflowId(config.id, 'entry', 1), 'entry/1')],
    activationBounds: config.activationBounds,
  });
}
