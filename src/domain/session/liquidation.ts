import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord, type FillTotals, type FillTotalsText } from '../fills.js';
import { ZERO, exactly, type Decimal } from '../money.js';

/** An order by which the exchange itself closed a position, as far as the position was this executor's. */
export interface LiquidationShare {
  /** Both given by the exchange. */
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly totals: FillTotals;
}

/** The same with its decimals in digits, for the heartbeat. */
export interface LiquidationText {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly totals: FillTotalsText;
}

/** One executor is liquidated in a few steps at most; more than this would not fit a heartbeat. */
const MAX_SHARES = 50;

/** Those that are new, each order once. */
export function withLiquidations(known: readonly LiquidationShare[], told: readonly LiquidationShare[]): readonly LiquidationShare[] {
  const fresh = told.filter((share) => !known.some((other) => other.exchangeOrderId === share.exchangeOrderId));
  return fresh.length === 0 ? known : [...known, ...fresh].slice(0, MAX_SHARES);
}

export function liquidatedBase(shares: readonly LiquidationShare[]): Decimal {
  return shares.reduce((sum, { totals }) => exactly.sum(sum, totals.filledBase), ZERO);
}

export function liquidatedTotals(shares: readonly LiquidationShare[]): FillTotals {
  return shares.reduce<FillTotals>((sum, { totals }) => addTotals(sum, totals), NO_FILLS);
}

export function liquidationTexts(shares: readonly LiquidationShare[]): readonly LiquidationText[] {
  return shares.map((share) => ({ ...share, totals: totalsRecord(share.totals) }));
}

export function liquidationsFromText(texts: readonly LiquidationText[]): readonly LiquidationShare[] {
  return texts.map((text) => ({ ...text, totals: totalsFromRecord(text.totals) }));
}
