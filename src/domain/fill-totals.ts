import type { MarketAssets } from './market-rules.js';
import { Decimal, decimal, exactly, toDecimalString, ZERO } from './money.js';

export interface FillFee {
  readonly asset: string;
  /** In the asset. Positive: paid. Negative: rebate. */
  readonly amount: Decimal;
  /** Its value in the quote asset when the fill happened; null = not yet known. */
  readonly valueQuote: Decimal | null;
}

/** One trade of one of our orders, as the exchange tells it. */
export interface Fill {
  /** Unique per pair at the exchange. */
  readonly tradeId: string;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  readonly fees: readonly FillFee[];
  readonly atMs: number;
}

/** Sums over fills; the order of the fills does not matter, no sum is rounded. */
export interface FillTotals {
  /** Gross: what was traded, before fees. */
  readonly filledBase: Decimal;
  readonly filledQuote: Decimal;
  /** Fees paid in the base asset, in base: they lower what a buy leaves to sell. Counted in `feesQuote` too. */
  readonly feesBase: Decimal;
  /** All fees whose value is known, in quote. */
  readonly feesQuote: Decimal;
  /** All fees, each in its asset, valued or not. */
  readonly feesByAsset: Readonly<Record<string, Decimal>>;
  readonly fillCount: number;
  readonly firstFillAtMs: number | null;
  readonly lastFillAtMs: number | null;
}

/** The totals as they stand in history: the same fields, decimals in digits. */
export interface FillTotalsText {
  readonly filledBase: string;
  readonly filledQuote: string;
  readonly feesBase: string;
  readonly feesQuote: string;
  readonly feesByAsset: Readonly<Record<string, string>>;
  readonly fillCount: number;
  readonly firstFillAtMs: number | null;
  readonly lastFillAtMs: number | null;
}

export const NO_FILLS: FillTotals = {
  filledBase: ZERO,
  filledQuote: ZERO,
  feesBase: ZERO,
  feesQuote: ZERO,
  feesByAsset: {},
  fillCount: 0,
  firstFillAtMs: null,
  lastFillAtMs: null,
};

/** Value in quote of a fee at the price of its own fill; null for a third asset, which needs a price from elsewhere. */
export function valueFee(
  fee: { readonly asset: string; readonly amount: Decimal },
  fill: { readonly priceQuote: Decimal },
  market: MarketAssets,
): Decimal | null {
  if (fee.asset === market.quote) return fee.amount;
  if (fee.asset === market.base) return exactly.product(fee.amount, fill.priceQuote);
  return null;
}

/** What a fee adds to `feesQuote`: the value it came with, else the one its fill gives. */
export function feeValueQuote(fee: FillFee, fill: Fill, market: MarketAssets): Decimal | null {
  return fee.valueQuote ?? valueFee(fee, fill, market);
}

/** Adds a fill without asking whether it was added before: `recordFill` of a ledger does that. */
export function addFill(totals: FillTotals, fill: Fill, market: MarketAssets): FillTotals {
  let feesBase = totals.feesBase;
  let feesQuote = totals.feesQuote;
  let feesByAsset = totals.feesByAsset;
  for (const fee of fill.fees) {
    const valueQuote = feeValueQuote(fee, fill, market);
    if (fee.asset === market.base) feesBase = exactly.sum(feesBase, fee.amount);
    if (valueQuote !== null) feesQuote = exactly.sum(feesQuote, valueQuote);
    feesByAsset = withFee(feesByAsset, fee.asset, fee.amount);
  }
  return {
    filledBase: exactly.sum(totals.filledBase, fill.amountBase),
    filledQuote: exactly.sum(totals.filledQuote, exactly.product(fill.amountBase, fill.priceQuote)),
    feesBase,
    feesQuote,
    feesByAsset,
    fillCount: totals.fillCount + 1,
    firstFillAtMs: earliest(totals.firstFillAtMs, fill.atMs),
    lastFillAtMs: latest(totals.lastFillAtMs, fill.atMs),
  };
}

export function addTotals(left: FillTotals, right: FillTotals): FillTotals {
  if (left.fillCount === 0) return right;
  if (right.fillCount === 0) return left;
  let feesByAsset = left.feesByAsset;
  for (const [asset, amount] of Object.entries(right.feesByAsset)) feesByAsset = withFee(feesByAsset, asset, amount);
  return {
    filledBase: exactly.sum(left.filledBase, right.filledBase),
    filledQuote: exactly.sum(left.filledQuote, right.filledQuote),
    feesBase: exactly.sum(left.feesBase, right.feesBase),
    feesQuote: exactly.sum(left.feesQuote, right.feesQuote),
    feesByAsset,
    fillCount: left.fillCount + right.fillCount,
    firstFillAtMs: earliest(left.firstFillAtMs, right.firstFillAtMs),
    lastFillAtMs: latest(left.lastFillAtMs, right.lastFillAtMs),
  };
}

/** Assets in alphabetical order, so that equal totals give equal text whatever the order of the fills was. */
export function totalsRecord(totals: FillTotals): FillTotalsText {
  const assets = Object.entries(totals.feesByAsset).sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    filledBase: toDecimalString(totals.filledBase),
    filledQuote: toDecimalString(totals.filledQuote),
    feesBase: toDecimalString(totals.feesBase),
    feesQuote: toDecimalString(totals.feesQuote),
    feesByAsset: Object.fromEntries(assets.map(([asset, amount]) => [asset, toDecimalString(amount)])),
    fillCount: totals.fillCount,
    firstFillAtMs: totals.firstFillAtMs,
    lastFillAtMs: totals.lastFillAtMs,
  };
}

/** For text written by `totalsRecord`; nothing is checked. */
export function totalsFromRecord(record: FillTotalsText): FillTotals {
  return {
    filledBase: decimal(record.filledBase),
    filledQuote: decimal(record.filledQuote),
    feesBase: decimal(record.feesBase),
    feesQuote: decimal(record.feesQuote),
    feesByAsset: Object.fromEntries(Object.entries(record.feesByAsset).map(([asset, amount]) => [asset, decimal(amount)])),
    fillCount: record.fillCount,
    firstFillAtMs: record.firstFillAtMs,
    lastFillAtMs: record.lastFillAtMs,
  };
}

/** An asset's name comes from outside: `constructor` is a member of every object and no amount. */
export function amountOf(amounts: Readonly<Record<string, Decimal>>, asset: string): Decimal {
  return Object.hasOwn(amounts, asset) ? (amounts[asset] ?? ZERO) : ZERO;
}

/** Amounts by asset, one more added. */
export function withFee(amounts: Readonly<Record<string, Decimal>>, asset: string, amount: Decimal): Readonly<Record<string, Decimal>> {
  return { ...amounts, [asset]: exactly.sum(amountOf(amounts, asset), amount) };
}

function earliest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}

function latest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.max(left, right);
}
