import type { CloseType } from '../enumerations.js';
import type { RangeSide } from '../amm/tick-range.js';

/** States under the names that existing clients know. */
export type LpState = 'NOT_ACTIVE' | 'OPENING' | 'IN_RANGE' | 'OUT_OF_RANGE' | 'CLOSING' | 'SWAPPING' | 'COMPLETE' | 'FAILED';

/** Where a look at the tick leaves the state: only an open position that nobody closes yet goes in and out of its range. */
export function stateInRange(state: LpState, hasPosition: boolean, side: RangeSide): LpState {
  switch (state) {
    case 'IN_RANGE':
    case 'OUT_OF_RANGE':
    case 'OPENING':
      return hasPosition ? (side === 'in' ? 'IN_RANGE' : 'OUT_OF_RANGE') : state;
    case 'NOT_ACTIVE':
    case 'CLOSING':
    case 'SWAPPING':
    case 'COMPLETE':
    case 'FAILED':
      return state;
  }
}

/** What is known of the deposit's transaction when a stop is asked for. */
export type OpenOutcome =
  /** Nothing was signed, or what was signed can never be mined. */
  | 'none'
  /** Signed, and its fate not proven: find out first, because it may strand a position. */
  | 'unresolved'
  | 'opened';

export type LpStop =
  | { readonly kind: 'end'; readonly state: 'COMPLETE' | 'FAILED'; readonly closeType: CloseType }
  | { readonly kind: 'resolveOpen'; readonly closeType: CloseType }
  /** Liquidity is always removed; `keepPosition` is about the net change. */
  | { readonly kind: 'close'; readonly closeType: CloseType }
  /** It closes already: the way changes, not the state. */
  | { readonly kind: 'continue'; readonly closeType: CloseType }
  | { readonly kind: 'over' };

/** What a stop does in each state. */
export function stopLp(state: LpState, open: OpenOutcome, keepPosition: boolean): LpStop {
  const closeType: CloseType = keepPosition ? 'POSITION_HOLD' : 'EARLY_STOP';
  switch (state) {
    case 'NOT_ACTIVE':
      return { kind: 'end', state: 'COMPLETE', closeType: 'EARLY_STOP' };
    case 'OPENING':
      if (open === 'opened') return { kind: 'close', closeType };
      return open === 'unresolved' ? { kind: 'resolveOpen', closeType } : { kind: 'end', state: 'FAILED', closeType: 'EARLY_STOP' };
    case 'IN_RANGE':
    case 'OUT_OF_RANGE':
      return { kind: 'close', closeType };
    case 'CLOSING':
    case 'SWAPPING':
      return { kind: 'continue', closeType };
    case 'COMPLETE':
    case 'FAILED':
      return { kind: 'over' };
  }
}
