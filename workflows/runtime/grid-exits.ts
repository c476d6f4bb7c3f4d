import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import type { FundedPosition } from '../../src/contract/perpetual.js';
import type { OpenOrder, SessionCommand } from '../../src/contract/messages.js';
import type { SessionResult, TriggerEvidence } from '../../src/contract/session-result.js';
import { sleep } from '@temporalio/workflow';
import type { CloseType } from '../../src/domain/enumerations.js';
import { totalsRecord } from '../../src/domain/fills.js';
import type { Settlement } from '../../src/domain/grid/decide-grid.js';
import { evaluateGridBarriers } from '../../src/domain/grid/grid-barriers.js';
import { LIMITS } from '../../src/domain/limits.js';
import { Decimal, decimal, toDecimalString } from '../../src/domain/money.js';
import type { DecisionLog } from './decisions.js';
import type { GridBook } from './grid-book.js';
import type { GridCarry } from './grid-carry.js';
import { gridExitPlan, remainderPlan } from './grid-plans.js';
import { LegRestarts } from './leg-restarts.js';
import { isOver, legOpenOrders, legTotals, legTrigger, type Leg, type Legs } from './position-legs.js';
import { noteError, type LifeState } from './report-base.js';
import { firstRunId } from './session-call.js';
import type { StopDecision } from './stop-request.js';

const FIRST_PAUSE_MS = 500;

/** What ends a grid: the exit that is armed from the start, and further ones for what it could not close. */
export class GridExits {
  /** Attempts in a row closed nothing: what is left is handed over. */
  gaveUp = false;
  private current: Leg | null = null;
  private count: number;
  private fruitless = 0;
  private underWay = 0;
  /** What exits of before moved, of a perpetual the funding needs them. */
  private moved: FundedPosition;
  private told: string | null = null;
  private readonly restarts: LegRestarts;

  constructor(
    private readonly config: GridExecutorConfig,
    private readonly book: GridBook,
    private readonly legs: Legs,
    private readonly life: LifeState,
    private readonly log: DecisionLog,
    carried: GridCarry | null,
  ) {
    this.restarts = new LegRestarts(legs, life, log);
    this.count = carried?.exitCount ?? 0;
    this.moved = carried?.exitsMoved ?? { legs: [], liquidated: [] };
    if (carried === null || carried.exitProgress === null) return;
    const plan = carried.exitAmountBase === null ? gridExitPlan(config, book.terms, carried.rules, null) : remainderPlan(config, carried.rules, this.count, decimal(carried.exitAmountBase), null);
    this.current = legs.follow(plan, carried.exitProgress, carried.exitOver);
  }

  get busy(): boolean {
    return this.underWay > 0;
  }

  /** True while an exit may still trade. */
  get atWork(): boolean {
    return this.current !== null;
  }

  async arm(): Promise<void> {
    this.count = 1;
    this.current = await this.legs.start(gridExitPlan(this.config, this.book.terms, this.book.planned.record, firstRunId()));
    this.log.add('exit armed');
  }

  /** What made the first exit fire; null while it has not. */
  trigger(): TriggerEvidence | null {
    return this.current === null ? null : legTrigger(this.current);
  }

  openOrders(): readonly OpenOrder[] {
    return legOpenOrders(this.current);
  }

  /** The workflow's own judgement of the numbers that the session compared. */
  judge(trigger: TriggerEvidence): { readonly closeType: CloseType; readonly keepPosition: boolean } {
    if (trigger.trigger === 'LIQUIDATION') return { closeType: 'FAILED', keepPosition: false };
    const { grid } = trigger;
    if (grid === undefined) return { closeType: 'STOP_LOSS', keepPosition: false };
    const { midQuote, atMs, base, costQuote, feesQuote, trailingTrigger } = grid.evidence;
    const inventory = { base: decimal(base), costQuote: decimal(costQuote), openFeesQuote: decimal(feesQuote) };
    const own = evaluateGridBarriers(this.book.planned.plan, inventory, midQuote === null ? null : decimal(midQuote), atMs, trailingTrigger === null ? null : decimal(trailingTrigger)).trigger;
    if (own?.barrier !== grid.barrier) {
      const contradiction = `the session fired ${grid.barrier}, the evidence says ${own?.barrier ?? 'nothing'}`;
      this.log.add('contradiction', { detail: contradiction });
      noteError(this.life, contradiction);
    }
    return { closeType: own?.closeType ?? grid.closeType, keepPosition: own?.keepPosition ?? grid.keepPosition };
  }

