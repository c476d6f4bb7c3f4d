import { type Decimal, ZERO, floorToStep } from '../matching/exact-decimal.js';
import {
  type Instrument,
  type RuleViolation,
  checkAmount,
  checkMarketAmount,
  checkNotional,
  checkPrice,
} from '../matching/instrument.js';
import type { TakerBudget, TakerStep } from '../matching/market.js';
import {
  type Order,
  type OrderType,
  type Side,
  type TimeInForce,
  type Trade,
  reachesStop,
  sumBase,
  takesAnyPrice,
} from '../matching/order.js';
import { lockFor, releaseAll } from '../matching/settlement.js';
import type { ExchangeState, Pair } from './exchange-state.js';
import { lastPrice } from './last-price.js';
import { Rejection } from './rejection.js';
import { triggerStops } from './stop-trigger.js';
import { costOf, take } from './take-liquidity.js';
import { type UnitOfWork, transact } from './unit-of-work.js';

/** A new order as a customer asks for it. A market order has exactly one of the two amounts. */
export interface OrderRequest {
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly priceQuote: Decimal | null;
  /** Given for stop orders and no others. */
  readonly stopPriceQuote: Decimal | null;
  readonly amountBase: Decimal | null;
  readonly amountQuote: Decimal | null;
}

export interface PlacedOrder {
  readonly order: Readonly<Order>;
  readonly trades: readonly Trade[];
}

/**
 * Checks, accepts and matches an order; the answer is durable when this returns.
 * @throws Rejection when the order is refused; then nothing was changed.
 */
export function placeOrder(state: ExchangeState, request: OrderRequest): PlacedOrder {
  const pair = state.pair(request.symbol);
  checkRules(state, pair, request);
  const { account, symbol, clientOrderId } = request;
  if (state.openOrders.byClientOrderId(account, symbol, clientOrderId) !== undefined) {
    throw new Rejection('duplicate_client_order_id');
  }
  checkStop(state, pair, request);
  const isManual = pair.matching.mode === 'manual';
  const isStop = request.stopPriceQuote !== null;
  const plan = isManual || isStop ? [] : pair.market.planTaker(request.side, request.priceQuote, budgetOf(pair, request));
  if (request.type === 'limit_maker' && plan.length > 0) throw new Rejection('would_match');
  const order = createOrder(state, pair.instrument, request);
  if (isQuoteSpentBy(plan, order, pair.instrument)) order.amountBase = sumBase(plan);
  checkFunds(state, pair, order, plan);
  return transact(state, (work) => {
    state.nextOrderId += 1;
    lock(state, pair, order);
    work.accepted(order);
    const trades = isManual || isStop ? [] : take(state, work, pair, order, plan);
    if (order.state === 'new' || order.state === 'partially_filled') leaveOrEnd(state, work, pair, order);
    const placed = { order: { ...order }, trades };
    triggerStops(state, work, pair);
    return placed;
  });
}

/** Rules of the pair that need no money and no other order. @throws Rejection */
export function checkRules(state: ExchangeState, pair: Pair, request: OrderRequest): void {
  const { instrument } = pair;
  const { priceQuote, stopPriceQuote, amountBase, amountQuote } = request;
  if (priceQuote !== null) refuse(checkPrice(instrument, priceQuote));
  if (stopPriceQuote !== null) refuse(checkPrice(instrument, stopPriceQuote));
  if (amountBase !== null) refuse(checkAmount(instrument, amountBase));
  if (amountBase !== null && takesAnyPrice(request.type)) refuse(checkMarketAmount(instrument, amountBase));
  if (amountQuote !== null) refuse(checkNotional(instrument, amountQuote));
  if (amountBase !== null) {
    // A market order has no price of its own: the best price it would meet values it.
    const best = request.side === 'buy' ? state.bestPrices(pair).ask : state.bestPrices(pair).bid;
    const reference = priceQuote ?? stopPriceQuote ?? best?.priceQuote ?? pair.history.lastPrintQuote;
    if (reference !== undefined) refuse(checkNotional(instrument, amountBase.times(reference)));
  }
  if (request.type !== 'market' && state.openOrders.count(request.account, request.symbol) >= instrument.maxOpenOrders) {
    throw new Rejection('max_open_orders');
  }
}

