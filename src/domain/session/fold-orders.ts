import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord, unvaluedFees, type FillTotals, type FillTotalsText } from '../fills.js';
import { decimal, toDecimalString, ZERO, type Decimal } from '../money.js';
import { isSettled, type SessionOrder } from './session-order.js';

/**
 * The oldest settled orders of a session as one sum, so that neither memory nor what a heartbeat carries grows with the
 * number of orders. Nothing numbered up to `throughSequence` is asked for or counted again.
 */
export interface FoldedOrders {
  readonly throughSequence: number;
  readonly firstSequence: number;
  readonly count: number;
  readonly amountBase: Decimal;
  readonly totals: FillTotals;
  /** Fees nobody could value while their order was kept. */
  readonly unvalued: Readonly<Record<string, Decimal>>;
}

/** The sum with its decimals in digits. */
export interface FoldedText {
  readonly throughSequence: number;
  readonly firstSequence: number;
  readonly count: number;
  readonly amountBase: string;
  readonly totals: FillTotalsText;
  readonly unvalued: Readonly<Record<string, string>>;
}

/** Folds from the oldest on, down to `kept` orders, and stops at the first that is not settled: its news is still due. */
export function foldOrders(orders: readonly SessionOrder[], folded: FoldedOrders | null, kept: number): { readonly orders: readonly SessionOrder[]; readonly folded: FoldedOrders | null } {
  let sum = folded;
  let index = 0;
  for (; index < orders.length - kept; index += 1) {
    const order = orders[index];
    if (order === undefined || !isSettled(order)) break;
    sum = withOrder(sum, order);
  }
  return index === 0 ? { orders, folded } : { orders: orders.slice(index), folded: sum };
}

export function foldedBase(folded: FoldedOrders | null): Decimal {
  return folded?.totals.filledBase ?? ZERO;
}

export function foldedText(folded: FoldedOrders | null): FoldedText | null {
  if (folded === null) return null;
  const unvalued = Object.fromEntries(Object.entries(folded.unvalued).map(([asset, amount]) => [asset, toDecimalString(amount)]));
  return { ...folded, amountBase: toDecimalString(folded.amountBase), totals: totalsRecord(folded.totals), unvalued };
}

export function foldedFromText(text: FoldedText | null): FoldedOrders | null {
  if (text === null) return null;
  const unvalued = Object.fromEntries(Object.entries(text.unvalued).map(([asset, amount]) => [asset, decimal(amount)]));
  return { ...text, amountBase: decimal(text.amountBase), totals: totalsFromRecord(text.totals), unvalued };
}

function withOrder(folded: FoldedOrders | null, order: SessionOrder): FoldedOrders {
  const before = folded ?? { throughSequence: 0, firstSequence: order.sequence, count: 0, amountBase: ZERO, totals: NO_FILLS, unvalued: {} };
  const unvalued: Record<string, Decimal> = { ...before.unvalued };
  for (const [asset, amount] of Object.entries(unvaluedFees(order.ledger))) unvalued[asset] = (unvalued[asset] ?? ZERO).plus(amount);
  return {
    throughSequence: order.sequence,
    firstSequence: before.firstSequence,
    count: before.count + 1,
    amountBase: before.amountBase.plus(order.amountBase),
    totals: addTotals(before.totals, order.ledger.totals),
    unvalued,
  };
}
