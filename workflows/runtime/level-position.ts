import { CancellationScope, defineSignal, getExternalWorkflowHandle, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { isLevelCommand } from '../../src/contract/check-messages.js';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import { LEVEL_STOPPED } from '../../src/contract/grid-levels.js';
import { SIGNALS, type LevelCommand, type LevelEnd, type LevelTold } from '../../src/contract/messages.js';
import type { MarketReading } from '../../src/contract/activities.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { totalsRecord } from '../../src/domain/fills.js';
import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import { decimal } from '../../src/domain/money.js';
import { HEARD_ANYWAY, onSignal } from './checked-signal.js';
import { recordClose } from './closing.js';
import { retriesOf, unvaluedFeesOf } from './entry-exit-book.js';
import { GuardedPosition } from './guarded-position.js';
import { isGone } from './leg-voice.js';
import { PositionBook } from './position-book.js';
import { isOver, type Leg } from './position-legs.js';
import { entryPlan, exitPlan } from './position-plans.js';
import { firstRunId } from './session-call.js';
import type { StopDecision } from './stop-request.js';

/** A level of a grid: what to open where, and where its take profit rests. */
export interface LevelInput {
  readonly kind: 'level';
  readonly config: PositionExecutorConfig & { readonly entryPriceQuote: string; readonly level: NonNullable<PositionExecutorConfig['level']> };
  readonly rules: MarketRulesRecord;
  /** Of the last report of this round trip that the grid has counted; 0 at first. */
  readonly sequence: number;
}

export const levelReportSignal = defineSignal<[LevelTold]>(SIGNALS.levelReport);
export const levelCommandSignal = defineSignal<[LevelCommand]>(SIGNALS.levelCommand);

/** Orders of a round trip that its grid is told one by one; all of them are in the sums. */
const MAX_ORDERS_TOLD = 6;

/**
 * One round trip of a level: an entry that rests, and an exit that rests where the take profit is. It has no barriers of its
 * own: the exit of its grid ends it, and closes what it leaves.
 */
export class LevelPosition extends GuardedPosition<PositionExecutorConfig, PositionBook> {
  private sequence: number;
  private lastTold = '';
  private end: LevelEnd | null = null;

  constructor(private readonly input: LevelInput) {
    super(input.config, (funding) => new PositionBook(input.config, funding), {
      hearing: HEARD_ANYWAY,
      show: (report) => setCurrentDetails(`level ${input.config.level.levelIndex}, round trip ${input.config.level.cycle}: ${report.status}, net P&L ${report.net_pnl_quote}`),
    });
    this.sequence = input.sequence;
    this.listen(null);
    onSignal(HEARD_ANYWAY, levelCommandSignal, isLevelCommand, (command) => this.onCommand(command));
  }

  async run(): Promise<void> {
    this.life.status = 'RUNNING';
    const { config, rules } = this.input;
    const reading: MarketReading = { rules, bidQuote: null, askQuote: null, atMs: Date.now() };
    this.book.opened(reading, config.entryPriceQuote);
    const runId = firstRunId();
    const sized = { amountBase: decimal(config.amountBase), priceQuote: decimal(config.entryPriceQuote) };
    this.exits.push(await this.legs.start(this.exitPlan(reading, 1, runId)));
    this.entries.push(await this.legs.start(entryPlan(config, reading, sized, config.entryPriceQuote, runId)));
    if (this.stop.decision !== null) this.applyStop(this.stop.decision);
    this.onLegs();
    await this.untilClosed(reading);
    await this.conclude(reading);
  }

  /** The last thing it told, or would tell. */
  told(): LevelTold {
    const { levelIndex, cycle } = this.input.config.level;
    return {
      levelIndex,
      cycle,
      sequence: this.sequence,
      entry: totalsRecord(this.book.entryTotals(this.entries, this.exits)),
      exits: totalsRecord(this.book.exitTotals(this.exits)),
      entryOut: !this.entriesOver() || this.entries.length === 0,
      // Booked by the grid, for all its levels at once.
      funded: this.input.rules.contract === 'perpetual' ? this.book.funded(this.entries, this.exits) : null,
      ended: this.end,
    };
  }

  protected exitPlan(reading: MarketReading, counter: number, runId: string | null): OrderPlan {
    return exitPlan(this.config, reading, counter, runId);
  }

  protected bringExitUpToDate(): void {
    // Its terms never change.
  }

  protected noteLegs(): void {
    // The exit of the grid has stopped a leg here: nothing takes its place.
    if (this.stop.decision === null && [...this.entries, ...this.exits].some(stoppedByGrid)) this.stop.take(stopped(LEVEL_STOPPED));
    this.tellIfNew();
  }

  private onCommand({ kind, reason }: LevelCommand): void {
    switch (kind) {
      case 'withdraw':
        for (const entry of this.entries) this.commandOnce(entry, 'cancel', reason);
        return;
      case 'stop':
        return this.stop.take(stopped(reason));
      case 'tell':
        this.lastTold = '';
        return this.tellIfNew();
    }
  }

  private tellIfNew(): void {
    const { sequence: _, ...news } = this.told();
    const text = JSON.stringify([news.entry.fillCount, news.entry.feesQuote, news.exits.fillCount, news.exits.feesQuote, news.entryOut, news.ended !== null]);
    if (text === this.lastTold) return;
    this.lastTold = text;
    this.sequence += 1;
    void this.send();
  }

  /** False when there is no grid to hear it. */
  private async send(): Promise<boolean> {
    try {
      const told = this.told();
      await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(this.input.config.level.gridId).signal(levelReportSignal, told));
      return true;
    } catch (error) {
      if (!isGone(error)) throw error;
      if (this.end === null) this.withoutGrid();
      return false;
    }
  }

  /** Nothing is added any more; what is filled keeps its take profit. */
  private withoutGrid(): void {
    upsertSearchAttributes({ NeedsAttention: [true] });
    for (const entry of this.entries) this.commandOnce(entry, 'cancel', 'its grid is gone');
  }

  /** In place of a report of its own: the grid counts it; where there is no grid, the controller does. */
  protected override async finish(closeType: CloseType, outcome: Outcome, error: string | null, closedAtMs = Date.now()): Promise<void> {
    this.life.status = 'SHUTTING_DOWN';
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    this.life.closedAtMs = closedAtMs;
    const ends = this.entries.map(({ state }) => (state.kind === 'ended' ? state.result.end : null));
    const refused = ends.find((end) => end?.kind === 'failed' || end?.kind === 'insufficientBalance');
    const orders = this.book.allOrders(this.entries, this.exits).filter((order) => order.totals.fillCount > 0);
    this.end = {
      refusal: refused !== undefined && refused !== null && 'message' in refused ? refused.message : null,
      insufficientBalance: refused?.kind === 'insufficientBalance',
      liquidated: outcome === 'LIQUIDATED',
      orders: orders.slice(-MAX_ORDERS_TOLD),
      retries: retriesOf([...this.entries, ...this.exits]),
      lastError: error ?? this.life.lastError,
      unvaluedFees: unvaluedFeesOf([...this.entries, ...this.exits]),
    };
    this.sequence += 1;
    if (!(await this.send())) await this.handOver();
    this.life.status = 'TERMINATED';
  }

  /** Every fill of it, under its own id, so that it counts once. */
  private async handOver(): Promise<void> {
    const hold = this.book.hold(this.entries, this.exits);
    if (hold.orders.length === 0) return;
    const { level } = this.input.config;
    const report = { ...this.report(), status: 'TERMINATED' as const, close_type: 'POSITION_HOLD' as const, outcome: 'STOPPED' as const, net_pnl_quote: '0', net_pnl_pct: '0', filled_amount_quote: '0', needs_attention: true, last_error: `grid ${level.gridId} is gone; its fills were handed to ${this.config.controllerId}`, hold };
    await recordClose({ report, holdControllerId: this.config.controllerId, orphanOf: level.gridId });
  }
}

function stopped(reason: string): StopDecision {
  return { keepPosition: true, reason, controllerId: null };
}

function stoppedByGrid(leg: Leg): boolean {
  return isOver(leg) && leg.state.kind === 'ended' && leg.state.result.end.kind === 'stopped' && leg.state.result.end.reason === LEVEL_STOPPED;
}
