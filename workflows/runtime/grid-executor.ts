import { condition, defineSignal, sleep, workflowInfo } from '@temporalio/workflow';
import type { MarketReading } from '../../src/contract/activities.js';
import { AmendmentRefused } from '../../src/contract/amendment.js';
import { isAttentionReport, isFundingSettled, isLegEnded, isLegLost, isLegProgress, isLevelTold } from '../../src/contract/check-messages.js';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import { SIGNALS, type AttentionReport, type LegEnded, type LegLost, type LegProgress, type LevelTold, type StopAnswer } from '../../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { decideGrid, type GridDecision } from '../../src/domain/grid/decide-grid.js';
import { evaluateGridBarriers } from '../../src/domain/grid/grid-barriers.js';
import { gridInventory } from '../../src/domain/grid/grid-inventory.js';
import { isLive } from '../../src/domain/grid/grid-state.js';
import { toDecimalString } from '../../src/domain/money.js';
import { AmendRequest } from './amend-request.js';
import { onSignal } from './checked-signal.js';
import { recordClose } from './closing.js';
import { openContract } from './contract-calls.js';
import { DecisionLog } from './decisions.js';
import { fundingSettledSignal } from './funding-signal.js';
import { GridBook } from './grid-book.js';
import type { GridCarry } from './grid-carry.js';
import { gridEnd } from './grid-end.js';
import { GridExits } from './grid-exits.js';
import { GridFunding } from './grid-funding.js';
import { GridLevels, type LevelTrip } from './grid-levels.js';
import { GridPrices } from './grid-prices.js';
import { Legs } from './position-legs.js';
import { newLife, noteError, type LifeState } from './report-base.js';
import { failureText, readMarket, readMarketFirst } from './session-call.js';
import { stopOfGrid } from './standing-stop.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { midOf } from './twap-plans.js';
import { VisibleState } from './visible-state.js';

const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legLostSignal = defineSignal<[LegLost]>(SIGNALS.legLost);
const levelReportSignal = defineSignal<[LevelTold]>(SIGNALS.levelReport);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

/** A book without a price is asked again with pauses from the first to the last. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;
/** With activation bounds the price itself decides which levels are out: it is looked at so often. */
const BOUNDS_LOOK_MS = 5_000;
/** A level that a rule of the exchange keeps out at these prices is looked at again. */
const BREACH_LOOK_MS = 30_000;

/** A grid from its first decision to its report. Every decision is in history before its orders are sent. */
export class GridExecutor {
  private readonly life: LifeState = newLife();
  private readonly log: DecisionLog;
  private readonly visible: VisibleState;
  private readonly stop: StopRequest;
  private readonly book: GridBook;
  private readonly legs = new Legs(() => this.onLegs());
  private readonly levels: GridLevels;
  private readonly exits: GridExits;
  private readonly prices: GridPrices;
  private readonly stopped = new Set<string>();
  private readonly lost = new Map<string, { readonly levelIndex: number; readonly cycle: number }>();
  private readonly breaches = new Set<number>();
  /** Something happened since the last decision. */
  private news = false;
  /** Unix ms of the next look at what only the clock or the price changes; null = nothing waits for them. */
  private wakeAtMs: number | null = null;
  /** Funding that is being read: a run does not end meanwhile. */
  private booking = 0;