/** A stop order that the last price reaches already is refused. */
function checkStop(state: ExchangeState, pair: Pair, request: OrderRequest): void {
  const last = request.stopPriceQuote === null ? undefined : lastPrice(state, pair);
  if (request.stopPriceQuote === null || last === undefined) return;
  if (reachesStop(request, request.stopPriceQuote, last)) throw new Rejection('would_trigger');
}

function refuse(violation: RuleViolation | undefined): void {
  if (violation !== undefined) throw new Rejection(violation.rule);
}

function budgetOf(pair: Pair, request: OrderRequest): TakerBudget {
  if (request.amountBase !== null) return { unit: 'base', amountBase: request.amountBase };
  const amountQuote = request.amountQuote ?? ZERO;
  return { unit: 'quote', amountQuote, stepBase: pair.instrument.amountStepBase };
}

/** Whether a plan leaves so little of the quote amount that no further lot fits into it. */
function isQuoteSpentBy(plan: readonly TakerStep[], order: Order, instrument: Instrument): boolean {
  const last = plan.at(-1);
  if (order.requestedQuote === null || last === undefined) return false;
  const left = order.requestedQuote.minus(costOf(plan));
  return floorToStep(left.div(last.priceQuote), instrument.amountStepBase).isZero();
}

function createOrder(state: ExchangeState, instrument: Instrument, request: OrderRequest): Order {
  const nowMs = state.now();
  return {
    orderId: state.nextOrderId,
    account: request.account,
    symbol: request.symbol,
    clientOrderId: request.clientOrderId,
    side: request.side,
    type: request.type,
    timeInForce: request.timeInForce,
    priceQuote: request.priceQuote,
    stopPriceQuote: request.stopPriceQuote,
    triggeredMs: null,
    amountBase: request.amountBase ?? ZERO,
    requestedQuote: request.amountQuote,
    filledBase: ZERO,
    filledQuote: ZERO,
    state: 'new',
    lockedAsset: request.side === 'buy' ? instrument.quoteAsset : instrument.baseAsset,
    locked: ZERO,
    queueAheadBase: ZERO,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
}

function checkFunds(state: ExchangeState, pair: Pair, order: Order, plan: readonly TakerStep[]): void {
  const needed = fundsNeeded(state, pair, order, plan);
  if (state.balances.of(order.account, order.lockedAsset).free.lt(needed)) throw new Rejection('insufficient_balance');
}

/** What must be free: all of a sell, the limit (or stop) value of a limit (or stop) buy, the cost of a market buy. */
function fundsNeeded(state: ExchangeState, pair: Pair, order: Order, plan: readonly TakerStep[]): Decimal {
  if (order.requestedQuote !== null) return order.side === 'buy' ? order.requestedQuote : sumBase(plan);
  if (order.side === 'sell') return order.amountBase;
  if (order.priceQuote !== null || order.stopPriceQuote !== null) return lockFor(pair.instrument, order).amount;
  if (pair.matching.mode === 'automatic') return costOf(plan);
  return (state.bestPrices(pair).ask?.priceQuote ?? ZERO).times(order.amountBase);
}

function lock(state: ExchangeState, pair: Pair, order: Order): void {
  // In manual mode a market order stays open until the caller fills it, so it must hold its funds like any other.
  const isManual = pair.matching.mode === 'manual';
  if (order.type === 'market' && !isManual) return;
  const amount = order.type === 'market' ? fundsNeeded(state, pair, order, []) : lockFor(pair.instrument, order).amount;
  if (amount.lte(0)) return;
  state.balances.lock(order.account, order.lockedAsset, amount);
  order.locked = amount;
}

/** After matching: what is left rests, or ends because its time in force does not let it rest. */
function leaveOrEnd(state: ExchangeState, work: UnitOfWork, pair: Pair, order: Order): void {
  const waits = order.stopPriceQuote !== null;
  const mayRest = waits || pair.matching.mode === 'manual' || (order.type !== 'market' && order.timeInForce === 'GTC');
  if (mayRest) {
    state.admit(pair, order);
    work.touch(order);
    work.bookChanged(order.symbol);
    return;
  }
  releaseAll(state.balances, order);
  if (order.requestedQuote !== null) order.amountBase = order.filledBase;
  order.state = 'expired';
  work.ended(order, 'expired');
}
