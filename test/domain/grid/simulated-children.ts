import { decideGrid, type GridDecision } from '../../../src/domain/grid/decide-grid.js';
import { applyGridEvent, type GridEvent, type LevelReport } from '../../../src/domain/grid/grid-events.js';
import type { GridPlan } from '../../../src/domain/grid/grid-plan.js';
import { newGridState, type GridState } from '../../../src/domain/grid/grid-state.js';
import { addFill, NO_FILLS, type FillTotals } from '../../../src/domain/fills.js';
import { floorAmount, isTradable } from '../../../src/domain/market-rules.js';
import { closableBase } from '../../../src/domain/net-pnl.js';
import { ZERO, type Decimal } from '../../../src/domain/money.js';
import { MARKET } from '../market-fixtures.js';

type Stage = { readonly kind: 'entry'; readonly cancelled: boolean } | { readonly kind: 'filled' } | { readonly kind: 'takeProfit'; readonly priceQuote: Decimal } | { readonly kind: 'ended' };

interface Child {
  readonly levelIndex: number;
  readonly cycle: number;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  stage: Stage;
  sequence: number;
  entry: FillTotals;
  exits: FillTotals;
}

/**
 * What happens behind a grid: orders that fill in parts, reports that come late, twice and in any order. Keeps its own
 * cash and base, by which the grid's accounts are checked.
 */
export class SimulatedChildren {
  state: GridState;
  readonly children: Child[] = [];
  readonly queue: { readonly event: Extract<GridEvent, { kind: 'reported' }>; told: number }[] = [];
  /** What the account gained of each. */
  base = ZERO;
  quote = ZERO;
  nowMs = 0;
  private trades = 0;
  private netCloseSequence = 0;

  constructor(readonly plan: GridPlan, private readonly feeIn: 'base' | 'quote') {
    this.state = newGridState(plan);
  }

  apply(event: GridEvent): void {
    this.state = applyGridEvent(this.plan, this.state, event);
  }

  live(): readonly Child[] {
    return this.children.filter(({ stage }) => stage.kind !== 'ended');
  }

  /** Decides at a mid price and carries it out, as a workflow would. */
  decide(midQuote: Decimal): GridDecision {
    const half = this.plan.rules.priceTickQuote;
    const decision = decideGrid(this.plan, this.state, { bid: midQuote.minus(half), ask: midQuote.plus(half) }, this.nowMs);
    this.apply({ kind: 'reopened', levelIndexes: decision.reopen });
    this.apply({ kind: 'opened', nowMs: this.nowMs, entries: decision.open });
    this.apply({ kind: 'withdrawn', levelIndexes: decision.withdraw.map(({ levelIndex }) => levelIndex) });
    for (const entry of decision.open) this.children.push({ ...entry, stage: { kind: 'entry', cancelled: false }, sequence: 0, entry: NO_FILLS, exits: NO_FILLS });
    for (const { levelIndex, cycle } of decision.withdraw) this.withdraw(this.child(levelIndex, cycle));
    for (const { levelIndex, cycle, priceQuote } of decision.placeTakeProfit) {
      const child = this.child(levelIndex, cycle);
      if (child?.stage.kind !== 'filled') continue;
      child.stage = { kind: 'takeProfit', priceQuote };
      this.tell(child);
    }
    return decision;
  }

  private child(levelIndex: number, cycle: number): Child | undefined {
    return this.children.find((child) => child.levelIndex === levelIndex && child.cycle === cycle);
  }

  private withdraw(child: Child | undefined): void {
    if (child?.stage.kind === 'entry') child.stage = { kind: 'entry', cancelled: true };
    if (child?.stage.kind === 'takeProfit') {
      child.stage = { kind: 'filled' };
      this.tell(child);
    }
  }

