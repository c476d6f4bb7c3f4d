import { oppositeSide, type Side } from '../enumerations.js';
import { LIMITS } from '../limits.js';
import { floorAmount, type OrderRuleBreach } from '../market-rules.js';
import { Decimal, exactly, ZERO } from '../money.js';
import type { BestPrices } from '../take-profit-price.js';
import { gridInventory, isGridTradable } from './grid-inventory.js';
import type { GridLevel, GridPlan } from './grid-plan.js';
import { isLive, type GridState, type LevelState } from './grid-state.js';
import { entryOrder, isOutOfBounds, mayOpen, mayPlaceTakeProfit, midPriceQuote, takeProfitOrderPrice } from './level-orders.js';

export interface LevelEntry {
  readonly levelIndex: number;
  readonly cycle: number;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
}

/** A child, by the level and the round trip it belongs to. */
export interface LevelChild {
  readonly levelIndex: number;
  readonly cycle: number;
}

/** What becomes of the inventory once every level has confirmed its end. */
export type Settlement =
  | { readonly kind: 'closeNet'; readonly side: Side; readonly amountBase: Decimal }
  | { readonly kind: 'handOver'; readonly base: Decimal; readonly costQuote: Decimal }
  /** Flat, but for what the exchange does not trade; below 0 when more was closed than opened. */
  | { readonly kind: 'nothingOpen'; readonly residueBase: Decimal };

export interface GridDecision {
  /** Levels whose round trip is over and which may trade again; some of them may stand in `open` with their next cycle. */
  readonly reopen: readonly number[];
  readonly open: readonly LevelEntry[];
  /** Resting orders out of the activation bounds, to be cancelled; the child keeps what is filled. */
  readonly withdraw: readonly LevelChild[];
  /** Filled levels whose take profit may rest now, and where. */
  readonly placeTakeProfit: readonly (LevelChild & { readonly priceQuote: Decimal })[];
  /** Levels that would be opened, were it not for a rule of the exchange at these prices. */
  readonly notOpened: readonly { readonly levelIndex: number; readonly breach: OrderRuleBreach }[];
  /** Children that have to end without closing anything: the grid closes the net, or hands it over. */
  readonly end: readonly LevelChild[];
  readonly settle: Settlement | null;
  /** The exchange refused every level more often than allowed, and nothing is out: the grid has to end. */
  readonly exhausted: boolean;
  /** When entries may be sent that only wait for the clock; null = nothing waits for it. */
  readonly wakeAtMs: number | null;
}

const NOTHING: GridDecision = { reopen: [], open: [], withdraw: [], placeTakeProfit: [], notOpened: [], end: [], settle: null, exhausted: false, wakeAtMs: null };

/**
 * What to do next, from plan, state, best prices (quote) and clock (unix ms). Changes nothing: the caller carries it out
 * and says so by events. While a side of the book is empty nothing is opened or withdrawn.
 */
export function decideGrid(plan: GridPlan, state: GridState, prices: BestPrices, nowMs: number): GridDecision {
  switch (state.phase.kind) {
    case 'running':
      return decideRunning(plan, state, prices, nowMs);
    case 'stopping':
      return decideStopping(plan, state, state.phase.keepPosition);
    case 'closingNet':
    case 'ended':
      return NOTHING;
    default:
      return unreachable(state.phase);
  }
}

function decideRunning(plan: GridPlan, state: GridState, prices: BestPrices, nowMs: number): GridDecision {
  const reopen = state.levels.flatMap((level, index) => (level.kind === 'complete' && !level.leftOpen ? [index] : []));
  const midQuote = midPriceQuote(prices);
  const exhausted = state.levels.every((level) => level.kind === 'idle' && level.refusals > LIMITS.maxRetries);
  if (midQuote === null) return { ...NOTHING, reopen, exhausted };
  return { ...NOTHING, reopen, exhausted, ...decideOpens(plan, state, prices, midQuote, nowMs), ...decideResting(plan, state, prices, midQuote) };
}

/**
 * Entries nearest to mid first, as many as may be out and as one batch may have. None before the pause after the last
 * batch is over.
 */
