import { expect, it } from 'vitest';
import { sessionPlan, sessionResult } from '../../activities/session/plan-conversion.js';
import { EMPTY_LEDGER, recordFill } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import { ZERO, decimal, toDecimalString } from '../../src/domain/money.js';
import type { SessionOrder } from '../../src/domain/session/session-order.js';
import { initialSession } from '../../src/domain/session/session-state.js';

const rules: MarketRulesRecord = { pair: 'BTC-USDT', base: 'BTC', quote: 'USDT', contract: 'spot', supportsStop: true, amountStepBase: '0.00001', priceTickQuote: '0.01', minAmountBase: '0.00001', maxAmountBase: null, minNotionalQuote: '5', makerFeeFraction: '0.001', takerFeeFraction: '0.001' };
const path = { workflowId: 'w', rootId: 'w', rootCreatedAtMs: 0, path: 'order' };
const plan = sessionPlan({
  path, role: 'order', controllerId: 'main', connector: 'c', account: 'a', pair: 'BTC-USDT', rules, side: 'BUY', amountBase: '10', strategy: 'LIMIT', priceQuote: '100', chaser: null,
  positionAction: 'OPEN', leverage: 1, activationBounds: [], maxRetries: 10, guardedBy: null, parentId: null, firstRunId: null, arm: null,
});

function filledOrder(sequence: number): SessionOrder {
  const fill = { tradeId: String(sequence), priceQuote: decimal('100'), amountBase: decimal('0.001'), fees: [], atMs: sequence };
  const ledger = recordFill(EMPTY_LEDGER, fill, { base: 'BTC', quote: 'USDT' });
  return {
    sequence, purpose: 'work', target: null, side: 'BUY', type: 'LIMIT', amountBase: decimal('0.001'), priceQuote: decimal('100'), stopPriceQuote: null, stage: { kind: 'ended', how: 'filled' }, exchangeOrderId: String(sequence),
    claimedBase: decimal('0.001'), ledger, cancelWanted: false, request: null, nextRequestAtMs: 0, attempts: 0,
  };
}

it.each([1, LIMITS.maxOrdersInReport, LIMITS.maxOrdersInReport + 1, 500])('tells every fill of %i orders within its bound', (count) => {
  const orders = Array.from({ length: count }, (_, index) => filledOrder(index + 1));
  const state = { ...initialSession(0, false), orders, end: { kind: 'completed' } as const };
  const result = sessionResult(plan, state, (sequence) => `id${sequence}`, 1);
  expect(result.orders.length).toBe(Math.min(count, LIMITS.maxOrdersInReport));
  const told = result.orders.reduce((sum, order) => sum.plus(order.totals.filledBase), ZERO);
  expect(toDecimalString(told)).toBe(result.totals.filledBase);
});
