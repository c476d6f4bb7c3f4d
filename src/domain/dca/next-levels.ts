import { exactly, ONE, type Decimal } from '../money.js';
import type { DcaState } from './dca-state.js';
import type { DcaTerms } from './dca-terms.js';
import type { DcaLevel, DcaPlan } from './plan-dca.js';

/**
 * Levels to send now, in their order: from the first that was never sent up to the first that its activation bounds hold
 * back. A level whose order ended, refused or not, is passed and not sent again. None once the time limit is over.
 * `midQuote` null: only levels without bounds.
 */
export function nextLevels(plan: DcaPlan, state: DcaState, midQuote: Decimal | null, nowMs: number): readonly DcaLevel[] {
  const { timeLimitAtMs } = plan.terms;
  if (state.phase.kind !== 'running' || (timeLimitAtMs !== null && nowMs >= timeLimitAtMs)) return [];
  const send: DcaLevel[] = [];
  for (const level of plan.levels) {
    if (state.levels[level.index]?.kind !== 'waiting') continue;
    if (!activates(plan.terms, level.priceQuote, midQuote)) break;
    send.push(level);
  }
  return send;
}

/**
 * Ends not included, with m = mid. MAKER without bounds: always; BUY price > m(1-b0); SELL price < m(1+b0). TAKER BUY
 * price(1-b0) < m < price(1+b1); SELL price(1-b1) < m < price(1+b0). A single bound counts for both sides.
 */
export function activates(terms: DcaTerms, priceQuote: Decimal, midQuote: Decimal | null): boolean {
  const [first, second = first] = terms.activationBounds;
  if (first === undefined || second === undefined) return true;
  if (midQuote === null) return false;
  if (terms.mode === 'MAKER') {
    return terms.side === 'BUY'
      ? priceQuote.greaterThan(exactly.product(midQuote, ONE.minus(first)))
      : priceQuote.lessThan(exactly.product(midQuote, ONE.plus(first)));
  }
  const [below, above] = terms.side === 'BUY' ? [first, second] : [second, first];
  return midQuote.greaterThan(exactly.product(priceQuote, ONE.minus(below))) && midQuote.lessThan(exactly.product(priceQuote, ONE.plus(above)));
}
