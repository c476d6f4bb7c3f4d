import type { MarketReading } from '../../src/contract/activities.js';
import type { DcaExecutorConfig } from '../../src/contract/executor-config.js';
import type { BarrierRecord, OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import type { DcaLevel } from '../../src/domain/dca/plan-dca.js';
import { toDecimalString } from '../../src/domain/money.js';
import { guardingExit, pathOf, planBase } from './order-planning.js';

/** The entry of a level, guarded by the exit that is started before it. */
export function levelPlan(config: DcaExecutorConfig, reading: MarketReading, { index, amountBase, priceQuote }: DcaLevel, activationBounds: readonly string[], runId: string | null): OrderPlan {
  return {
    ...planBase(config, reading.rules),
    path: levelPath(config, index),
    role: 'entry',
    side: config.side,
    amountBase: toDecimalString(amountBase),
    strategy: config.mode === 'MAKER' ? 'LIMIT' : 'MARKET',
    // A level at market keeps its price for the activation bounds only; it is never sent.
    priceQuote: toDecimalString(priceQuote),
    chaser: null,
    positionAction: 'OPEN',
    activationBounds,
    // Without bounds nothing holds a level back, so none has to wait for another.
    ...(index === 0 || activationBounds.length === 0 ? {} : { follows: levelPath(config, index - 1).workflowId }),
    guardedBy: legWorkflowId(config.id, 'exit', 1),
    parentId: config.id,
    firstRunId: runId,
    arm: null,
  };
}

export function dcaExitPlan(config: DcaExecutorConfig, reading: MarketReading, levels: readonly DcaLevel[], barriers: BarrierRecord, counter: number, runId: string | null): OrderPlan {
  const protects = levels.map(({ index }) => levelPath(config, index));
  return guardingExit(config, reading.rules, counter, runId, { barriers, exchangeStop: null, closing: null, protects, activationBounds: [] });
}

/** Counted from 1, as legs are. */
function levelPath(config: DcaExecutorConfig, index: number): OrderPath {
  return pathOf(config, legWorkflowId(config.id, 'entry', index + 1), `entry/${index + 1}`);
}
