import type { BarrierRecord } from '../../src/contract/order-plan.js';
import type { BarrierTrigger, SessionEnd, TriggerEvidence } from '../../src/contract/session-result.js';
import { barriersFromRecord, evaluateBarriers } from '../../src/domain/barriers.js';
import type { CloseType, Outcome, Side } from '../../src/domain/enumerations.js';
import { totalsFromRecord, type FillTotals } from '../../src/domain/fills.js';
import { marketRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { decimal, ZERO, type Decimal } from '../../src/domain/money.js';
import type { StopDecision } from './stop-request.js';

/** All that the close type of what was guarded by exits follows from. */
export interface CloseEvidence {
  /** Of the entries. */
  readonly side: Side;
  readonly hasExchangeStop: boolean;
  /** Those the exit that fired had heard of. */
  readonly barriers: BarrierRecord;
  readonly rules: MarketRulesRecord;
  readonly stop: StopDecision | null;
  /** Null when an entry leg was lost; of several the one that was refused. */
  readonly entryEnd: SessionEnd | null;
  readonly entryTotals: FillTotals;
  readonly trigger: TriggerEvidence | null;
  /** Base still held that was not closed; dust counts only when it is to be kept. */
  readonly openBase: Decimal;
  /** Average price of what the exits traded, null when they traded nothing. */
  readonly averageExitQuote: Decimal | null;
  readonly takeProfitFilled: boolean;
  readonly exchangeStopFilled: boolean;
  /** The exchange itself closed the position, or a part of it. */
  readonly liquidated: boolean;
  /** What the last exit was refused for; null when it was not. */
  readonly exitError: string | null;
}

export interface CloseDecision {
  readonly closeType: CloseType;
  readonly outcome: Outcome;
  readonly error: string | null;
  /** The session's word and this decision differ: a bug to be reported. */
  readonly contradiction: string | null;
}

/** The workflow's own judgement: from the evidence, by the same pure barrier function, not by the session's word. */
export function decideClose(evidence: CloseEvidence): CloseDecision {
  if (evidence.entryTotals.filledBase.isZero()) return nothingFilled(evidence);
  if (evidence.openBase.greaterThan(0)) return held(evidence);
  if (evidence.liquidated) return plain('FAILED', 'LIQUIDATED', 'LIQUIDATED: the exchange closed the position because the margin of the account no longer covered it');
  if (evidence.trigger === null && evidence.stop === null && evidence.averageExitQuote !== null) return plain(nearest(evidence, evidence.averageExitQuote), 'COMPLETED', null);
  if (evidence.trigger === null && evidence.stop === null) return plain('FAILED', 'PARTIAL', 'what was filled is less than the exchange trades; it is left as residue');
  if (evidence.trigger === null) return plain('EARLY_STOP', 'STOPPED', null);
  if (evidence.trigger.trigger === 'COMMAND') return commanded(evidence, evidence.trigger);
  return barrier(evidence, evidence.trigger);
}

function nothingFilled(evidence: CloseEvidence): CloseDecision {
  const end = evidence.entryEnd;
  if (end?.kind === 'insufficientBalance') return plain('INSUFFICIENT_BALANCE', 'REFUSED', end.message);
  if (end?.kind === 'failed') return plain('FAILED', 'FAILED', end.message);
  if (evidence.stop !== null) return plain('EARLY_STOP', 'STOPPED', null);
  if (evidence.trigger?.trigger === 'TIME_LIMIT') return barrier(evidence, evidence.trigger);
  // Somebody cancelled the entry itself.
  if (end?.kind === 'stopped') return plain('EARLY_STOP', 'STOPPED', end.reason);
  return plain('FAILED', 'FAILED', 'the entry ended without a fill');
}

function held(evidence: CloseEvidence): CloseDecision {
  const unsold = evidence.stop?.keepPosition === true ? null : (evidence.exitError ?? 'the rest is less than the exchange trades at its price; it was handed over instead of closed');
  return plain('POSITION_HOLD', evidence.stop === null ? 'PARTIAL' : 'STOPPED', unsold);
}

function commanded(evidence: CloseEvidence, trigger: TriggerEvidence): CloseDecision {
  if (evidence.stop !== null) return plain('EARLY_STOP', 'STOPPED', null);
  // The process died between firing and telling why: the fills tell which barrier they lie behind.
  const price = evidence.averageExitQuote;
  const inferred = evaluate(evidence, trigger, price) ?? nearest(evidence, price);
  return { closeType: inferred, outcome: 'COMPLETED', error: null, contradiction: null };
}

function barrier(evidence: CloseEvidence, trigger: TriggerEvidence): CloseDecision {
  const word = trigger.trigger as BarrierTrigger;
  const price = trigger.exitPriceQuote === null ? null : decimal(trigger.exitPriceQuote);
  const own = targetsFilled(evidence, word) ? 'TAKE_PROFIT' : exchangeStopFired(evidence, trigger) ? 'STOP_LOSS' : evaluate(evidence, trigger, price);
  const outcome = evidence.entryTotals.filledBase.isZero() ? 'PARTIAL' : 'COMPLETED';
  if (own === word) return plain(word, outcome, null);
  const contradiction = `the session fired ${word}, the evidence says ${own ?? 'nothing'}`;
  return { closeType: own ?? word, outcome, error: contradiction, contradiction };
}

/** Targets that rest, and those that close a part, end a position by their fills: no price of the moment is the evidence. */
function targetsFilled({ barriers, takeProfitFilled }: CloseEvidence, word: BarrierTrigger): boolean {
  return word === 'TAKE_PROFIT' && takeProfitFilled && (barriers.targets.length > 0 || barriers.takeProfitOrderType !== 'MARKET');
}

/** It fires by the exchange's own price, and while nobody here looks: its fills are the evidence. */
function exchangeStopFired({ exchangeStopFilled }: CloseEvidence, trigger: TriggerEvidence): boolean {
  return trigger.exchangeStop && exchangeStopFilled;
}

function evaluate(evidence: CloseEvidence, trigger: TriggerEvidence, price: Decimal | null): BarrierTrigger | null {
  const trailing = trigger.trailingTriggerFraction === null ? null : decimal(trigger.trailingTriggerFraction);
  const position = { entrySide: evidence.side, totals: totalsFromRecord(trigger.protectedTotals), rules: marketRules(evidence.rules) };
  // Where the barriers stand does not follow from what was closed, but for the stop that a filled target moved.
  const progress = { closedBase: ZERO, breakeven: trigger.breakeven && evidence.barriers.breakevenAfterTarget !== null };
  return evaluateBarriers(barriersFromRecord(evidence.barriers), position, price, trigger.atMs, trailing, progress).trigger;
}

function nearest(evidence: CloseEvidence, price: Decimal | null): CloseType {
  const { entryTotals, side } = evidence;
  if (price === null) return 'TIME_LIMIT';
  const entry = entryTotals.filledQuote.dividedBy(entryTotals.filledBase);
  const gained = side === 'BUY' ? price.greaterThan(entry) : price.lessThan(entry);
  if (gained) return evidence.barriers.trailingStop === null ? 'TAKE_PROFIT' : 'TRAILING_STOP';
  return evidence.barriers.stopLossFraction === null && !evidence.hasExchangeStop ? 'TIME_LIMIT' : 'STOP_LOSS';
}

function plain(closeType: CloseType, outcome: Outcome, error: string | null): CloseDecision {
  return { closeType, outcome, error, contradiction: null };
}
