import { Decimal, floorToStep } from '../matching/exact-decimal.js';
import type { TakerStep } from '../matching/market.js';
import { type Order, isOpen, remainingBase, takesAnyPrice } from '../matching/order.js';
import type { ExchangeState, Pair } from './exchange-state.js';
import { lastPrice } from './last-price.js';
import { closeOrder } from './order-cancel.js';
import { take } from './take-liquidity.js';
import type { UnitOfWork } from './unit-of-work.js';

/**
 * Sends every stop order to the market whose price was reached since the last call. What they trade may reach further
 * stops; each order is taken out once, so this ends.
 */
export function triggerStops(state: ExchangeState, work: UnitOfWork, pair: Pair): void {
  for (let order = nextTriggered(state, pair); order !== undefined; order = nextTriggered(state, pair)) {
    activate(state, work, pair, order);
  }
  pair.contract?.moved(work);
}

/** Each trade may leave the book around another last price, which counts like the price of the trade itself. */
function nextTriggered(state: ExchangeState, pair: Pair): Order | undefined {
  const last = lastPrice(state, pair);
  if (last !== undefined) pair.stops.observe(last);
  return pair.stops.takeTriggered();
}

function activate(state: ExchangeState, work: UnitOfWork, pair: Pair, order: Order): void {
  order.triggeredMs = work.timeMs;
  order.updatedMs = work.timeMs;
  work.triggered(order);
  if (pair.matching.mode === 'manual') return;
  const budget = { unit: 'base', amountBase: remainingBase(order) } as const;
  const plan = pair.market.planTaker(order.side, order.priceQuote, budget);
  take(state, work, pair, order, affordable(state, pair, order, plan));
  if (!isOpen(order)) return;
  if (takesAnyPrice(order.type) || order.timeInForce !== 'GTC') {
    closeOrder(state, work, order, 'expired');
    work.ended(order, 'expired');
    return;
  }
  pair.market.rest(order);
  work.touch(order);
  work.bookChanged(order.symbol);
}

/** A buy at any price locked its stop price only: what costs more than the account has left is not bought. */
function affordable(state: ExchangeState, pair: Pair, order: Order, plan: readonly TakerStep[]): readonly TakerStep[] {
  if (order.side === 'sell' || order.priceQuote !== null) return plan;
  let leftQuote = state.balances.of(order.account, order.lockedAsset).free.plus(order.locked);
  const steps: TakerStep[] = [];
  for (const step of plan) {
    const most = floorToStep(leftQuote.div(step.priceQuote), pair.instrument.amountStepBase);
    const amountBase = Decimal.min(step.amountBase, most);
    if (amountBase.lte(0)) break;
    steps.push({ ...step, amountBase });
    leftQuote = leftQuote.minus(amountBase.times(step.priceQuote));
    if (amountBase.lt(step.amountBase)) break;
  }
  return steps;
}
