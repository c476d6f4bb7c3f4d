import type { Balances } from './balances.js';
import { Decimal, ZERO } from './exact-decimal.js';
import type { Fee } from './fees.js';
import type { Instrument } from './instrument.js';
import { type Order, remainingBase } from './order.js';

export interface Execution {
  readonly order: Order;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  readonly fee: Fee;
  readonly timeMs: number;
}

/** Asset and amount an order must lock: quote for a buy at its limit (without one, at its stop price), base for a sell. */
export function lockFor(instrument: Instrument, order: Order): { asset: string; amount: Decimal } {
  if (order.side === 'sell') return { asset: instrument.baseAsset, amount: remainingBase(order) };
  const priceQuote = order.priceQuote ?? order.stopPriceQuote;
  const amount = priceQuote === null ? ZERO : priceQuote.times(remainingBase(order));
  return { asset: instrument.quoteAsset, amount };
}

/** Moves the money of one fill and advances the order. What the fill frees of the lock goes back to free first. */
export function settle(balances: Balances, instrument: Instrument, execution: Execution): void {
  const { order, priceQuote, amountBase, fee } = execution;
  const amountQuote = priceQuote.times(amountBase);
  const isBuy = order.side === 'buy';
  release(balances, order, releasedBy(order, amountBase, amountQuote));
  balances.credit(order.account, isBuy ? instrument.baseAsset : instrument.quoteAsset, isBuy ? amountBase : amountQuote);
  balances.debit(order.account, isBuy ? instrument.quoteAsset : instrument.baseAsset, isBuy ? amountQuote : amountBase);
  if (fee.amount.gt(0)) balances.debit(order.account, fee.asset, fee.amount);
  order.filledBase = order.filledBase.plus(amountBase);
  order.filledQuote = order.filledQuote.plus(amountQuote);
  order.updatedMs = execution.timeMs;
  // A market order by quote amount has no base amount until the exchange knows it will be filled completely.
  const isComplete = order.amountBase.gt(0) && order.filledBase.gte(order.amountBase);
  order.state = isComplete ? 'filled' : 'partially_filled';
  if (order.state === 'filled') releaseAll(balances, order);
}

/** Whether the money for a fill is there, whatever price and fee somebody laid down for it. Pure. */
export function canSettle(balances: Balances, instrument: Instrument, execution: Execution): boolean {
  const { order, priceQuote, amountBase, fee } = execution;
  const amountQuote = priceQuote.times(amountBase);
  const [received, paid] = order.side === 'buy' ? [amountBase, amountQuote] : [amountQuote, amountBase];
  const { baseAsset, quoteAsset } = instrument;
  const [receivedAsset, paidAsset] = order.side === 'buy' ? [baseAsset, quoteAsset] : [quoteAsset, baseAsset];
  const freeAfter = (asset: string): Decimal => {
    let free = balances.of(order.account, asset).free;
    if (asset === order.lockedAsset) free = free.plus(releasedBy(order, amountBase, amountQuote));
    if (asset === receivedAsset) free = free.plus(received);
    if (asset === paidAsset) free = free.minus(paid);
    return asset === fee.asset ? free.minus(fee.amount) : free;
  };
  return [paidAsset, fee.asset].every((asset) => freeAfter(asset).gte(0));
}

/** Gives back whatever is still locked, at the end of an order. */
export function releaseAll(balances: Balances, order: Order): void {
  release(balances, order, order.locked);
}

function releasedBy(order: Order, amountBase: Decimal, amountQuote: Decimal): Decimal {
  if (order.side === 'sell') return Decimal.min(order.locked, amountBase);
  const atLimit = order.priceQuote === null ? amountQuote : order.priceQuote.times(amountBase);
  return Decimal.min(order.locked, atLimit);
}

function release(balances: Balances, order: Order, amount: Decimal): void {
  if (amount.lte(0)) return;
  balances.unlock(order.account, order.lockedAsset, amount);
  order.locked = order.locked.minus(amount);
}
