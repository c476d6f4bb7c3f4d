import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { ZERO } from '../../src/domain/money.js';
import type { StopDecision } from './stop-request.js';
import type { XemmBook } from './xemm-book.js';

export interface XemmClose {
  readonly closeType: CloseType;
  readonly outcome: Outcome;
  readonly error: string | null;
}

/** How a XEMM ended, once both legs are over. `owes`: something is not hedged. */
export function closeOfXemm({ book, stop, timeIsUp, owes }: { readonly book: XemmBook; readonly stop: StopDecision | null; readonly timeIsUp: boolean; readonly owes: boolean }): XemmClose {
  if (stop !== null) return { closeType: stop.keepPosition && owes ? 'POSITION_HOLD' : 'EARLY_STOP', outcome: 'STOPPED', error: null };
  const filled = book.makerTotals().filledBase.greaterThan(ZERO);
  if (timeIsUp) return { closeType: 'TIME_LIMIT', outcome: filled ? 'PARTIAL' : 'COMPLETED', error: null };
  const ends = [book.maker, ...book.hedges].flatMap((leg) => (leg?.state.kind === 'ended' ? [leg.state.result.end] : []));
  const poor = ends.find((end) => end.kind === 'insufficientBalance');
  if (!filled && poor?.kind === 'insufficientBalance') return { closeType: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED', error: poor.message };
  const maker = book.maker?.state.kind === 'ended' ? book.maker.state.result.end : null;
  if (maker?.kind === 'completed') return { closeType: 'COMPLETED', outcome: 'COMPLETED', error: null };
  const error = maker?.kind === 'failed' ? maker.message : maker?.kind === 'stopped' ? `the maker order was stopped: ${maker.reason}` : 'the maker order did not fill';
  return filled ? { closeType: 'COMPLETED', outcome: 'PARTIAL', error } : { closeType: 'FAILED', outcome: 'FAILED', error };
}
