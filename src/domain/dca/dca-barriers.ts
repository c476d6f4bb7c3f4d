import type { BarrierText } from '../barriers.js';
import type { FillTotals } from '../fills.js';
import { divideToward, exactly, toDecimalString, ZERO, type Decimal } from '../money.js';
import { closableBase } from '../net-pnl.js';
import type { DcaLevelProgress } from './dca-progress.js';
import type { DcaPlan } from './plan-dca.js';

/** A quotient is cut here, toward the nearer stop. */
const FRACTION_PLACES = 30;

/** The barriers of what `entry` is filled so far; equal text while nothing about them changed. */
export function dcaBarriers(plan: DcaPlan, levels: readonly DcaLevelProgress[], entry: FillTotals): BarrierText {
  const { takeProfitFraction, trailingStop, timeLimitAtMs } = plan.terms;
  return {
    stopLossFraction: text(stopLossFraction(plan, levels, entry)),
    takeProfitFraction: text(takeProfitFraction),
    takeProfitOrderType: 'MARKET',
    targets: [],
    breakevenAfterTarget: null,
    trailingStop: trailingStop === null ? null : { activationFraction: toDecimalString(trailingStop.activationFraction), deltaFraction: toDecimalString(trailingStop.deltaFraction) },
    timeLimitAtMs,
  };
}

/**
 * `average_entry`: as asked. `last_level`, MAKER: as asked, once every level is done. `last_level`, TAKER: the loss that
 * the whole plan allows, over the notional of what is filled, which the fraction of a barrier is of.
 */
function stopLossFraction(plan: DcaPlan, levels: readonly DcaLevelProgress[], entry: FillTotals): Decimal | null {
  const { stopLossFraction: fraction, stopLossReference, mode, side } = plan.terms;
  if (fraction === null || stopLossReference === 'average_entry') return fraction;
  if (mode === 'MAKER') return levels.every(({ kind }) => kind === 'done') ? fraction : null;
  const planQuote = plan.levels.reduce((sum, { amountQuote }) => exactly.sum(sum, amountQuote), ZERO);
  const scaled = exactly.product(closableBase(entry, side, plan.rules), entry.filledQuote);
  if (!scaled.greaterThan(ZERO)) return null;
  return divideToward('down', exactly.product(planQuote, fraction, entry.filledBase), scaled).toDecimalPlaces(FRACTION_PLACES);
}

function text(value: Decimal | null): string | null {
  return value === null ? null : toDecimalString(value);
}
