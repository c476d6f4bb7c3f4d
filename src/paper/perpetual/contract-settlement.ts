import type { Fill } from '../exchange/execution.js';
import type { UnitOfWork } from '../exchange/unit-of-work.js';
import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { Fee } from '../matching/fees.js';
import type { Order } from '../matching/order.js';
import type { ContractMarket } from './contract-market.js';
import type { ContractTerms, ContractTradeDetails } from './contract.js';
import { isolatedAfterFill } from './isolated-margin.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { INSERT_TRADE_DETAILS } from './perpetual-tables.js';
import { applyFill } from './position.js';

const COMMISSION_DECIMALS = 8;

export function termsOf(order: Pick<Order, 'orderId' | 'contract'>): ContractTerms {
  if (order.contract === undefined) throw new Error(`order ${order.orderId} is on a contract without contract terms`);
  return order.contract;
}

/** Moves position and wallet for one fill: realised profit first, then the commission, both in the settle asset. */
export function settleContractFill(
  perpetuals: PerpetualExchange,
  market: ContractMarket,
  work: UnitOfWork,
  fill: Fill,
): { readonly fee: Fee; readonly details: ContractTradeDetails } {
  const { order, priceQuote, amountBase, tradeId } = fill;
  const { symbol, settleAsset } = market.contract;
  const { positionSide } = termsOf(order);
  const account = perpetuals.account(order.account);
  const before = account.position(symbol, positionSide);
  const change = applyFill(before, order.side === 'buy' ? amountBase : amountBase.neg(), priceQuote, work.timeMs);
  const { leverage, marginMode } = perpetuals.leverageOf(account, symbol);
  const isolatedQuote = marginMode === 'isolated' ? isolatedAfterFill(before, change, priceQuote, leverage) : ZERO;
  perpetuals.savePosition(work, { ...change.position, isolatedQuote });
  const fee = fill.fee ?? contractFee(perpetuals, market, fill);
  const common = { account: order.account, symbol, tradeId };
  perpetuals.book(work, { ...common, type: 'REALIZED_PNL', amount: change.realizedQuote, asset: settleAsset });
  perpetuals.book(work, { ...common, type: 'COMMISSION', amount: fee.amount.neg(), asset: fee.asset });
  advance(order, fill, work.timeMs);
  const { realizedQuote } = change;
  work.row(INSERT_TRADE_DETAILS, [symbol, tradeId, order.orderId, positionSide, realizedQuote.toFixed()]);
  perpetuals.tellAccount(work, order.account, 'ORDER', settleAsset, [{ symbol, positionSide }]);
  return { fee, details: { positionSide, realizedQuote } };
}

function contractFee(perpetuals: PerpetualExchange, market: ContractMarket, fill: Fill): Fee {
  const { makerRate, takerRate } = perpetuals.fees;
  const rate = fill.role === 'maker' ? makerRate : takerRate;
  const amount = fill.priceQuote.times(fill.amountBase).times(rate).toDecimalPlaces(COMMISSION_DECIMALS, Decimal.ROUND_DOWN);
  return { asset: market.contract.settleAsset, amount };
}

function advance(order: Order, fill: Fill, timeMs: number): void {
  order.filledBase = order.filledBase.plus(fill.amountBase);
  order.filledQuote = order.filledQuote.plus(fill.amountBase.times(fill.priceQuote));
  order.updatedMs = timeMs;
  order.state = order.filledBase.gte(order.amountBase) ? 'filled' : 'partially_filled';
}
