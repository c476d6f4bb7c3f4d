import type { PlacedOrder } from '../exchange/order-entry.js';
import { type UnitOfWork, transact } from '../exchange/unit-of-work.js';
import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { TakerStep } from '../matching/market.js';
import { type Order, type Side, type Trade, isOpen, sumBase } from '../matching/order.js';
import type { ContractTimeInForce } from './conditional-order.js';
import type { ContractMarket } from './contract-market.js';
import { checkMargin } from './contract-order-check.js';
import { checkContractAmount, checkContractNotional, checkContractPrice, checkFreeClientId } from './contract-order-rules.js';
import { ContractRejection } from './contract-rejection.js';
import { takeContractLiquidity } from './contract-taker.js';
import type { ContractTerms, PositionSide } from './contract.js';
import { summarize } from './margin.js';
import type { PerpetualAccount } from './perpetual-account.js';
import { type PerpetualExchange, onlyReduces } from './perpetual-exchange.js';
import { INSERT_TERMS } from './perpetual-tables.js';
import { closableBase } from './reduce-only.js';

/** A new order on a contract as a customer, or a conditional order, asks for it. */
export interface ContractOrderRequest {
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  /** null for a market order. */
  readonly priceQuote: Decimal | null;
  readonly timeInForce: ContractTimeInForce;
  readonly amountBase: Decimal;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly origin: 'customer' | 'conditional';
}

/**
 * Checks, accepts and matches an order; the answer is durable when this returns.
 * @throws ContractRejection when the order is refused; then nothing was changed.
 */
export function placeContractOrder(perpetuals: PerpetualExchange, request: ContractOrderRequest): PlacedOrder {
  const prepared = prepareContractOrder(perpetuals, request);
  return transact(perpetuals.state, (work) => {
    const placed = admitContractOrder(perpetuals, work, prepared);
    prepared.market.pair.contract?.moved(work);
    return placed;
  });
}

export interface PreparedOrder {
  readonly request: ContractOrderRequest;
  readonly market: ContractMarket;
  readonly terms: ContractTerms;
  /** What was asked for, or what is left to close of the position if that is less. */
  readonly amountBase: Decimal;
}

/** Every check there is; changes nothing. @throws ContractRejection */
export function prepareContractOrder(perpetuals: PerpetualExchange, request: ContractOrderRequest): PreparedOrder {
  const market = perpetuals.market(request.symbol);
  const account = perpetuals.account(request.account);
  checkPositionSide(account, request);
  checkRules(perpetuals, market, request);
  const { account: name, symbol, side, positionSide, reduceOnly, closePosition, origin } = request;
  checkFreeClientId(perpetuals.state, name, symbol, request.clientOrderId);
  const terms: ContractTerms = { positionSide, reduceOnly, closePosition, origin };
  const isReducing = onlyReduces({ side, contract: terms });
  const amountBase = isReducing ? reducingAmount(account, request) : request.amountBase;
  const plan = planOf(market, request, amountBase);
  if (request.timeInForce === 'GTX' && plan.length > 0) throw new ContractRejection('would_take');
  const isManual = market.pair.matching.mode === 'manual';
  if (request.timeInForce === 'FOK' && !isManual && sumBase(plan).lt(amountBase)) throw new ContractRejection('not_fillable');
  if (!isReducing) checkFunds(perpetuals, market, account, request, plan);
  return { request, market, terms, amountBase };
}

/** Accepts a prepared order inside a unit of work, matches it and leaves the rest on the book or ends it. */
export function admitContractOrder(perpetuals: PerpetualExchange, work: UnitOfWork, prepared: PreparedOrder): PlacedOrder {
  const { state } = perpetuals;
  const { market, request } = prepared;
  const { pair } = market;
  const order = createOrder(state.nextOrderId, work.timeMs, prepared);
  state.nextOrderId += 1;
  writeTerms(work, order);
  work.accepted(order);
  const isManual = pair.matching.mode === 'manual';
  const trades: Trade[] = isManual ? [] : takeContractLiquidity(state, work, pair, order);
  if (isOpen(order)) {
    const mayRest = isManual || (request.priceQuote !== null && order.timeInForce === 'GTC');
    if (mayRest) {
      state.admit(pair, order);
      work.touch(order);
      work.bookChanged(order.symbol);
    } else {
      order.state = 'expired';
      work.ended(order, 'expired');
      pair.contract?.closed(work, order);
    }
  }
  return { order: { ...order }, trades };
}

export function writeTerms(work: UnitOfWork, order: Order): void {
  const { contract } = order;
  if (contract === undefined) return;
  const flags = [contract.reduceOnly ? 1 : 0, contract.closePosition ? 1 : 0];
  work.row(INSERT_TERMS, [order.orderId, contract.positionSide, ...flags, contract.origin]);
}

