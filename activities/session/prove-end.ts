import { decimal, ZERO, type Decimal } from '../../src/domain/money.js';
import type { Failure } from '../../src/domain/session/session-events.js';
import type { ExchangeOrder, ExchangePort, ExchangeTrade } from '../../src/ports/exchange.js';

/** An order the exchange once told of and does not know any more. */
export interface ForgottenOrder {
  readonly pair: string;
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly side: 'BUY' | 'SELL';
  readonly amountBase: Decimal;
  readonly priceQuote: Decimal | null;
}

export type Proof =
  | { readonly kind: 'ended'; readonly trades: readonly ExchangeTrade[] }
  | { readonly kind: 'open'; readonly order: ExchangeOrder }
  | { readonly kind: 'doubtful'; readonly failure: Failure };

/**
 * Whether a forgotten order is over, and what it traded. Exchanges forget unfilled orders after hours or days, so that
 * "not found" says nothing; what it traded and what it would lock are kept for good. Throws what the reads throw.
 */
export async function proveEnd(exchange: ExchangePort, order: ForgottenOrder): Promise<Proof> {
  const open = await exchange.openOrders(null);
  const listed = open.find((candidate) => candidate.clientOrderId === order.clientOrderId);
  if (listed !== undefined) return { kind: 'open', order: listed };
  const trades = await exchange.tradesOf(order.pair, order.exchangeOrderId);
  const traded = trades.reduce((sum, trade) => sum.plus(trade.amountBase), ZERO);
  const rest = { side: order.side, amountBase: order.amountBase.minus(traded), priceQuote: order.priceQuote };
  // Margin is not locked by asset and order; the list and the trades have to do there.
  if (exchange.derivatives === null && (await isStillLocked(exchange, order.pair, rest, open))) {
    return { kind: 'doubtful', failure: { code: 'CONTRADICTION', message: `the exchange does not know order ${order.clientOrderId}, yet holds back what it would lock`, retryAfterMs: null } };
  }
  return { kind: 'ended', trades };
}

interface Rest {
  readonly side: 'BUY' | 'SELL';
  readonly amountBase: Decimal;
  readonly priceQuote: Decimal | null;
}

/** More of the asset is held back than the listed orders explain, by at least what this one would lock. */
async function isStillLocked(exchange: ExchangePort, pair: string, rest: Rest, open: readonly ExchangeOrder[]): Promise<boolean> {
  const asset = lockedAsset(pair, rest.side);
  const needed = lockedBy(rest);
  if (needed === null || needed.isZero()) return false;
  const balance = (await exchange.balances())[asset];
  if (balance === undefined) return false;
  let unexplained = decimal(balance.total).minus(balance.free);
  for (const order of open) {
    if (lockedAsset(order.pair, order.side) !== asset) continue;
    const lock = lockedBy({ side: order.side, amountBase: decimal(order.amountBase).minus(order.executedBase), priceQuote: order.priceQuote === null ? null : decimal(order.priceQuote) });
    unexplained = unexplained.minus(lock ?? ZERO);
  }
  return unexplained.greaterThanOrEqualTo(needed);
}

function lockedAsset(pair: string, side: 'BUY' | 'SELL'): string {
  const [base = '', quote = ''] = pair.split('-');
  return side === 'SELL' ? base : quote;
}

/** Null when it cannot be told: a buy without a price. */
function lockedBy({ side, amountBase, priceQuote }: Rest): Decimal | null {
  if (side === 'SELL') return amountBase;
  return priceQuote === null ? null : amountBase.times(priceQuote);
}
