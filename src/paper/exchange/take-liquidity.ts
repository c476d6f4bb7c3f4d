import { type Decimal, ZERO } from '../matching/exact-decimal.js';
import type { TakerStep } from '../matching/market.js';
import { type Order, type Trade, opposite, sumBase } from '../matching/order.js';
import type { ExchangeState, Pair } from './exchange-state.js';
import { announce, execute } from './execution.js';
import type { UnitOfWork } from './unit-of-work.js';

export function costOf(plan: readonly TakerStep[]): Decimal {
  return plan.reduce((total, step) => total.plus(step.amountBase.times(step.priceQuote)), ZERO);
}

/** Carries a taker's plan out. Fill-or-kill takes all or nothing. */
export function take(state: ExchangeState, work: UnitOfWork, pair: Pair, order: Order, plan: readonly TakerStep[]): Trade[] {
  if (order.timeInForce === 'FOK' && sumBase(plan).lt(order.amountBase)) return [];
  return plan.map((step) => {
    const tradeId = pair.tradeIds.take();
    const { priceQuote, amountBase, maker } = step;
    const used = pair.market.consume(order.side, step);
    if (used !== undefined) work.usedUp(order.symbol, opposite(order.side), used);
    const trade = execute(state, work, pair, { order, role: 'taker', priceQuote, amountBase, tradeId });
    if (maker !== undefined) execute(state, work, pair, { order: maker, role: 'maker', priceQuote, amountBase, tradeId });
    announce(work, pair, trade);
    return trade;
  });
}
