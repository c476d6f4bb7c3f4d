import { evaluateBarriers, type Barriers, type BarrierText, type BarrierVerdict, type ProtectedPosition } from '../barriers.js';
import { floorAmount, isTradable, type MarketRules } from '../market-rules.js';
import { decimal, divideToward, exactly, toDecimalString, ZERO, type Decimal } from '../money.js';
import { closableBase } from '../net-pnl.js';
import { dcaEntryTotals, type DcaState } from './dca-state.js';
import type { DcaPlan } from './plan-dca.js';

/**
 * A take profit of a DCA is met above its fraction, the barriers' own at or above theirs: so it stands this much higher,
 * less than any two prices of a market can differ in net P&L.
 */
const STRICTLY_ABOVE = decimal('1e-36');

/** The one exit for all that is filled. */
export interface DcaExit {
  /** Grows with every fill and with every level that is done: an exit armed under a lower number is to be armed anew. */
  readonly arm: number;
  readonly position: ProtectedPosition;
  readonly barriers: Barriers;
}

/** Null until something is filled: before that only the time limit counts. */
export function dcaExit(plan: DcaPlan, state: DcaState): DcaExit | null {
  const totals = dcaEntryTotals(state);
  if (totals.fillCount === 0) return null;
  const done = state.levels.filter(({ kind }) => kind === 'done').length;
  const position = protectedPosition(plan, state);
  return { arm: totals.fillCount + done, position, barriers: dcaBarriers(plan, state) };
}

/** The barriers of what is filled so far, for the order function of all executors. */
export function dcaBarriers(plan: DcaPlan, state: DcaState): Barriers {
  const { takeProfitFraction, trailingStop, timeLimitAtMs } = plan.terms;
  return {
    stopLossFraction: stopLossFraction(plan, state),
    takeProfitFraction: takeProfitFraction === null ? null : exactly.sum(takeProfitFraction, STRICTLY_ABOVE),
    takeProfitOrderType: 'MARKET',
    targets: [],
    breakevenAfterTarget: null,
    trailingStop,
    timeLimitAtMs,
  };
}

/** The same as it stands in the plan of the exit; equal text while nothing about it changed. */
export function dcaBarrierText(barriers: Barriers): BarrierText {
  const text = (value: Decimal | null): string | null => (value === null ? null : toDecimalString(value));
  const { trailingStop } = barriers;
  return {
    ...barriers,
    stopLossFraction: text(barriers.stopLossFraction),
    takeProfitFraction: text(barriers.takeProfitFraction),
    targets: [],
    trailingStop: trailingStop === null ? null : { activationFraction: toDecimalString(trailingStop.activationFraction), deltaFraction: toDecimalString(trailingStop.deltaFraction) },
  };
}

/** `exitPriceQuote`: best bid for a long, best ask for a short; null when that side is empty. */
export function dcaVerdict(plan: DcaPlan, state: DcaState, exitPriceQuote: Decimal | null, nowMs: number): BarrierVerdict {
  return evaluateBarriers(dcaBarriers(plan, state), protectedPosition(plan, state), exitPriceQuote, nowMs, state.trailingTrigger);
}

/** Base filled and not closed, in whole steps. */
export function dcaOpenBase(plan: DcaPlan, state: DcaState): Decimal {
  const { totals, entrySide } = protectedPosition(plan, state);
  return exactly.difference(closableBase(totals, entrySide, plan.rules), state.exits.filledBase);
}

/** What a close has to trade: 0 when the exchange would not take so little at its cost. */
export function dcaCloseBase(plan: DcaPlan, state: DcaState): Decimal {
  const { totals } = protectedPosition(plan, state);
  const open = floorAmount(plan.rules, dcaOpenBase(plan, state));
  if (!open.greaterThan(ZERO)) return ZERO;
  return isTradable(closing(plan.rules), open, totals.filledQuote.dividedBy(totals.filledBase)) ? open : ZERO;
}

function stopLossFraction(plan: DcaPlan, state: DcaState): Decimal | null {
  const { stopLossFraction: fraction, stopLossReference, mode, levels } = plan.terms;
  if (fraction === null || stopLossReference === 'average_entry') return fraction;
  if (mode === 'MAKER') return state.levels.every(({ kind }) => kind === 'done') ? fraction : null;
  // The loss that the whole plan allows, over the notional N * Q / F that the barriers' fraction is of.
  const { totals, entrySide, rules } = protectedPosition(plan, state);
  const planQuote = levels.reduce((sum, { amountQuote }) => exactly.sum(sum, amountQuote), ZERO);
  const scaled = exactly.product(closableBase(totals, entrySide, rules), totals.filledQuote);
  if (!scaled.greaterThan(ZERO)) return null;
  return divideToward('down', exactly.product(planQuote, fraction, totals.filledBase), scaled).toDecimalPlaces(30);
}

function protectedPosition(plan: DcaPlan, state: DcaState): ProtectedPosition {
  return { entrySide: plan.terms.side, totals: dcaEntryTotals(state), rules: plan.rules };
}

/** A perpetual's smallest order value does not hold for orders that reduce a position. */
function closing(rules: MarketRules): MarketRules {
  return rules.contract === 'perpetual' ? { ...rules, minNotionalQuote: ZERO } : rules;
}
