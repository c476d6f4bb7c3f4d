import type { AuditedMarket, LedgerTrade } from './audit-input.js';
import { exact, NOTHING, sumOf, type Exact } from './exact.js';

/** Sums over trades of the exchange, fees valued at the price of their own trade. */
export interface Executed {
  readonly base: Exact;
  readonly quote: Exact;
  readonly feesBase: Exact;
  /** Null when a fee was paid in a third asset: the ledger does not tell its value. */
  readonly feesQuote: Exact | null;
  readonly feesByAsset: ReadonlyMap<string, Exact>;
  readonly count: number;
}

export function executed(trades: readonly LedgerTrade[], market: Pick<AuditedMarket, 'base' | 'quote'>): Executed {
  const feesByAsset = new Map<string, Exact>();
  for (const trade of trades) feesByAsset.set(trade.feeAsset, (feesByAsset.get(trade.feeAsset) ?? NOTHING).plus(exact(trade.feeAmount)));
  const foreignFee = [...feesByAsset].some(([asset, amount]) => asset !== market.base && asset !== market.quote && !amount.isZero());
  return {
    base: sumOf(trades, (trade) => exact(trade.amountBase)),
    quote: sumOf(trades, quoteOf),
    feesBase: feesByAsset.get(market.base) ?? NOTHING,
    feesQuote: foreignFee ? null : sumOf(trades, (trade) => (trade.feeAsset === market.base ? exact(trade.feeAmount).times(exact(trade.priceQuote)) : exact(trade.feeAmount))),
    feesByAsset,
    count: trades.length,
  };
}

export function quoteOf(trade: LedgerTrade): Exact {
  return exact(trade.amountBase).times(exact(trade.priceQuote));
}