  constructor(
    private readonly config: GridExecutorConfig,
    private readonly carried: GridCarry | null,
    private readonly maxHistoryEvents: number,
  ) {
    this.log = new DecisionLog(carried?.decisions);
    this.visible = new VisibleState(config);
    const funding = new GridFunding(config, this.log, (missing) => this.watchOwner(missing), carried?.funding ?? null);
    this.book = new GridBook(config, funding, carried);
    this.levels = new GridLevels(config, this.life, this.log, (levelIndex, cycle) => this.onLost(levelIndex, cycle));
    this.exits = new GridExits(config, this.book, this.legs, this.life, this.log, carried);
    this.prices = new GridPrices(config, this.book, this.life, this.watchOwner, (message) => this.onAttention('EMPTY_BOOK', message));
    this.stop = new StopRequest((decision, decidedNow) => this.answer(decision, decidedNow), (decision) => this.onStop(decision), this.visible.hearing, carried?.stop ?? null);
    if (carried !== null) this.resume(carried);
    this.stop.listen();
    new AmendRequest({ current: () => this.config, propose: refuseAmendment, dearer: () => null, apply: () => undefined }).listen();
    const ignored = (signal: string): void => this.log.add('a malformed signal was ignored', { signal });
    onSignal(this.visible.hearing, legProgressSignal, isLegProgress, (news) => this.legs.progress(news), ignored);
    onSignal(this.visible.hearing, legEndedSignal, isLegEnded, (news) => this.legs.end(news), ignored);
    onSignal(this.visible.hearing, legLostSignal, isLegLost, (news) => this.onLegLost(news), ignored);
    onSignal(this.visible.hearing, levelReportSignal, isLevelTold, (news) => this.onLevel(news), ignored);
    onSignal(this.visible.hearing, fundingSettledSignal, isFundingSettled, (news) => void this.bookFunding(news.atMs), ignored);
    onSignal(this.visible.hearing, attentionSignal, isAttentionReport, (news) => this.onLegAttention(news), ignored);
  }

  /** `continues`: the history of this run is long, and `carry` is to go on in another. */
  async run(): Promise<'ended' | 'continues'> {
    if (this.carried === null) {
      this.life.status = 'RUNNING';
      const { timeLimitAtMs } = this.book.terms;
      if (timeLimitAtMs !== null && Date.now() >= timeLimitAtMs) return this.finish('EXPIRED', 'REFUSED', 'the time limit was over before the start');
      this.show();
      const begun = await this.begin();
      if (begun !== null) return begun;
    }
    for (;;) {
      const over = await this.step();
      if (over) return this.conclude();
      await this.untilSomethingToDo();
      if (workflowInfo().historyLength < this.maxHistoryEvents) continue;
      await condition(() => !this.levels.busy && !this.exits.busy && this.booking === 0);
      return 'continues';
    }
  }

