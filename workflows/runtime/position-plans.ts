import type { MarketReading } from '../../src/contract/activities.js';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import type { BarrierRecord, OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import { oppositeSide } from '../../src/domain/enumerations.js';
import { amountText, pathOf, planBase, type Quantised } from './order-planning.js';

export function barrierRecord(config: PositionExecutorConfig): BarrierRecord {
  const { tripleBarrier } = config;
  const seconds = tripleBarrier.timeLimitSeconds;
  return {
    stopLossFraction: tripleBarrier.stopLossFraction,
    takeProfitFraction: tripleBarrier.takeProfitFraction,
    takeProfitOrderType: tripleBarrier.takeProfitOrderType,
    targets: tripleBarrier.targets,
    breakevenAfterTarget: tripleBarrier.breakevenAfterTarget,
    trailingStop: tripleBarrier.trailingStop,
    timeLimitAtMs: seconds === null ? null : config.createdAtMs + seconds * 1000,
  };
}

/** Entry `counter`: guarded by the exit that is started before it. */
export function entryPlan(config: PositionExecutorConfig, reading: MarketReading, sized: Quantised, entryPriceQuote: string, runId: string | null): OrderPlan {
  const strategy = config.tripleBarrier.openOrderType;
  return {
    ...planBase(config, reading),
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

/** Exit `counter`; the earlier exits are its predecessors: stopped and counted before it closes anything. */
export function exitPlan(config: PositionExecutorConfig, reading: MarketReading, counter: number, runId: string | null): OrderPlan {
  const predecessors = Array.from({ length: counter - 1 }, (_, index) => pathOf(config, legWorkflowId(config.id, 'exit', index + 1), `exit/${index + 1}`));
  return {
    ...planBase(config, reading),
    path: pathOf(config, legWorkflowId(config.id, 'exit', counter), `exit/${counter}`),
    role: 'exit',
    side: oppositeSide(config.side),
    amountBase: null,
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    positionAction: 'CLOSE',
    activationBounds: [],
    guardedBy: null,
    parentId: config.id,
    firstRunId: runId,
    arm: {
      barriers: barrierRecord(config),
      exchangeStop: config.tripleBarrier.exchangeStop,
      entrySide: config.side,
      protects: [pathOf(config, legWorkflowId(config.id, 'entry', 1), 'entry/1')],
      predecessors,
      activationBounds: config.activationBounds,
    },
  };
}
