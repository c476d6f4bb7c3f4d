import { Decimal } from 'decimal.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { rootPrefix } from '../../src/exchanges/client-order-id.js';
import type { PaperControlClient, TradeView } from '../../src/paper/control-client.js';

/** All that the legs of a grid traded, by the exchange. */
export async function gridTrades(paper: PaperControlClient, { executor_id: rootId, created_at_ms: createdAtMs }: Pick<ExecutorReport, 'executor_id' | 'created_at_ms'>): Promise<readonly TradeView[]> {
  const prefix = rootPrefix(rootId, createdAtMs);
  return (await paper.trades({})).filter(({ clientOrderId }) => clientOrderId.startsWith(prefix));
}

/** What trades moved: the base they left, their fees, each valued at its own price, and all that was traded. */
export function moved(trades: readonly TradeView[]): { readonly base: string; readonly feesQuote: Decimal; readonly volumeQuote: Decimal } {
  const zero = new Decimal(0);
  let [base, feesQuote, volumeQuote] = [zero, zero, zero];
  for (const { side, amountBase, priceQuote, feeAsset, feeAmount } of trades) {
    const quote = new Decimal(amountBase).times(priceQuote);
    base = side === 'buy' ? base.plus(amountBase).minus(feeAsset === 'BTC' ? feeAmount : 0) : base.minus(amountBase);
    volumeQuote = volumeQuote.plus(quote);
    feesQuote = feesQuote.plus(feeAsset === 'BTC' ? new Decimal(feeAmount).times(priceQuote) : feeAmount);
  }
  return { base: base.toFixed(), feesQuote, volumeQuote };
}
