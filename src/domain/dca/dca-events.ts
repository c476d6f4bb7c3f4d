import type { CloseType } from '../enumerations.js';
import { NO_FILLS, type FillTotals } from '../fills.js';
import type { Decimal } from '../money.js';
import { dcaCloseBase, dcaOpenBase } from './dca-exit.js';
import { dcaEntryTotals, type DcaLevelState, type DcaState } from './dca-state.js';
import type { DcaPlan } from './plan-dca.js';

export type DcaEvent =
  /** Before their orders are sent. */
  | { readonly kind: 'sent'; readonly levelIndexes: readonly number[] }
  /** Sums of all the level traded, numbered upwards; `ended`: it trades no more, with the rule that refused it. */
  | { readonly kind: 'reported'; readonly levelIndex: number; readonly sequence: number; readonly totals: FillTotals; readonly ended: { readonly refusal: string | null } | null }
  | { readonly kind: 'trailed'; readonly trailingTrigger: Decimal | null }
  /** Sums of all orders that closed, numbered upwards. */
  | { readonly kind: 'exitReported'; readonly sequence: number; readonly totals: FillTotals }
  /** A barrier or a stop request; the first one counts. */
  | { readonly kind: 'stopped'; readonly closeType: CloseType; readonly keepPosition: boolean }
  | { readonly kind: 'withdrawn'; readonly levelIndexes: readonly number[] }
  | { readonly kind: 'ended'; readonly nowMs: number };

/** The state after the event. Reports are idempotent by sequence; events that do not fit the state are ignored. Throws RangeError for a level that the plan does not have. */
export function applyDcaEvent(plan: DcaPlan, state: DcaState, event: DcaEvent): DcaState {
  switch (event.kind) {
    case 'sent':
      if (state.phase.kind !== 'running') return state;
      return changeLevels(state, event.levelIndexes, (level) => (level.kind === 'waiting' ? { kind: 'out', sequence: 0, totals: NO_FILLS, withdrawing: false } : level));
    case 'reported':
      return changeLevels(state, [event.levelIndex], (level) => told(level, event));
    case 'trailed':
      return { ...state, trailingTrigger: event.trailingTrigger };
    case 'exitReported':
      return event.sequence > state.exitSequence ? { ...state, exits: event.totals, exitSequence: event.sequence } : state;
    case 'stopped':
      return state.phase.kind === 'running' ? { ...state, phase: { kind: 'stopping', closeType: event.closeType, keepPosition: event.keepPosition } } : state;
    case 'withdrawn':
      return changeLevels(state, event.levelIndexes, (level) => (level.kind === 'out' ? { ...level, withdrawing: true } : level));
    case 'ended':
      return ended(plan, state, event.nowMs);
    default:
      return unreachable(event);
  }
}

/** What a DCA that stops, or has nothing left to wait for, does next. */
export type DcaShutdown =
  | { readonly kind: 'none' }
  | { readonly kind: 'withdraw'; readonly levelIndexes: readonly number[] }
  | { readonly kind: 'waitForLevels' }
  /** The opposite side, at market. Only sent when every level is confirmed, so nothing fills behind it. */
  | { readonly kind: 'close'; readonly amountBase: Decimal }
  | { readonly kind: 'end' };

export function dcaShutdown(plan: DcaPlan, state: DcaState): DcaShutdown {
  if (state.phase.kind === 'ended') return { kind: 'none' };
  if (state.phase.kind === 'running') return nothingLeft(plan, state) ? { kind: 'end' } : { kind: 'none' };
  const levelIndexes = state.levels.flatMap((level, index) => (level.kind === 'out' && !level.withdrawing ? [index] : []));
  if (levelIndexes.length > 0) return { kind: 'withdraw', levelIndexes };
  if (state.levels.some(({ kind }) => kind === 'out')) return { kind: 'waitForLevels' };
  const amountBase = dcaCloseBase(plan, state);
  return state.phase.keepPosition || amountBase.isZero() ? { kind: 'end' } : { kind: 'close', amountBase };
}

/** Every level is done and nothing that could be closed is open. */
function nothingLeft(plan: DcaPlan, state: DcaState): boolean {
  return state.levels.every(({ kind }) => kind === 'done') && dcaCloseBase(plan, state).isZero();
}

function told(level: DcaLevelState, report: Extract<DcaEvent, { readonly kind: 'reported' }>): DcaLevelState {
  if (level.kind !== 'out' || report.sequence <= level.sequence) return level;
  if (report.ended !== null) return { kind: 'done', totals: report.totals, refusal: report.ended.refusal };
  return { ...level, sequence: report.sequence, totals: report.totals };
}

function ended(plan: DcaPlan, state: DcaState, nowMs: number): DcaState {
  if (dcaShutdown(plan, state).kind !== 'end') return state;
  return { ...state, phase: { kind: 'ended', closeType: finalType(plan, state), atMs: nowMs } };
}

function finalType(plan: DcaPlan, state: DcaState): CloseType {
  const filled = dcaEntryTotals(state).fillCount > 0;
  if (state.phase.kind !== 'stopping') return filled ? 'COMPLETED' : 'FAILED';
  const { keepPosition, closeType } = state.phase;
  if (keepPosition) return dcaOpenBase(plan, state).greaterThan(0) ? 'POSITION_HOLD' : 'EARLY_STOP';
  return closeType;
}

function changeLevels(state: DcaState, indexes: readonly number[], change: (level: DcaLevelState) => DcaLevelState): DcaState {
  if (indexes.length === 0) return state;
  const levels = [...state.levels];
  for (const index of indexes) {
    const level = levels[index];
    if (level === undefined) throw new RangeError(`levelIndex: ${index} must be from 0 to ${levels.length - 1}`);
    levels[index] = change(level);
  }
  return { ...state, levels };
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}
