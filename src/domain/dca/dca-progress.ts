import { addTotals, NO_FILLS, type FillTotals } from '../fills.js';
import type { Decimal } from '../money.js';

export type DcaLevelProgress =
  /** Nothing of it was ever out: its activation bounds, or the level before it, hold it back. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'out'; readonly totals: FillTotals }
  /** It trades no more and is never sent again. `refusal`: why the exchange, or the account, did not take it. */
  | { readonly kind: 'done'; readonly totals: FillTotals; readonly refusal: string | null };

/** How far a DCA has come. */
export interface DcaProgress {
  /** At the place of its level in the plan. */
  readonly levels: readonly DcaLevelProgress[];
  /** All fills of all levels. */
  readonly entry: FillTotals;
  /** All that closed. */
  readonly exits: FillTotals;
  /** Fraction of net P&L below which the trailing stop fired; null = it did not, or nobody has told yet. */
  readonly trailingTrigger: Decimal | null;
  readonly end: { readonly closeType: string; readonly atMs: number } | null;
}

/** All fills of all levels, whatever became of their orders. */
export function levelTotals(levels: readonly DcaLevelProgress[]): FillTotals {
  return levels.reduce<FillTotals>((sum, level) => (level.kind === 'waiting' ? sum : addTotals(sum, level.totals)), NO_FILLS);
}
