import type { Decimal } from '../matching/exact-decimal.js';
import { type Fee, rateOf, receivedFee, thirdAssetFee } from '../matching/fees.js';
import type { Instrument } from '../matching/instrument.js';
import type { LiquidityRole, Order, Trade } from '../matching/order.js';
import { settle } from '../matching/settlement.js';
import type { ExchangeState, Pair } from './exchange-state.js';
import type { UnitOfWork } from './unit-of-work.js';

export interface Fill {
  readonly order: Order;
  readonly role: LiquidityRole;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  readonly tradeId: number;
  /** Fee laid down by a manual fill; otherwise the account's schedule decides. */
  readonly fee?: Fee;
}

/** Settles one side of a trade, writes it down and takes the order off the book when it is complete. */
export function execute(state: ExchangeState, work: UnitOfWork, pair: Pair, fill: Fill): Trade {
  const { order, role, priceQuote, amountBase } = fill;
  const settled = pair.contract?.settle(work, fill);
  const fee = settled?.fee ?? settleSpot(state, work, pair, fill);
  const trade: Trade = {
    tradeId: fill.tradeId,
    orderId: order.orderId,
    account: order.account,
    symbol: order.symbol,
    clientOrderId: order.clientOrderId,
    side: order.side,
    role,
    priceQuote,
    amountBase,
    amountQuote: priceQuote.times(amountBase),
    feeAsset: fee.asset,
    feeAmount: fee.amount,
    timeMs: work.timeMs,
    ...(settled === undefined ? {} : { contract: settled.details }),
  };
  work.traded(order, trade);
  if (order.state === 'filled') state.withdraw(pair, order);
  else if (order.priceQuote !== null) pair.market.noteChange(order.side, order.priceQuote);
  pair.contract?.filled(work, order);
  return trade;
}

function settleSpot(state: ExchangeState, work: UnitOfWork, pair: Pair, fill: Fill): Fee {
  const { order, priceQuote, amountBase } = fill;
  const fee = fill.fee ?? feeFor(state, pair.instrument, fill);
  settle(state.balances, pair.instrument, { order, priceQuote, amountBase, fee, timeMs: work.timeMs });
  return fee;
}

/** Tells the market about a trade: once, however many of its sides are customers of this exchange. */
export function announce(work: UnitOfWork, pair: Pair, trade: Trade): void {
  const buyerIsMaker = (trade.side === 'buy') === (trade.role === 'maker');
  const { tradeId, symbol, priceQuote, amountBase, timeMs } = trade;
  pair.history.observe(priceQuote, amountBase, timeMs);
  pair.stops.observe(priceQuote);
  pair.contract?.observe(priceQuote);
  work.printed({ symbol, tradeId, priceQuote, amountBase, buyerIsMaker, timeMs });
  work.bookChanged(symbol);
}

/** Fee of a fill by the account's schedule. */
export function feeFor(
  state: ExchangeState,
  instrument: Instrument,
  fill: Pick<Fill, 'order' | 'role' | 'priceQuote' | 'amountBase'>,
): Fee {
  const { order, priceQuote, amountBase } = fill;
  const schedule = state.feesOf(order.account);
  const rate = rateOf(schedule, fill.role);
  const amountQuote = priceQuote.times(amountBase);
  const { baseAsset, quoteAsset } = instrument;
  // An asset that is itself traded here cannot also pay: a sell of all of it would leave nothing for the fee.
  if (schedule.feeAsset !== 'received' && schedule.feeAsset !== baseAsset && schedule.feeAsset !== quoteAsset) {
    const price = priceIn(state, schedule.feeAsset, quoteAsset);
    if (price !== undefined) {
      const fee = thirdAssetFee(rate, schedule.feeAsset, amountQuote, price);
      // Binance takes the fee from the received asset when the third asset does not suffice.
      if (state.balances.of(order.account, fee.asset).free.gte(fee.amount)) return fee;
    }
  }
  return order.side === 'buy'
    ? receivedFee(rate, baseAsset, amountBase)
    : receivedFee(rate, quoteAsset, amountQuote);
}

/** Middle price of an asset in a quote asset, when the exchange has a pair for it that shows both sides. */
function priceIn(state: ExchangeState, asset: string, quoteAsset: string): Decimal | undefined {
  for (const pair of state.pairs.values()) {
    if (pair.instrument.baseAsset !== asset || pair.instrument.quoteAsset !== quoteAsset) continue;
    const { bid, ask } = state.bestPrices(pair);
    if (bid !== undefined && ask !== undefined) return bid.priceQuote.plus(ask.priceQuote).div(2);
  }
  return undefined;
}
