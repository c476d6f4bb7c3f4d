import { addTotals, NO_FILLS, type FillTotals } from '../fills.js';
import { LIMITS } from '../limits.js';
import type { Decimal } from '../money.js';
import { gridInventory, isGridTradable } from './grid-inventory.js';
import { openOf, settleRoundTrip } from './grid-ledger.js';
import type { GridPlan } from './grid-plan.js';
import { isLive, type GridState, type GridStop, type LevelState, type LiveLevel } from './grid-state.js';

/** What a level's child tells: sums of all it traded, numbered upwards, so that a repeated or late report changes nothing. */
export interface LevelReport {
  readonly levelIndex: number;
  readonly cycle: number;
  readonly sequence: number;
  readonly entry: FillTotals;
  readonly exits: FillTotals;
  readonly stage:
    | { readonly kind: 'entryOut' }
    | { readonly kind: 'filled' }
    | { readonly kind: 'takeProfitOut'; readonly priceQuote: Decimal }
    /** It trades no more. `refused`: the exchange did not take its entry. */
    | { readonly kind: 'ended'; readonly refused: boolean };
}

export type GridEvent =
  /** Children started for these levels; their plans are in history before the state says so. */
  | { readonly kind: 'opened'; readonly nowMs: number; readonly entries: readonly { readonly levelIndex: number; readonly priceQuote: Decimal; readonly amountBase: Decimal }[] }
  | { readonly kind: 'withdrawn'; readonly levelIndexes: readonly number[] }
  | { readonly kind: 'reopened'; readonly levelIndexes: readonly number[] }
  | { readonly kind: 'reported'; readonly nowMs: number; readonly report: LevelReport }
  | { readonly kind: 'trailed'; readonly trailingTrigger: Decimal | null }
  /** A barrier or a stop request; the first one counts. */
  | ({ readonly kind: 'stopped' } & GridStop)
  | { readonly kind: 'netCloseSent' }
  | { readonly kind: 'netCloseReported'; readonly sequence: number; readonly totals: FillTotals; readonly ended: boolean }
  | { readonly kind: 'settled'; readonly handedOver: boolean };

/**
 * The state after the event. Reports are idempotent by cycle and sequence; events that do not fit the state are ignored,
 * because commands and reports cross. Throws RangeError for a level that the grid does not have.
 */
export function applyGridEvent(plan: GridPlan, state: GridState, event: GridEvent): GridState {
  switch (event.kind) {
    case 'opened':
      return opened(state, event);
    case 'withdrawn':
      return changeLevels(state, event.levelIndexes, (level) => (level.kind === 'entryOut' || level.kind === 'takeProfitOut' ? { ...level, withdrawing: true } : level));
    case 'reopened':
      return changeLevels(state, event.levelIndexes, (level) => (level.kind === 'complete' && !level.leftOpen ? { kind: 'idle', cycle: level.cycle + 1, refusals: 0, notBeforeMs: null } : level));
    case 'reported':
      return reported(plan, state, event.report, event.nowMs);
    case 'trailed':
      return { ...state, trailingTrigger: event.trailingTrigger };
    case 'stopped':
      return state.phase.kind === 'running' ? { ...state, phase: { ...event, kind: 'stopping' } } : state;
    case 'netCloseSent':
      return state.phase.kind === 'stopping' ? { ...state, phase: { ...state.phase, kind: 'closingNet' } } : state;
    case 'netCloseReported':
      return netCloseReported(state, event);
    case 'settled':
      return settled(plan, state, event.handedOver);
    default:
      return unreachable(event);
  }
}

function opened(state: GridState, event: Extract<GridEvent, { readonly kind: 'opened' }>): GridState {
  if (state.phase.kind !== 'running') return state;
  const byIndex = new Map(event.entries.map((entry) => [entry.levelIndex, entry]));
  const levels = changeLevels(state, [...byIndex.keys()], (level, index) => {
    const entry = byIndex.get(index);
    if (level.kind !== 'idle' || entry === undefined) return level;
    const { cycle, refusals } = level;
    return { kind: 'entryOut', cycle, refusals, sequence: 0, entry: NO_FILLS, exits: NO_FILLS, entryPriceQuote: entry.priceQuote, amountBase: entry.amountBase, withdrawing: false };
  });
  return event.entries.length === 0 ? levels : { ...levels, lastOpenAtMs: event.nowMs };
}

