import { withinActivationBounds } from '../activation-bounds.js';
import { sideSign } from '../enumerations.js';
import { Decimal, exactly, toDecimalString, ZERO } from '../money.js';
import { dcaTargets } from './dca-custom-info.js';
import type { DcaTerms } from './dca-terms.js';
import type { DcaPlan } from './plan-dca.js';

export interface DcaWarning {
  readonly code: 'NO_STOP_LOSS' | 'STOP_LOSS_WAITS' | 'LEVELS_CROSS' | 'LEVELS_HELD_BACK' | 'EXPIRED' | 'NEVER_ENDS';
  readonly text: string;
}

/** What a DCA would do, without doing it: decimal text. */
export interface DcaPreview {
  readonly levels: readonly { readonly index: number; readonly priceQuote: string; readonly amountQuote: string; readonly amountBase: string; readonly sentAtOnce: boolean }[];
  readonly exposureBase: string;
  readonly exposureQuote: string;
  /** What all levels out at once need: quote with the fees of the entries, margin on a perpetual, base for a short on spot. */
  readonly neededAmount: string;
  readonly neededAsset: string;
  /** Price at which closing brings back what all levels cost, fees not counted. */
  readonly breakevenQuote: string;
  /** By the pair's fee schedule: all entries, and closing all at market at their cost. */
  readonly entryFeesQuote: string;
  readonly closeFeesQuote: string;
  /** All filled: at the stop loss, else at a price of 0, closing fee at cost included; null without bound. Slippage is not counted. */
  readonly worstLossQuote: string | null;
  readonly smallestTotalAmountQuote: string;
  readonly warnings: readonly DcaWarning[];
}

/** `nowMs`: unix ms at which it would start. */
export function previewDca(plan: DcaPlan, midQuote: Decimal | null, nowMs: number): DcaPreview {
  const { terms, rules, levels } = plan;
  const base = exactly.sum(ZERO, ...levels.map(({ amountBase }) => amountBase));
  const cost = exactly.sum(ZERO, ...levels.map(({ amountBase, priceQuote }) => exactly.product(amountBase, priceQuote)));
  const entryFees = exactly.product(cost, terms.mode === 'MAKER' ? rules.makerFeeFraction : rules.takerFeeFraction);
  const closeFees = exactly.product(cost, rules.takerFeeFraction);
  const shortOnSpot = terms.side === 'SELL' && rules.contract === 'spot';
  return {
    levels: levels.map(({ index, priceQuote, amountQuote, amountBase }) => ({
      index,
      priceQuote: toDecimalString(priceQuote),
      amountQuote: toDecimalString(amountQuote),
      amountBase: toDecimalString(amountBase),
      sentAtOnce: levels.slice(0, index + 1).every((level) => activates(terms, level.priceQuote, midQuote)),
    })),
    exposureBase: toDecimalString(base),
    exposureQuote: toDecimalString(cost),
    neededAmount: toDecimalString(shortOnSpot ? base : exactly.sum(rules.contract === 'perpetual' ? cost.dividedBy(terms.leverage) : cost, Decimal.max(entryFees, ZERO))),
    neededAsset: shortOnSpot ? rules.base : rules.quote,
    breakevenQuote: toDecimalString(cost.dividedBy(base)),
    entryFeesQuote: toDecimalString(entryFees),
    closeFeesQuote: toDecimalString(closeFees),
    worstLossQuote: worstLoss(plan, cost, entryFees, closeFees),
    smallestTotalAmountQuote: toDecimalString(exactly.sum(ZERO, ...plan.smallestAmountsQuote)),
    warnings: warningsOf(plan, midQuote, nowMs),
  };
}

/** The stop loss counts entry fees in its fraction; the fee of the close comes on top. */
function worstLoss(plan: DcaPlan, cost: Decimal, entryFees: Decimal, closeFees: Decimal): string | null {
  const { stopLossFraction, stopLossReference, mode, side } = plan.terms;
  const ofPlan = stopLossReference === 'last_level' && mode === 'TAKER';
  if (stopLossFraction !== null) return toDecimalString(exactly.sum(exactly.product(ofPlan ? dcaTargets(plan).maxAmountQuote : cost, stopLossFraction), closeFees));
  return side === 'BUY' ? toDecimalString(exactly.sum(cost, entryFees)) : null;
}

function warningsOf({ terms, levels }: DcaPlan, midQuote: Decimal | null, nowMs: number): readonly DcaWarning[] {
  const warnings: DcaWarning[] = [];
  const warn = (code: DcaWarning['code'], text: string): void => void warnings.push({ code, text });
  const { stopLossFraction, takeProfitFraction, trailingStop, timeLimitAtMs, mode } = terms;
  if (stopLossFraction === null) warn('NO_STOP_LOSS', 'nothing ends it when the market goes on against it');
  if (stopLossFraction !== null && terms.stopLossReference === 'last_level' && mode === 'MAKER') warn('STOP_LOSS_WAITS', `the stop loss is off until all ${levels.length} levels are done`);
  if (takeProfitFraction === null && trailingStop === null && timeLimitAtMs === null) warn('NEVER_ENDS', 'without take profit, trailing stop and time limit it runs until it is stopped or loses');
  if (timeLimitAtMs !== null && nowMs >= timeLimitAtMs) warn('EXPIRED', 'the time limit is over already: nothing would be sent');
  if (midQuote === null) return warnings;
  const crossing = levels.filter(({ priceQuote }) => sideSign(terms.side) * priceQuote.comparedTo(midQuote) >= 0).length;
  if (mode === 'MAKER' && crossing > 0) warn('LEVELS_CROSS', `${crossing} of ${levels.length} levels are on the far side of mid ${toDecimalString(midQuote)} and fill at once`);
  const held = levels.filter(({ priceQuote }) => !activates(terms, priceQuote, midQuote)).length;
  if (held > 0) warn('LEVELS_HELD_BACK', `${held} of ${levels.length} levels wait for mid to come within activation_bounds`);
  return warnings;
}

function activates({ activationBounds, mode, side }: DcaTerms, priceQuote: Decimal, midQuote: Decimal | null): boolean {
  if (activationBounds.length === 0) return true;
  return midQuote !== null && withinActivationBounds(activationBounds, mode === 'MAKER' ? 'LIMIT' : 'MARKET', side, priceQuote, midQuote);
}
