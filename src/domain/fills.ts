import { AppendOnlyMap } from './append-only-map.js';
import { addFill, amountOf, feeValueQuote, NO_FILLS, withFee, type Fill, type FillTotals } from './fill-totals.js';
import type { MarketAssets } from './market-rules.js';
import { exactly, ZERO, type Decimal } from './money.js';

export {
  addFill,
  addTotals,
  NO_FILLS,
  totalsFromRecord,
  totalsRecord,
  valueFee,
  type Fill,
  type FillFee,
  type FillTotals,
  type FillTotalsText,
} from './fill-totals.js';

/** The fills of one exchange order, each counted once whatever the number of its messages. Never changed, only replaced. */
export interface OrderLedger {
  /** Ids of the trades counted so far. */
  readonly tradeIds: Pick<AppendOnlyMap<unknown>, 'has' | 'size' | 'keys'>;
  readonly totals: FillTotals;
  /** Fees without a value at the time of their fill, by trade and asset; they stay here when the value has come. */
  readonly lateFees: AppendOnlyMap<Decimal>;
  readonly valuedLateFees: AppendOnlyMap<true>;
  /** By asset, what of `lateFees` has no value yet. */
  readonly unvalued: Readonly<Record<string, Decimal>>;
}

interface Ledger extends OrderLedger {
  readonly tradeIds: AppendOnlyMap<true>;
}

const EMPTY: Ledger = {
  tradeIds: AppendOnlyMap.empty(),
  totals: NO_FILLS,
  lateFees: AppendOnlyMap.empty(),
  valuedLateFees: AppendOnlyMap.empty(),
  unvalued: {},
};

export const EMPTY_LEDGER: OrderLedger = EMPTY;

/** The same ledger when the trade was counted before. */
export function recordFill(ledger: OrderLedger, fill: Fill, market: MarketAssets): OrderLedger {
  if (ledger.tradeIds.has(fill.tradeId)) return ledger;
  const { tradeIds } = ledger as Ledger;
  const counted: Ledger = {
    ...ledger,
    tradeIds: tradeIds.append(fill.tradeId, true),
    totals: addFill(ledger.totals, fill, market),
  };
  return withLateFees(counted, fill, market);
}

function withLateFees(ledger: Ledger, fill: Fill, market: MarketAssets): Ledger {
  let { lateFees, unvalued } = ledger;
  // One trade may state a fee of one asset in two entries; a late value is told per trade and asset.
  const amounts = new Map<string, Decimal>();
  for (const fee of fill.fees) {
    if (feeValueQuote(fee, fill, market) !== null) continue;
    amounts.set(fee.asset, exactly.sum(amounts.get(fee.asset) ?? ZERO, fee.amount));
  }
  if (amounts.size === 0) return ledger;
  for (const [asset, amount] of amounts) {
    lateFees = lateFees.append(feeKey(fill.tradeId, asset), amount);
    unvalued = withFee(unvalued, asset, amount);
  }
  return { ...ledger, lateFees, unvalued };
}

/**
 * Adds the value in quote of all fees that this trade paid in this asset. The same ledger when no such fee waits for a
 * value: unknown trade, another asset, or valued before.
 */
export function valueLateFee(ledger: OrderLedger, tradeId: string, asset: string, valueQuote: Decimal): OrderLedger {
  const key = feeKey(tradeId, asset);
  const amount = ledger.lateFees.get(key);
  if (amount === undefined || ledger.valuedLateFees.has(key)) return ledger;
  return {
    ...ledger,
    totals: { ...ledger.totals, feesQuote: exactly.sum(ledger.totals.feesQuote, valueQuote) },
    valuedLateFees: ledger.valuedLateFees.append(key, true),
    unvalued: withoutFee(ledger.unvalued, asset, amount),
  };
}

/** Fees that are not in `feesQuote` because nobody told their value: asset -> amount. */
export function unvaluedFees(ledger: OrderLedger): Readonly<Record<string, Decimal>> {
  return ledger.unvalued;
}

function withoutFee(amounts: Readonly<Record<string, Decimal>>, asset: string, amount: Decimal): Readonly<Record<string, Decimal>> {
  const left = exactly.difference(amountOf(amounts, asset), amount);
  if (!left.isZero()) return { ...amounts, [asset]: left };
  const { [asset]: _valued, ...others } = amounts;
  return others;
}

/** A trade id may hold any character but this one. */
function feeKey(tradeId: string, asset: string): string {
  return `${tradeId}\n${asset}`;
}
