import type { ExchangeState, Pair } from '../exchange/exchange-state.js';
import { announce, execute } from '../exchange/execution.js';
import type { UnitOfWork } from '../exchange/unit-of-work.js';
import { type Order, type Trade, isOpen, opposite, remainingBase } from '../matching/order.js';

/** A taker walks so many levels and orders at most; what is left after them is not filled. */
const MAX_STEPS = 10_000;

/**
 * Takes what the order can get now. Planned anew after every step: a fill can make other orders smaller, those that
 * only reduce the position it changed.
 */
export function takeContractLiquidity(state: ExchangeState, work: UnitOfWork, pair: Pair, order: Order): Trade[] {
  const trades: Trade[] = [];
  for (let count = 0; count < MAX_STEPS && isOpen(order); count += 1) {
    const budget = { unit: 'base', amountBase: remainingBase(order) } as const;
    const [step] = pair.market.planTaker(order.side, order.priceQuote, budget);
    if (step === undefined) break;
    const tradeId = pair.tradeIds.take();
    const { priceQuote, amountBase, maker } = step;
    const used = pair.market.consume(order.side, step);
    if (used !== undefined) work.usedUp(order.symbol, opposite(order.side), used);
    const trade = execute(state, work, pair, { order, role: 'taker', priceQuote, amountBase, tradeId });
    if (maker !== undefined) execute(state, work, pair, { order: maker, role: 'maker', priceQuote, amountBase, tradeId });
    announce(work, pair, trade);
    trades.push(trade);
  }
  return trades;
}