function decideOpens(plan: GridPlan, state: GridState, prices: BestPrices, midQuote: Decimal, nowMs: number): Pick<GridDecision, 'open' | 'notOpened' | 'wakeAtMs'> {
  const { maxOpenOrders, maxOrdersPerBatch, orderFrequencyMs } = plan.terms;
  const out = state.levels.filter((level) => level.kind === 'entryOut').length;
  const room = Math.min(maxOpenOrders - out, maxOrdersPerBatch ?? maxOpenOrders);
  const waiting = room <= 0 ? [] : plan.levels.filter((level) => mayTry(state.levels[level.index]) && mayOpen(plan, level, midQuote));
  const batchAtMs = state.lastOpenAtMs === null ? nowMs : state.lastOpenAtMs + orderFrequencyMs;
  const due = waiting.filter((level) => Math.max(batchAtMs, notBeforeMs(state.levels[level.index])) <= nowMs);
  const open: LevelEntry[] = [];
  const notOpened: { readonly levelIndex: number; readonly breach: OrderRuleBreach }[] = [];
  for (const level of nearestFirst(due, midQuote)) {
    if (open.length >= room) break;
    const order = entryOrder(plan, level, prices);
    if (order.kind === 'breach') notOpened.push({ levelIndex: level.index, breach: order.breach });
    // What would be withdrawn as soon as it rests is not sent.
    else if (!isOutOfBounds(plan, order.priceQuote, midQuote)) open.push({ levelIndex: level.index, cycle: nextCycle(state.levels[level.index]), priceQuote: order.priceQuote, amountBase: order.amountBase });
  }
  const later = waiting.filter((level) => !due.includes(level)).map((level) => Math.max(batchAtMs, notBeforeMs(state.levels[level.index])));
  return { open, notOpened, wakeAtMs: later.length === 0 ? null : Math.min(...later) };
}

/** Idle, or about to be; one that the exchange refused too often in a row is left alone. */
function mayTry(level: LevelState | undefined): boolean {
  if (level === undefined) return false;
  return (level.kind === 'idle' && level.refusals <= LIMITS.maxRetries) || (level.kind === 'complete' && !level.leftOpen);
}

function notBeforeMs(level: LevelState | undefined): number {
  return level?.kind === 'idle' ? (level.notBeforeMs ?? 0) : 0;
}

function nextCycle(level: LevelState | undefined): number {
  if (level === undefined) return 1;
  return level.kind === 'complete' ? level.cycle + 1 : level.cycle;
}

/** The sort is stable: of two as near, the lower one first. */
function nearestFirst(levels: readonly GridLevel[], midQuote: Decimal): readonly GridLevel[] {
  const distance = new Map(levels.map((level) => [level.index, exactly.difference(level.priceQuote, midQuote).abs()]));
  return [...levels].sort((left, right) => (distance.get(left.index) ?? ZERO).comparedTo(distance.get(right.index) ?? ZERO));
}

function decideResting(plan: GridPlan, state: GridState, prices: BestPrices, midQuote: Decimal): Pick<GridDecision, 'withdraw' | 'placeTakeProfit'> {
  const withdraw: LevelChild[] = [];
  const placeTakeProfit: (LevelChild & { readonly priceQuote: Decimal })[] = [];
  for (const level of plan.levels) {
    const current = state.levels[level.index];
    if (current === undefined || !isLive(current)) continue;
    const child = { levelIndex: level.index, cycle: current.cycle };
    if (current.kind === 'filled') {
      if (plan.terms.takeProfitOrderType === 'MARKET' || !mayPlaceTakeProfit(plan, level, midQuote)) continue;
      const priceQuote = takeProfitOrderPrice(plan, level, prices);
      if (priceQuote !== null) placeTakeProfit.push({ ...child, priceQuote });
    } else if (!current.withdrawing && isOutOfBounds(plan, current.kind === 'entryOut' ? current.entryPriceQuote : current.takeProfitPriceQuote, midQuote)) withdraw.push(child);
  }
  return { withdraw, placeTakeProfit };
}

function decideStopping(plan: GridPlan, state: GridState, keepPosition: boolean): GridDecision {
  const end = state.levels.flatMap((level, levelIndex) => (isLive(level) ? [{ levelIndex, cycle: level.cycle }] : []));
  return end.length > 0 ? { ...NOTHING, end } : { ...NOTHING, settle: settlement(plan, state, keepPosition) };
}

function settlement(plan: GridPlan, state: GridState, keepPosition: boolean): Settlement {
  const inventory = gridInventory(plan, state);
  const { base, costQuote } = inventory;
  if (keepPosition && base.greaterThan(ZERO)) return { kind: 'handOver', base, costQuote };
  if (!isGridTradable(plan, inventory)) return { kind: 'nothingOpen', residueBase: base };
  return { kind: 'closeNet', side: oppositeSide(plan.terms.side), amountBase: floorAmount(plan.rules, base) };
}

function unreachable(phase: never): never {
  throw new Error(`unhandled phase ${JSON.stringify(phase)}`);
}
