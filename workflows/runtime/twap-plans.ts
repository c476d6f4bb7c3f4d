import type { MarketReading } from '../../src/contract/activities.js';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import { oppositeSide } from '../../src/domain/enumerations.js';
import { closingRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { decimal, toDecimalString, type Decimal } from '../../src/domain/money.js';
import { midPrice, type SliceOrder } from '../../src/domain/twap/slice-size.js';
import { amountText, pathOf, planBase } from './order-planning.js';

/** (bid + ask) / 2; null while one side of the book is empty. */
export function midOf({ bidQuote, askQuote }: MarketReading): Decimal | null {
  if (bidQuote === null || askQuote === null) return null;
  return midPrice(decimal(bidQuote), decimal(askQuote));
}

/** The order of slice `number`. It adds exposure: were its executor gone, it would be cancelled. */
export function slicePlan(config: TwapExecutorConfig, rules: MarketRulesRecord, number: number, order: SliceOrder, runId: string | null): OrderPlan {
  return {
    ...planBase(config, rules),
    path: pathOf(config, legWorkflowId(config.id, 'slice', number), `slice/${number}`),
    role: 'entry',
    side: config.side,
    amountBase: toDecimalString(order.amountBase),
    strategy: order.priceQuote === null ? 'MARKET' : 'LIMIT',
    priceQuote: amountText(order.priceQuote),
    chaser: null,
    positionAction: 'OPEN',
    activationBounds: [],
    guardedBy: null,
    parentId: config.id,
    firstRunId: runId,
    arm: null,
  };
}

/** Closes what a stopped TWAP filled, at market; `counter` from 1. */
export function closePlan(config: TwapExecutorConfig, rules: MarketRulesRecord, counter: number, amountBase: Decimal, runId: string | null): OrderPlan {
  return {
    ...planBase(config, closingRules(rules)),
    path: pathOf(config, legWorkflowId(config.id, 'exit', counter), `exit/${counter}`),
    role: 'order',
    side: oppositeSide(config.side),
    amountBase: toDecimalString(amountBase),
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    positionAction: 'CLOSE',
    activationBounds: [],
    guardedBy: null,
    parentId: config.id,
    firstRunId: runId,
    arm: null,
  };
}