function reported(plan: GridPlan, state: GridState, report: LevelReport, nowMs: number): GridState {
  const level = levelAt(state, report.levelIndex);
  if (!isLive(level) || level.cycle !== report.cycle || report.sequence <= level.sequence) return state;
  if (report.stage.kind === 'ended') return ended(plan, state, level, report, report.stage.refused, nowMs);
  return withLevel(state, report.levelIndex, stageOf(level, report, report.stage));
}

function stageOf(level: LiveLevel, report: LevelReport, stage: Exclude<LevelReport['stage'], { readonly kind: 'ended' }>): LevelState {
  const { cycle, entryPriceQuote, amountBase } = level;
  const told = { cycle, entryPriceQuote, amountBase, sequence: report.sequence, entry: report.entry, exits: report.exits };
  switch (stage.kind) {
    case 'entryOut':
      // An entry that has ended does not come back: only the fills are news.
      return { ...level, ...told };
    case 'filled':
      return { kind: 'filled', ...told };
    case 'takeProfitOut': {
      const withdrawing = level.kind === 'takeProfitOut' && level.withdrawing && level.takeProfitPriceQuote.equals(stage.priceQuote);
      return { kind: 'takeProfitOut', ...told, takeProfitPriceQuote: stage.priceQuote, withdrawing };
    }
    default:
      return unreachable(stage);
  }
}

/** Fills go to the ledger whatever the end was; an entry that came to nothing leaves the level as it was. */
function ended(plan: GridPlan, state: GridState, level: LiveLevel, report: LevelReport, refused: boolean, nowMs: number): GridState {
  const leftOpen = isGridTradable(plan, openOf(plan.terms.side, report.entry, report.exits));
  const ledger = settleRoundTrip(state.ledger, plan.terms.side, report.entry, report.exits, report.exits.fillCount > 0 && !leftOpen);
  if (report.entry.fillCount > 0) {
    return { ...withLevel(state, report.levelIndex, { kind: 'complete', cycle: level.cycle, leftOpen }), ledger };
  }
  const refusals = refused ? (level.kind === 'entryOut' ? level.refusals : 0) + 1 : 0;
  const idle: LevelState = { kind: 'idle', cycle: level.cycle + 1, refusals, notBeforeMs: refused ? nowMs + refusalPauseMs(refusals) : null };
  return { ...withLevel(state, report.levelIndex, idle), ledger, lastOpenAtMs: null };
}

/** Doubles from refusal to refusal. */
function refusalPauseMs(refusals: number): number {
  return Math.min(LIMITS.firstBackoffMs * 2 ** Math.min(refusals - 1, 30), LIMITS.maxBackoffMs);
}

function netCloseReported(state: GridState, event: Extract<GridEvent, { readonly kind: 'netCloseReported' }>): GridState {
  const { phase, netClose } = state;
  if (phase.kind !== 'closingNet' || event.sequence <= netClose.sequence) return state;
  if (!event.ended) return { ...state, netClose: { ...netClose, sequence: event.sequence, current: event.totals } };
  // Back to stopping: what is left is looked at again, and closed by another order when it is tradable and not to be kept.
  const closed = { sequence: event.sequence, ended: addTotals(netClose.ended, event.totals), current: NO_FILLS };
  return { ...state, netClose: closed, phase: { ...phase, kind: 'stopping' } };
}

function settled(plan: GridPlan, state: GridState, handedOver: boolean): GridState {
  if (state.phase.kind !== 'stopping') return state;
  const holds = handedOver && !gridInventory(plan, state).base.isZero();
  const { closeType, byCaller } = state.phase;
  const stopType = closeType === 'POSITION_HOLD' && !holds ? 'EARLY_STOP' : closeType;
  return { ...state, phase: { kind: 'ended', closeType: holds ? 'POSITION_HOLD' : stopType, byCaller, handedOver: holds } };
}

function changeLevels(state: GridState, indexes: readonly number[], change: (level: LevelState, index: number) => LevelState): GridState {
  if (indexes.length === 0) return state;
  const levels = [...state.levels];
  for (const index of indexes) levels[index] = change(levelAt(state, index), index);
  return { ...state, levels };
}

function withLevel(state: GridState, index: number, level: LevelState): GridState {
  return changeLevels(state, [index], () => level);
}

function levelAt(state: GridState, index: number): LevelState {
  const level = state.levels[index];
  if (level === undefined) throw new RangeError(`levelIndex: ${index} must be from 0 to ${state.levels.length - 1}`);
  return level;
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}
