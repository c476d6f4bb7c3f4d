import type { PriceBounds, RangeSide } from '../amm/tick-range.js';
import type { Decimal } from '../money.js';

/** Since when a position earns nothing; null stands for in range. */
export interface OutOfRange {
  readonly side: 'below' | 'above';
  /** Since when it is out, on whichever side. */
  readonly sinceMs: number;
  /** Since when it is out on this side. */
  readonly sideSinceMs: number;
}

/** The timers after one look at the tick. */
export function trackRange(before: OutOfRange | null, side: RangeSide, nowMs: number): OutOfRange | null {
  if (side === 'in') return null;
  if (before === null) return { side, sinceMs: nowMs, sideSinceMs: nowMs };
  return before.side === side ? before : { side, sinceMs: before.sinceMs, sideSinceMs: nowMs };
}

/** Whole seconds out of range, cut; null in range. */
export function outOfRangeSeconds(out: OutOfRange | null, nowMs: number): number | null {
  return out === null ? null : Math.max(0, Math.floor((nowMs - out.sinceMs) / 1000));
}

/** For display: both bounds count as inside. What the pool pays for goes by ticks, see `rangeSide`. */
export function withinBounds(bounds: PriceBounds, priceQuote: Decimal): boolean {
  return priceQuote.greaterThanOrEqualTo(bounds.lowerPriceQuote) && priceQuote.lessThanOrEqualTo(bounds.upperPriceQuote);
}
