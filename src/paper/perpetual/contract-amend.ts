import { cancel } from '../exchange/order-cancel.js';
import { type UnitOfWork, transact } from '../exchange/unit-of-work.js';
import { Decimal } from '../matching/exact-decimal.js';
import { type Order, type Side, isOpen, remainingBase } from '../matching/order.js';
import type { ContractMarket } from './contract-market.js';
import { checkMargin } from './contract-order-check.js';
import { checkContractAmount, checkContractNotional, checkContractPrice } from './contract-order-rules.js';
import { ContractRejection } from './contract-rejection.js';
import { takeContractLiquidity } from './contract-taker.js';
import { termsOf } from './contract-settlement.js';
import { summarize } from './margin.js';
import { type PerpetualExchange, onlyReduces } from './perpetual-exchange.js';
import { closableBase } from './reduce-only.js';

export interface AmendRequest {
  readonly account: string;
  readonly symbol: string;
  readonly orderId: number | undefined;
  readonly clientOrderId: string | undefined;
  readonly side: Side;
  readonly priceQuote: Decimal;
  /** New amount of the whole order, what is filled already included. */
  readonly amountBase: Decimal;
}

/**
 * Changes price and amount of an open limit order, which keeps its ids. A lower amount alone keeps the place in the
 * queue; a new price or more amount goes to the end of it, and trades at once where the price now crosses. An amount
 * that is filled already, and a post-only order that would take, end the order, as on Binance.
 *
 * @throws ContractRejection when it is refused; then the order stays as it was.
 */
export function amendContractOrder(perpetuals: PerpetualExchange, request: AmendRequest): Readonly<Order> {
  const market = perpetuals.market(request.symbol);
  const order = findOpen(perpetuals, request);
  if (order === undefined) throw new ContractRejection('order_not_found');
  const { priceQuote, side } = request;
  if (order.priceQuote === null || order.side !== side) throw new ContractRejection('not_modifiable');
  const { instrument } = market.pair;
  checkContractPrice(instrument, priceQuote);
  checkContractAmount(instrument, request.amountBase, false);
  if (order.priceQuote.eq(priceQuote) && order.amountBase.eq(request.amountBase)) throw new ContractRejection('nothing_to_modify');
  const amountBase = fittingAmount(perpetuals, order, request);
  if (!onlyReduces(order)) {
    checkContractNotional(instrument, amountBase.times(priceQuote));
    checkFunds(perpetuals, market, order, priceQuote, amountBase);
  }
  return transact(perpetuals.state, (work) => {
    apply(perpetuals, work, market, order, priceQuote, amountBase);
    market.pair.contract?.moved(work);
    return { ...order };
  });
}

function findOpen({ state }: PerpetualExchange, request: AmendRequest): Order | undefined {
  const { account, symbol, orderId, clientOrderId } = request;
  const order =
    orderId === undefined
      ? state.openOrders.byClientOrderId(account, symbol, clientOrderId ?? '')
      : state.openOrders.byOrderId(orderId);
  if (order === undefined || order.account !== account || order.symbol !== symbol || !isOpen(order)) return undefined;
  return clientOrderId === undefined || order.clientOrderId === clientOrderId ? order : undefined;
}

/** An order that only reduces never grows beyond what there is to reduce. */
function fittingAmount(perpetuals: PerpetualExchange, order: Order, request: AmendRequest): Decimal {
  if (!onlyReduces(order)) return request.amountBase;
  const closable = closableBase(perpetuals.account(order.account), order.symbol, termsOf(order).positionSide, order.side);
  return Decimal.min(request.amountBase, order.filledBase.plus(closable));
}

function checkFunds(perpetuals: PerpetualExchange, market: ContractMarket, order: Order, priceQuote: Decimal, amountBase: Decimal): void {
  const { settleAsset } = market.contract;
  const account = perpetuals.account(order.account);
  const left = amountBase.minus(order.filledBase);
  if (left.lte(0)) return;
  const others = perpetuals.state.openOrders.of(order.account, order.symbol).filter((other) => other !== order);
  const exposure = { ...perpetuals.exposure(account, market, others), markQuote: perpetuals.markOr(market, priceQuote) };
  const rest = perpetuals.exposures(account, settleAsset, true).filter(({ symbol }) => symbol !== order.symbol);
  const summary = summarize(account.wallet(settleAsset), [...rest, exposure]);
  const feeQuote = priceQuote.times(left).times(perpetuals.fees.takerRate);
  const { positionSide } = termsOf(order);
  const verdict = checkMargin(summary, exposure, { side: order.side, positionSide, priceQuote, amountBase: left, feeQuote });
  if (verdict !== 'accepted') throw new ContractRejection(verdict);
}

function apply(
  perpetuals: PerpetualExchange,
  work: UnitOfWork,
  market: ContractMarket,
  order: Order,
  priceQuote: Decimal,
  amountBase: Decimal,
): void {
  const { state } = perpetuals;
  const { pair } = market;
  if (amountBase.lte(order.filledBase)) {
    cancel(state, work, order, order.clientOrderId);
    return;
  }
  const isManual = pair.matching.mode === 'manual';
  const losesPlace = !order.priceQuote?.eq(priceQuote) || amountBase.gt(order.amountBase);
  if (losesPlace && !isManual) pair.market.remove(order);
  order.priceQuote = priceQuote;
  order.amountBase = amountBase;
  order.updatedMs = work.timeMs;
  if (!losesPlace || isManual) {
    work.amended(order);
    pair.market.noteChange(order.side, priceQuote);
    work.bookChanged(order.symbol);
    return;
  }
  const budget = { unit: 'base', amountBase: remainingBase(order) } as const;
  const wouldTake = pair.market.planTaker(order.side, priceQuote, budget).length > 0;
  if (order.type === 'limit_maker' && wouldTake) {
    cancel(state, work, order, order.clientOrderId);
    return;
  }
  work.amended(order);
  takeContractLiquidity(state, work, pair, order);
  if (isOpen(order)) {
    pair.market.rest(order);
    work.touch(order);
  }
  work.bookChanged(order.symbol);
}
