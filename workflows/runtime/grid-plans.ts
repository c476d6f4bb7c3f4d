import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import { oppositeSide } from '../../src/domain/enumerations.js';
import { gridBoundsText } from '../../src/domain/grid/grid-guard.js';
import type { GridTerms } from '../../src/domain/grid/grid-terms.js';
import { closingRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { toDecimalString, type Decimal } from '../../src/domain/money.js';
import { pathOf, planBase } from './order-planning.js';

/** The exit that ends all levels: judged on mid, it stops them, counts their last fills and closes what they leave. Always the first. */
export function gridExitPlan(config: GridExecutorConfig, terms: GridTerms, rules: MarketRulesRecord, runId: string | null): OrderPlan {
  return {
    ...closing(config, rules, 1, runId),
    role: 'exit',
    amountBase: null,
    arm: {
      // Only for the clock: everything else is in `grid`.
      barriers: { stopLossFraction: null, takeProfitFraction: null, takeProfitOrderType: 'MARKET', targets: [], breakevenAfterTarget: null, trailingStop: null, timeLimitAtMs: terms.timeLimitAtMs },
      exchangeStop: null,
      closing: null,
      entrySide: config.side,
      protects: [],
      predecessors: [],
      activationBounds: [],
      grid: { ...gridBoundsText(terms), executorId: config.id },
    },
  };
}

/** Closes what the first exit did not, at market; `counter` from 2. */
export function remainderPlan(config: GridExecutorConfig, rules: MarketRulesRecord, counter: number, amountBase: Decimal, runId: string | null): OrderPlan {
  return { ...closing(config, rules, counter, runId), role: 'order', amountBase: toDecimalString(amountBase), arm: null };
}

function closing(config: GridExecutorConfig, rules: MarketRulesRecord, counter: number, runId: string | null): Omit<OrderPlan, 'role' | 'amountBase' | 'arm'> {
  return {
    ...planBase(config, closingRules(rules)),
    path: pathOf(config, legWorkflowId(config.id, 'exit', counter), `exit/${counter}`),
    side: oppositeSide(config.side),
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    positionAction: 'CLOSE',
    activationBounds: [],
    guardedBy: null,
    parentId: config.id,
    firstRunId: runId,
  };
}