  report(): ExecutorReport {
    return this.book.report(this.life, this.log, this.exits.openOrders(), Date.now());
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  /** What the next run begins with. Taken in the last moment of this one, so that no news falls between them. */
  carry(): GridCarry {
    const { attention, errorCount, lastError } = this.life;
    return { ...this.book.carry(), ...this.exits.carry(), stop: this.stop.decision, attention: [...attention], errorCount, lastError, lostLevels: [...this.lost.values()].map(({ levelIndex, cycle }) => [levelIndex, cycle] as const), decisions: this.log.all() };
  }

  private resume(carried: GridCarry): void {
    this.life.status = carried.state.phase.kind === 'running' ? 'RUNNING' : 'SHUTTING_DOWN';
    for (const [code, message] of carried.attention) this.life.attention.set(code, message);
    this.life.errorCount = carried.errorCount;
    this.life.lastError = carried.lastError;
    for (const [levelIndex, cycle] of carried.lostLevels) this.onLost(levelIndex, cycle);
  }

  /** Levels and their exit; anything but null is the end. */
  private async begin(): Promise<'ended' | null> {
    const planned = await this.plan();
    if (typeof planned === 'string') return this.finish('FAILED', 'REFUSED', planned);
    if (planned === null || this.stop.decision !== null) return this.finish('EARLY_STOP', 'STOPPED', null);
    const { plan } = this.book.planned;
    const met = evaluateGridBarriers(plan, gridInventory(plan, this.book.state), plan.midQuote, Date.now(), null).trigger;
    if (met !== null) {
      this.log.add(`barrier met at the start: ${met.barrier}`, { mid_quote: met.evidence.midQuote });
      // Nothing is held that could be kept.
      return this.finish(met.closeType === 'POSITION_HOLD' ? 'EARLY_STOP' : met.closeType, 'COMPLETED', null);
    }
    await this.exits.arm();
    if (this.stop.decision !== null) this.exits.stop(this.stop.decision);
    return null;
  }

  /** The reading it was planned by; a text refuses, null means stopped while waiting for a price. */
  private async plan(): Promise<MarketReading | string | null> {
    for (let pauseMs = FIRST_PAUSE_MS; this.stop.decision === null; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      const read = pauseMs === FIRST_PAUSE_MS ? readMarketFirst : readMarket;
      const reading = await read(this.config, this.config.pair, this.watchOwner).catch((error: unknown) => failureText(error));
      if (typeof reading === 'string') return reading;
      const mid = midOf(reading);
      if (mid !== null) {
        this.onAttention('EMPTY_BOOK', null);
        const refusal = this.book.begin(reading.rules, mid);
        if (refusal !== null) return refusal;
        const unset = reading.rules.contract === 'perpetual' ? await openContract(this.config, this.log, this.watchOwner) : null;
        if (unset !== null) return unset;
        const { levels, amountPerLevelQuote } = this.book.planned.plan;
        this.log.add('levels planned', { side: this.config.side, levels: levels.length, amount_per_level_quote: toDecimalString(amountPerLevelQuote), mid_quote: toDecimalString(mid), run: workflowInfo().runId });
        return reading;
      }
      this.onAttention('EMPTY_BOOK', 'the book has no price to plan by');
      await Promise.race([sleep(pauseMs), condition(() => this.stop.decision !== null)]);
    }
    return null;
  }

  /** One decision, and what follows from it. True when every level has ended and nothing is to be closed any more. */
  private async step(): Promise<boolean> {
    this.news = false;
    await this.exits.settleEnded();
    await this.restartLost();
    const prices = await this.prices.read();
    const nowMs = Date.now();
    const decision = decideGrid(this.book.planned.plan, this.book.state, prices, nowMs);
    await this.carryOut(decision, nowMs);
    this.wake(decision);
    this.show();
    return decision.settle !== null && !this.exits.atWork && !(await this.exits.close(decision.settle));
  }

  private async carryOut(decision: GridDecision, nowMs: number): Promise<void> {
    this.book.apply({ kind: 'reopened', levelIndexes: decision.reopen });
    this.book.apply({ kind: 'opened', nowMs, entries: decision.open });
    this.book.apply({ kind: 'withdrawn', levelIndexes: decision.withdraw.map(({ levelIndex }) => levelIndex) });
    if (decision.open.length > 0) this.log.add('levels opened', { levels: decision.open.map(({ levelIndex, cycle, priceQuote }) => `L${levelIndex}/${cycle} at ${toDecimalString(priceQuote)}`).join(', ').slice(0, 1_000) });
    for (const { levelIndex, breach } of decision.notOpened) this.noteBreach(levelIndex, `${breach.field} ${breach.value} ${breach.rule}`);
    await Promise.all(decision.open.map(({ levelIndex }) => this.levels.start(this.book.planned.record, this.trip(levelIndex))));
    for (const { levelIndex, cycle } of decision.withdraw) void this.levels.command(levelIndex, cycle, { kind: 'withdraw', reason: 'out of the activation bounds' });
    for (const { levelIndex, cycle } of decision.end) this.stopLevel(levelIndex, cycle);
    if (decision.exhausted && this.book.state.phase.kind === 'running') this.exhausted();
  }

  private noteBreach(levelIndex: number, breach: string): void {
    if (this.breaches.has(levelIndex)) return;
    this.breaches.add(levelIndex);
    this.log.add('a level cannot be sent now', { level: levelIndex, breach });
  }

  private trip(levelIndex: number): LevelTrip {
    const level = this.book.state.levels[levelIndex];
    const planned = this.book.planned.plan.levels[levelIndex];
    if (level === undefined || planned === undefined || !isLive(level)) throw new Error(`level ${levelIndex} is not out`);
    return { levelIndex, cycle: level.cycle, sequence: level.sequence, priceQuote: level.entryPriceQuote, amountBase: level.amountBase, takeProfitPriceQuote: planned.takeProfitPriceQuote };
  }

  /** Once for each; the exit stops those that its process knows by itself. */
  private stopLevel(levelIndex: number, cycle: number): void {
    const key = `${levelIndex}/${cycle}`;
    if (this.stopped.has(key)) return;
    this.stopped.add(key);
    void this.levels.command(levelIndex, cycle, { kind: 'stop', reason: 'the grid stops' });
  }

  private exhausted(): void {
    noteError(this.life, this.life.lastError ?? 'every level was refused too often');
    this.log.add('every level was refused too often');
    this.life.status = 'SHUTTING_DOWN';
    this.book.apply({ kind: 'stopped', closeType: 'FAILED', keepPosition: false, byCaller: false });
    this.exits.fire('every level was refused');
    this.news = true;
  }

  private async restartLost(): Promise<void> {
    for (const [key, { levelIndex, cycle }] of [...this.lost]) {
      this.lost.delete(key);
      const level = this.book.state.levels[levelIndex];
      if (level === undefined || !isLive(level) || level.cycle !== cycle) continue;
      await this.levels.restart(this.book.planned.record, this.trip(levelIndex));
      this.stopped.delete(key);
    }
  }

  private wake(decision: GridDecision): void {
    const nowMs = Date.now();
    const running = this.book.state.phase.kind === 'running';
    const times = [decision.wakeAtMs];
    if (this.prices.pauseMs !== null) times.push(nowMs + this.prices.pauseMs);
    if (running && this.book.terms.activationBoundsFraction !== null) times.push(nowMs + BOUNDS_LOOK_MS);
    if (running && decision.notOpened.length > 0) times.push(nowMs + BREACH_LOOK_MS);
    const due = times.filter((atMs) => atMs !== null);
    this.wakeAtMs = due.length === 0 ? null : Math.min(...due);
  }

  private async untilSomethingToDo(): Promise<void> {
    if (this.wakeAtMs === null) await condition(() => this.news);
    else await condition(() => this.news, Math.max(this.wakeAtMs - Date.now(), 1));
  }

  private onLevel(told: LevelTold): void {
    if (!this.book.isPlanned || !this.book.hear(told, Date.now())) return;
    if (this.book.funding.hear(told)) void this.bookFunding(Date.now());
    const { ended, levelIndex, cycle } = told;
    if (ended?.refusal != null) {
      noteError(this.life, `level ${levelIndex}: ${ended.refusal}`);
      this.log.add(`level ${levelIndex} refused`, { cycle, refusal: ended.refusal });
    } else if (ended !== null && told.entry.fillCount > 0) this.log.add(`level ${levelIndex} through`, { cycle, bought_or_sold_base: told.entry.filledBase, closed_base: told.exits.filledBase });
    this.news = true;
    this.show();
  }

  private onLost(levelIndex: number, cycle: number): void {
    this.lost.set(`${levelIndex}/${cycle}`, { levelIndex, cycle });
    this.news = true;
  }

  /** Of its exit, or of the child that carries a level. */
  private onLegLost(news: LegLost): void {
    const level = /\/L(\d+)\/(\d+)$/.exec(news.leg);
    if (level !== null && news.leg.startsWith(`${this.config.id}/`)) this.onLost(Number(level[1]), Number(level[2]));
    else this.legs.lost(news);
  }

  /** News of the exit: it fires before anybody here knows why. */
  private onLegs(): void {
    const trigger = this.exits.trigger();
    if (trigger !== null && this.book.isPlanned && this.book.state.phase.kind === 'running') {
      this.life.status = 'SHUTTING_DOWN';
      const { closeType, keepPosition } = this.exits.judge(trigger);
      if (trigger.trigger === 'LIQUIDATION') this.life.attention.set('LIQUIDATED', 'the exchange closed the position, or a part of it');
      this.log.add(`exit fired: ${trigger.grid?.barrier ?? trigger.trigger}`, { mid_quote: trigger.exitPriceQuote, base: trigger.grid?.evidence.base ?? null, net_pnl_fraction: trigger.grid?.evidence.netPnlFraction ?? null });
      this.book.apply({ kind: 'stopped', closeType, keepPosition, byCaller: false });
    }
    this.news = true;
    this.show();
  }

  private onStop(decision: StopDecision): void {
    if (this.life.status === 'RUNNING') this.life.status = 'SHUTTING_DOWN';
    this.log.add('stop decided', { reason: decision.reason, keep_position: decision.keepPosition });
    // A barrier that fired before stands.
    if (this.book.isPlanned && this.book.state.phase.kind === 'running') {
      this.book.apply({ kind: 'stopped', closeType: decision.keepPosition ? 'POSITION_HOLD' : 'EARLY_STOP', keepPosition: decision.keepPosition, byCaller: true });
      this.exits.stop(decision);
    }
    this.news = true;
    this.show();
  }

  private async conclude(): Promise<'ended'> {
    const { phase } = this.book.state;
    if (phase.kind !== 'ended') throw new Error('a grid cannot end before its levels');
    const { decision } = this.stop;
    // That nobody stopped it is in history before a report says so: were it not, a process that dies with the report
    // would leave the end to be decided again, with a stop that came meanwhile.
    if (decision === null) await sleep(1);
    const closedAtMs = Date.now();
    if (this.book.isPerpetual) await this.book.funding.close(this.exits.funded(), closedAtMs);
    const { liquidated, shortOfFunds } = this.book;
    const { closeType, outcome, error } = gridEnd({
      closeType: phase.closeType,
      traded: this.report().volume_quote !== '0',
      liquidated,
      stoppedByCaller: phase.byCaller,
      gaveUp: this.exits.gaveUp,
      shortOfFunds,
      lastError: this.life.lastError,
    });
    return this.finish(closeType, outcome, error, decision, closedAtMs);
  }

  /** `closedAtMs` is the moment up to which funding is in its sums. */
  private async finish(closeType: CloseType, outcome: Outcome, error: string | null, decision: StopDecision | null = this.stop.decision, closedAtMs = Date.now()): Promise<'ended'> {
    this.life.status = 'SHUTTING_DOWN';
    if (error !== null && error !== this.life.lastError) noteError(this.life, error);
    this.life.attention.clear();
    if (outcome === 'LIQUIDATED') this.life.attention.set('LIQUIDATED', error ?? outcome);
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    this.life.closedAtMs = closedAtMs;
    if (closeType === 'POSITION_HOLD') this.life.hold = this.book.hold();
    this.log.add(`ended ${closeType}`, { outcome, ...(error === null ? {} : { error }) });
    const closed = { ...this.report(), status: 'TERMINATED' as const };
    await recordClose({ report: closed, holdControllerId: decision?.controllerId ?? this.config.controllerId, orphanOf: null }, () => this.show());
    this.life.status = 'TERMINATED';
    this.show();
    return 'ended';
  }

  private async bookFunding(throughMs: number): Promise<void> {
    if (!this.book.isPerpetual || this.book.funding.closed) return;
    this.booking += 1;
    await this.book.funding.bookThrough(this.exits.funded(), throughMs).finally(() => (this.booking -= 1));
    this.show();
  }

  private onLegAttention(news: AttentionReport): void {
    if (this.life.closeType === null) this.onAttention(news.code, news.message);
  }

  private onAttention(code: string, message: string | null): void {
    if (message === null && !this.life.attention.delete(code)) return;
    if (message !== null) {
      this.life.attention.set(code, message);
      noteError(this.life, message);
    }
    this.log.add(message === null ? `attention over: ${code}` : `attention: ${code}`, message === null ? {} : { message });
    this.show();
  }

  private readonly watchOwner = (missing: boolean): void => {
    this.onAttention('NO_ACCOUNT_OWNER', missing ? `no process owns account ${this.config.account} of ${this.config.connector}` : null);
  };

  private answer(decision: StopDecision, decidedNow: boolean): StopAnswer {
    const stop = stopOfGrid(decision, this.book.isPlanned ? this.book.state.phase : null);
    const open = toDecimalString(this.book.openBase());
    const resting = this.book.isPlanned ? this.book.state.levels.filter(({ kind }) => kind === 'entryOut' || kind === 'takeProfitOut').length : 0;
    return {
      executor_id: this.config.id,
      status: this.life.status === 'TERMINATED' ? 'stopped' : 'stopping',
      keep_position: stop.keepPosition,
      reason: stop.reason,
      quantity_to_close_base: stop.keepPosition ? '0' : open,
      quantity_to_hand_over_base: stop.keepPosition ? open : '0',
      orders_to_cancel: resting,
      decided_now: decidedNow && stop.byCaller,
    };
  }

  private show(): void {
    this.visible.show(this.report(), this.book.memo(this.life));
  }
}

function refuseAmendment(): never {
  throw new AmendmentRefused('type', 'grid_executor', 'takes no amendments: stop it and create another');
}