  stop({ keepPosition, reason }: StopDecision): void {
    this.command({ kind: keepPosition ? 'cancel' : 'fire', reason });
  }

  fire(reason: string): void {
    this.command({ kind: 'fire', reason });
  }

  private command(command: SessionCommand): void {
    const leg = this.current;
    if (leg === null || this.told !== null) return;
    this.told = command.kind;
    this.underWay += 1;
    void this.legs.command(leg, command).finally(() => (this.underWay -= 1));
  }

  /** Counts an exit that has ended, once; one whose workflow somebody ended is taken up again. */
  async settleEnded(): Promise<void> {
    const leg = this.current;
    if (leg === null || !isOver(leg)) return;
    if (leg.state.kind === 'lost') {
      this.current = await this.restarts.restart(leg);
      const { phase } = this.book.state;
      this.told = null;
      if (phase.kind === 'stopping') this.command({ kind: phase.keepPosition ? 'cancel' : 'fire', reason: 'continue closing' });
      return;
    }
    if (leg.state.kind === 'ended') this.counted(leg, leg.state.result);
  }

  /** What all exits moved so far. */
  funded(): FundedPosition {
    const leg = this.current;
    if (leg === null) return this.moved;
    const taken = leg.state.kind === 'ended' ? leg.state.result.orders.filter((order) => order.purpose === 'liquidation') : [];
    return {
      legs: [...this.moved.legs, { path: leg.plan.path, side: leg.plan.side, totals: totalsRecord(legTotals(leg)) }],
      liquidated: [...this.moved.liquidated, ...taken.map(({ side, totals }) => ({ side, amountBase: totals.filledBase, atMs: totals.lastFillAtMs ?? 0 }))],
    };
  }

  private counted(leg: Leg, result: SessionResult): void {
    this.moved = this.funded();
    this.current = null;
    this.legs.forget(leg);
    this.book.closed(result);
    this.fruitless = result.totals.fillCount > 0 ? 0 : this.fruitless + 1;
    this.log.add(`exit ${this.count} ${result.end.kind}`, { filled_base: result.totals.filledBase, filled_quote: result.totals.filledQuote });
    if (result.end.kind === 'failed' || result.end.kind === 'insufficientBalance') noteError(this.life, result.end.message);
    // Stopped by somebody while the grid runs: nothing would protect it any more.
    const { phase } = this.book.state;
    if (phase.kind === 'running') this.book.apply({ kind: 'stopped', closeType: 'EARLY_STOP', keepPosition: false, byCaller: false });
  }

  /** Every level has ended. True when another exit was sent, false when nothing is left to be done. */
  async close(settlement: Settlement): Promise<boolean> {
    if (settlement.kind !== 'closeNet') {
      this.book.apply({ kind: 'settled', handedOver: settlement.kind === 'handOver' });
      return false;
    }
    if (this.fruitless > LIMITS.maxFruitlessExits) {
      this.gaveUp = true;
      this.book.apply({ kind: 'settled', handedOver: true });
      return false;
    }
    if (this.fruitless > 0) await sleep(FIRST_PAUSE_MS * 2 ** this.fruitless);
    this.count += 1;
    const { maxAmountBase } = this.book.planned.plan.rules;
    const amountBase = maxAmountBase === null ? settlement.amountBase : Decimal.min(settlement.amountBase, maxAmountBase);
    this.log.add(`exit ${this.count} decided`, { amount_base: toDecimalString(amountBase) });
    this.current = await this.legs.start(remainderPlan(this.config, this.book.planned.record, this.count, amountBase, firstRunId()));
    return true;
  }

  carry(): Pick<GridCarry, 'exitCount' | 'exitProgress' | 'exitAmountBase' | 'exitOver' | 'exitsMoved'> {
    const leg = this.current;
    return { exitCount: this.count, exitProgress: leg === null ? null : totalsRecord(legTotals(leg)), exitAmountBase: leg?.plan.amountBase ?? null, exitOver: leg === null || leg.state.kind === 'running' ? null : leg.state, exitsMoved: this.moved };
  }
}