export function checkPositionSide(account: PerpetualAccount, request: { positionSide: PositionSide; reduceOnly: boolean }): void {
  if (account.hedged !== (request.positionSide !== 'both')) throw new ContractRejection('position_side_mismatch');
  if (account.hedged && request.reduceOnly) throw new ContractRejection('reduce_only_in_hedge_mode');
}

function checkRules(perpetuals: PerpetualExchange, market: ContractMarket, request: ContractOrderRequest): void {
  const { state } = perpetuals;
  const { instrument } = market.pair;
  const { priceQuote, amountBase, account, symbol } = request;
  if (priceQuote !== null) checkContractPrice(instrument, priceQuote);
  checkContractAmount(instrument, amountBase, priceQuote === null);
  const reference = priceQuote ?? perpetuals.markPrice(market);
  const isReducing = onlyReduces({ side: request.side, contract: { ...request, origin: 'customer' } });
  if (reference !== undefined && !isReducing) checkContractNotional(instrument, amountBase.times(reference));
  if (state.openOrders.count(account, symbol) >= instrument.maxOpenOrders) throw new ContractRejection('max_open_orders');
}

/** An order that may only reduce is cut to what there is to reduce. @throws ContractRejection reduce_only_rejected */
function reducingAmount(account: PerpetualAccount, request: ContractOrderRequest): Decimal {
  const closable = closableBase(account, request.symbol, request.positionSide, request.side);
  // In hedge mode Binance refuses a close beyond the position; in one-way mode it closes what there is.
  const isBeyond = account.hedged && request.amountBase.gt(closable) && !request.closePosition;
  if (closable.isZero() || isBeyond) throw new ContractRejection('reduce_only_rejected');
  return Decimal.min(request.amountBase, closable);
}

function planOf(market: ContractMarket, request: ContractOrderRequest, amountBase: Decimal): readonly TakerStep[] {
  if (market.pair.matching.mode === 'manual') return [];
  return market.pair.market.planTaker(request.side, request.priceQuote, { unit: 'base', amountBase });
}

function checkFunds(
  perpetuals: PerpetualExchange,
  market: ContractMarket,
  account: PerpetualAccount,
  request: ContractOrderRequest,
  plan: readonly TakerStep[],
): void {
  const { settleAsset } = market.contract;
  const { side, positionSide, amountBase } = request;
  const priceQuote = worstPrice(perpetuals, market, request, plan);
  const feeQuote = priceQuote.times(amountBase).times(perpetuals.fees.takerRate);
  const exposures = perpetuals.exposures(account, settleAsset, true);
  const own = perpetuals.exposure(account, market, perpetuals.state.openOrders.of(account.name, request.symbol));
  // Without position or order there is no mark of its own yet: the order's price values it.
  const exposure = { ...own, markQuote: perpetuals.markOr(market, priceQuote) };
  const summary = summarize(account.wallet(settleAsset), exposures);
  const verdict = checkMargin(summary, exposure, { side, positionSide, priceQuote, amountBase, feeQuote });
  if (verdict !== 'accepted') throw new ContractRejection(verdict);
}

/** Limit price; for a market order the price of the last level it would take, else the best one it would meet. */
function worstPrice(
  perpetuals: PerpetualExchange,
  market: ContractMarket,
  request: ContractOrderRequest,
  plan: readonly TakerStep[],
): Decimal {
  if (request.priceQuote !== null) return request.priceQuote;
  const { bid, ask } = perpetuals.state.bestPrices(market.pair);
  const best = request.side === 'buy' ? ask : bid;
  return plan.at(-1)?.priceQuote ?? best?.priceQuote ?? perpetuals.markPrice(market) ?? ZERO;
}

function createOrder(orderId: number, nowMs: number, { request, market, terms, amountBase }: PreparedOrder): Order {
  const { account, symbol, clientOrderId, side, priceQuote, timeInForce } = request;
  return {
    orderId,
    account,
    symbol,
    clientOrderId,
    side,
    type: priceQuote === null ? 'market' : timeInForce === 'GTX' ? 'limit_maker' : 'limit',
    timeInForce: timeInForce === 'GTX' ? 'GTC' : timeInForce,
    priceQuote,
    stopPriceQuote: null,
    triggeredMs: null,
    amountBase,
    requestedQuote: null,
    filledBase: ZERO,
    filledQuote: ZERO,
    state: 'new',
    // Margin is worked out from what is open; nothing is locked order by order.
    lockedAsset: market.contract.settleAsset,
    locked: ZERO,
    queueAheadBase: ZERO,
    createdMs: nowMs,
    updatedMs: nowMs,
    contract: terms,
  };
}