  /** Fills `percent` of what rests of a live child's order; all of it when that is little. */
  fill(pick: number, percent: number): void {
    const resting = this.live().filter(({ stage }) => stage.kind !== 'filled');
    const child = resting[pick % Math.max(1, resting.length)];
    if (child === undefined) return;
    const opens = child.stage.kind === 'entry';
    const total = opens ? child.amountBase : closableBase(child.entry, this.plan.terms.side, this.plan.rules);
    const rest = total.minus((opens ? child.entry : child.exits).filledBase);
    const part = floorAmount(this.plan.rules, rest.times(percent).dividedBy(100));
    const amount = percent > 60 || part.isZero() ? rest : part;
    const side = opens ? this.plan.terms.side : this.plan.terms.side === 'BUY' ? ('SELL' as const) : ('BUY' as const);
    const price = child.stage.kind === 'takeProfit' ? child.stage.priceQuote : child.priceQuote;
    const grown = this.trade(opens ? child.entry : child.exits, side, price, amount, opens);
    if (opens) child.entry = grown;
    else child.exits = grown;
    if (amount.equals(rest)) this.advance(child);
    else this.tell(child);
  }

  /** The exchange confirms a cancel, or refuses an entry. */
  confirm(pick: number): void {
    const waiting = this.live().filter(({ stage }) => stage.kind === 'entry' && stage.cancelled);
    const child = waiting[pick % Math.max(1, waiting.length)];
    if (child !== undefined) this.advance(child);
  }

  /** An order is through: what is filled goes on to its take profit, nothing or dust ends. */
  private advance(child: Child): void {
    const opens = child.stage.kind === 'entry';
    const closable = closableBase(child.entry, this.plan.terms.side, this.plan.rules);
    child.stage = opens && isTradable(this.plan.rules, closable, child.priceQuote) ? { kind: 'filled' } : { kind: 'ended' };
    this.tell(child);
  }

  private tell(child: Child): void {
    child.sequence += 1;
    const { levelIndex, cycle, sequence, entry, exits } = child;
    this.queue.push({ event: { kind: 'reported', nowMs: this.nowMs, report: { levelIndex, cycle, sequence, entry, exits, stage: told(child.stage) } }, told: 0 });
  }

  /** Any waiting report; some come twice. */
  deliver(pick: number, twice: boolean): void {
    const index = pick % Math.max(1, this.queue.length);
    const waiting = this.queue[index];
    if (waiting === undefined) return;
    this.apply(waiting.event);
    waiting.told += 1;
    if (!twice || waiting.told > 1) this.queue.splice(index, 1);
  }

  /** Ends every child of the decision with what it holds, entries a little later filled in part. */
  endAll(decision: GridDecision, percent: number): void {
    for (const { levelIndex, cycle } of decision.end) {
      const child = this.child(levelIndex, cycle);
      if (child === undefined || child.stage.kind === 'ended') continue;
      if (child.stage.kind === 'entry' && percent > 0) this.fill(this.live().filter(({ stage }) => stage.kind !== 'filled').indexOf(child), percent);
      if ((child.stage as Stage).kind === 'ended') continue;
      child.stage = { kind: 'ended' };
      this.tell(child);
    }
  }

  closeNet(amountBase: Decimal, priceQuote: Decimal): void {
    this.apply({ kind: 'netCloseSent' });
    const side = this.plan.terms.side === 'BUY' ? 'SELL' : 'BUY';
    this.netCloseSequence += 1;
    this.apply({ kind: 'netCloseReported', sequence: this.netCloseSequence, totals: this.trade(NO_FILLS, side, priceQuote, amountBase, false), ended: true });
  }

  private trade(totals: FillTotals, side: 'BUY' | 'SELL', priceQuote: Decimal, amountBase: Decimal, opens: boolean): FillTotals {
    this.trades += 1;
    const sign = side === 'BUY' ? 1 : -1;
    const inBase = opens && side === 'BUY' && this.feeIn === 'base';
    const fee = (inBase ? amountBase : amountBase.times(priceQuote)).times('0.001');
    this.base = this.base.plus(amountBase.times(sign)).minus(inBase ? fee : 0);
    this.quote = this.quote.minus(amountBase.times(priceQuote).times(sign)).minus(inBase ? 0 : fee);
    return addFill(totals, { tradeId: `s${this.trades}`, priceQuote, amountBase, fees: [{ asset: inBase ? MARKET.base : MARKET.quote, amount: fee, valueQuote: null }], atMs: this.nowMs }, MARKET);
  }
}

function told(stage: Stage): LevelReport['stage'] {
  switch (stage.kind) {
    case 'entry':
      return { kind: 'entryOut' };
    case 'takeProfit':
      return { kind: 'takeProfitOut', priceQuote: stage.priceQuote };
    case 'filled':
      return stage;
    default:
      return { kind: 'ended', refused: false };
  }
}
