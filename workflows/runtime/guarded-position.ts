import { condition, defineSignal, sleep } from '@temporalio/workflow';
import type { MarketReading } from '../../src/contract/activities.js';
import { isAttentionReport, isFundingSettled, isLegEnded, isLegLost, isLegProgress } from '../../src/contract/check-messages.js';
import { SIGNALS, type AttentionReport, type LegEnded, type LegLost, type LegProgress, type StopAnswer } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { toDecimalString } from '../../src/domain/money.js';
import { AmendRequest, type Amendable } from './amend-request.js';
import { onSignal } from './checked-signal.js';
import { decideClose } from './close-decision.js';
import { recordClose } from './closing.js';
import { DecisionLog } from './decisions.js';
import type { EntryExitBook, GuardedConfig } from './entry-exit-book.js';
import { FundingBook } from './funding-book.js';
import { fundingSettledSignal } from './funding-signal.js';
import { Legs, isOver, type Leg } from './position-legs.js';
import { attentionText, newLife, noteError, type LifeState } from './report-base.js';
import { stopOrBarrier } from './standing-stop.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { VisibleState, type Visible } from './visible-state.js';

const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legLostSignal = defineSignal<[LegLost]>(SIGNALS.legLost);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

/** Exits that are started without a pause between them. */
const FREE_EXITS = 5;

/**
 * Entries under one exit, from the first leg to the report. The exit is in history, and armed, before an entry is sent;
 * one that is lost is followed by another; nothing ends while something filled has neither an exit nor an owner.
 */
export abstract class GuardedPosition<Config extends GuardedConfig, Book extends EntryExitBook<Config>> {
  protected readonly life: LifeState = newLife();
  protected readonly log = new DecisionLog();
  protected readonly visible: Visible;
  protected readonly stop: StopRequest;
  protected readonly book: Book;
  protected readonly legs = new Legs(() => this.onLegs());
  protected readonly entries: Leg[] = [];
  protected readonly exits: Leg[] = [];
  protected isPerpetual = false;
  private readonly commanded = new Set<string>();

  protected constructor(protected config: Config, makeBook: (funding: FundingBook) => Book, visible: Visible = new VisibleState(config)) {
    this.visible = visible;
    this.book = makeBook(new FundingBook(config, this.log, (missing) => this.watchOwner(missing)));
    this.stop = new StopRequest(
      (decision, decidedNow) => this.answer(decision, decidedNow),
      (decision) => this.onStop(decision),
      this.visible.hearing,
    );
  }

  /** Called by the constructor of each executor as its last act: signals that waited are heard at once. */
  protected listen(amendable: Amendable<Config> | null): void {
    this.stop.listen();
    if (amendable !== null) new AmendRequest(amendable).listen();
    const ignored = (signal: string): void => this.log.add('a malformed signal was ignored', { signal });
    onSignal(this.visible.hearing, legProgressSignal, isLegProgress, (news) => this.legs.progress(news), ignored);
    onSignal(this.visible.hearing, legEndedSignal, isLegEnded, (news) => this.legs.end(news), ignored);
    onSignal(this.visible.hearing, legLostSignal, isLegLost, (news) => this.legs.lost(news), ignored);
    onSignal(this.visible.hearing, attentionSignal, isAttentionReport, (news) => this.onLegAttention(news), ignored);
    onSignal(this.visible.hearing, fundingSettledSignal, isFundingSettled, (news) => void this.bookFunding(news.atMs), ignored);
  }

  abstract run(): Promise<void>;

  /** Exit `counter`; `runId` only for the one that is started before anything was ever sent. */
  protected abstract exitPlan(reading: MarketReading, counter: number, runId: string | null): OrderPlan;

  /** Notes what is new about the legs, and tells them what follows from it. */
  protected abstract noteLegs(): void;

  /** Tells the exit, when it was started with barriers that are not the ones of now. */
  protected abstract bringExitUpToDate(exit: Leg): void;

  report(): ExecutorReport {
    return this.book.report(this.life, this.log, this.entries, this.exits, Date.now());
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  /** Until the entries are over and nothing they filled is without an exit or an owner. */
  protected async untilClosed(reading: MarketReading): Promise<void> {
    for (;;) {
      await condition(() => this.lastExitOver());
      const why = this.anotherExitWhy();
      if (why !== null) await this.replaceExit(reading, why);
      else if (this.entriesOver()) return;
      // The exit told the entries to stop; their end is on the way.
      else await condition(() => this.entriesOver() || this.anotherExitWhy() !== null);
    }
  }

  protected entriesOver(): boolean {
    return this.entries.every(isOver);
  }

  private allEnded(): boolean {
    return this.entries.length > 0 && this.entries.every(({ state }) => state.kind === 'ended');
  }

  /** Why the last exit, which is over, needs a successor; null when it does not. */
  private anotherExitWhy(): string | null {
    const last = this.exits.at(-1);
    if (last === undefined || last.state.kind === 'running') return null;
    if (this.allEnded() && this.book.entryBase(this.entries, this.exits).isZero()) return null;
    // What a lost exit protected and closed is known to the exchange only, and to the exit that follows it.
    if (last.state.kind === 'lost') return 'the exit leg was lost';
    if (this.stop.decision?.keepPosition === true) return null;
    // An exit that completed closed all that the exchange would take; what is left is handed over, not tried for ever.
    if (this.entriesOver() && last.state.result.end.kind === 'completed' && this.book.protectedAll(this.entries, last)) return null;
    if (this.entriesOver()) return this.book.tradableOpen(this.entries, this.exits) ? 'fills are left open' : null;
    const stoppedByUs = this.commanded.has(commandKey(last, 'cancel'));
    return last.state.result.end.kind === 'stopped' && !stoppedByUs ? 'the exit was stopped while the entry works' : null;
  }

  private async replaceExit(reading: MarketReading, why: string): Promise<void> {
    const counter = this.exits.length + 1;
    // A leg that is lost again and again must not fill the history.
    if (counter > FREE_EXITS) await sleep(Math.min(500 * 2 ** Math.min(counter - FREE_EXITS, 10), 60_000));
    this.log.add('another exit', { why, counter });
    noteError(this.life, why);
    const exit = await this.legs.start(this.exitPlan(reading, counter, null));
    this.exits.push(exit);
    this.bringExitUpToDate(exit);
    const fired = this.book.firstTrigger(this.exits) !== null;
    if (this.stop.decision !== null) this.applyStop(this.stop.decision);
    else if (fired) await this.legs.command(exit, { kind: 'fire', reason: 'continue closing' });
    this.show();
  }

  /** Booked as it is settled, and at the end whatever nobody told of. */
  private async bookFunding(throughMs: number): Promise<void> {
    if (!this.isPerpetual || this.book.funding.closed) return;
    await this.book.funding.book(() => this.book.funded(this.entries, this.exits), throughMs);
    this.show();
  }

  protected async conclude(reading: MarketReading): Promise<void> {
    const closedAtMs = Date.now();
    if (this.isPerpetual) await this.book.funding.close(() => this.book.funded(this.entries, this.exits), closedAtMs);
    const decision = decideClose(this.book.closeEvidence(reading, this.stop.decision, this.entries, this.exits));
    if (decision.contradiction !== null) this.log.add('contradiction', { detail: decision.contradiction });
    if (decision.closeType === 'POSITION_HOLD') this.life.hold = this.book.hold(this.entries, this.exits);
    await this.finish(decision.closeType, decision.outcome, decision.error, closedAtMs);
  }

  /** `closedAtMs` is the moment up to which funding is in its sums. */
  protected async finish(closeType: CloseType, outcome: Outcome, error: string | null, closedAtMs = Date.now()): Promise<void> {
    this.life.status = 'SHUTTING_DOWN';
    if (error !== null) noteError(this.life, error);
    this.life.attention.clear();
    // The one end that a person has to look at: the account was short of margin.
    if (outcome === 'LIQUIDATED') this.life.attention.set('LIQUIDATED', error ?? outcome);
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    this.life.closedAtMs = closedAtMs;
    this.log.add(`ended ${closeType}`, { outcome, ...(error === null ? {} : { error }) });
    const closed = { ...this.report(), status: 'TERMINATED' as const };
    await recordClose({ report: closed, holdControllerId: this.stop.decision?.controllerId ?? this.config.controllerId, orphanOf: null }, () => this.show());
    this.life.status = 'TERMINATED';
    this.show();
  }

  /** News of a leg: remember, show, and give the commands that follow from it. */
  protected onLegs(): void {
    const trigger = this.book.firstTrigger(this.exits);
    if (trigger !== null && this.life.status === 'RUNNING') {
      this.life.status = 'SHUTTING_DOWN';
      if (trigger.trigger === 'LIQUIDATION') this.life.attention.set('LIQUIDATED', 'the exchange closed the position, or a part of it');
      this.log.add(`exit fired: ${trigger.trigger}`, { price: trigger.exitPriceQuote, command: trigger.command, protected_base: trigger.protectedTotals.filledBase, ...(trigger.exchangeStop ? { exchange_stop: 'fired at the exchange' } : {}) });
    }
    this.noteLegs();
    if (this.allEnded() && this.book.entryBase(this.entries, this.exits).isZero()) {
      // Nothing was bought: the exit has nothing to wait for.
      this.commandOnce(this.exits.at(-1), 'cancel', 'the entry ended without a fill');
    }
    // When all legs are over, the end (or another exit) follows in the same breath and shows itself.
    if (!this.lastExitOver() || !this.entriesOver()) this.show();
  }

  private lastExitOver(): boolean {
    const last = this.exits.at(-1);
    return last === undefined || isOver(last);
  }

  private onStop(decision: StopDecision): void {
    this.life.status = this.life.status === 'RUNNING' ? 'SHUTTING_DOWN' : this.life.status;
    this.log.add('stop decided', { reason: decision.reason, keep_position: decision.keepPosition });
    this.applyStop(decision);
    this.show();
  }

  /** Keep: all legs cancel and count. Otherwise the exit fires, stops the entries and closes what is filled. */
  protected applyStop(decision: StopDecision): void {
    const exit = this.exits.at(-1);
    if (decision.keepPosition) {
      for (const entry of this.entries) this.commandOnce(entry, 'cancel', decision.reason);
      // Were the exit to end first, a fill of an entry whose workflow is gone would be in no report.
      this.commandOnce(exit, 'cancel', decision.reason, true);
    } else this.commandOnce(exit, 'fire', decision.reason);
  }

  protected commandOnce(leg: Leg | undefined, kind: 'fire' | 'cancel', reason: string, afterFills = false): void {
    if (leg === undefined) return;
    const key = commandKey(leg, kind);
    if (this.commanded.has(key)) return;
    this.commanded.add(key);
    void this.legs.command(leg, kind === 'fire' || !afterFills ? { kind, reason } : { kind, reason, afterFills });
  }

  /** What a leg was in trouble about is over with the executor, however late it is heard. */
  private onLegAttention(news: AttentionReport): void {
    if (this.life.closeType === null) this.onAttention(news.code, news.message);
  }

  protected onAttention(code: string, message: string | null): void {
    if (message === null && !this.life.attention.delete(code)) return;
    if (message !== null) {
      this.life.attention.set(code, message);
      noteError(this.life, message);
    }
    this.log.add(message === null ? `attention over: ${code}` : `attention: ${code}`, message === null ? {} : { message });
    this.show();
  }

  protected readonly watchOwner = (missing: boolean): void => {
    this.onAttention('NO_ACCOUNT_OWNER', missing ? `no process owns account ${this.config.account} of ${this.config.connector}` : null);
  };

  private answer(decision: StopDecision, decidedNow: boolean): StopAnswer {
    const open = toDecimalString(this.book.openBase(this.entries, this.exits));
    const { keepPosition, reason, byCaller } = stopOrBarrier(decision, this.book.firstTrigger(this.exits));
    return {
      executor_id: this.config.id,
      status: this.life.status === 'TERMINATED' ? 'stopped' : 'stopping',
      keep_position: keepPosition,
      reason,
      quantity_to_close_base: keepPosition ? '0' : open,
      quantity_to_hand_over_base: keepPosition ? open : '0',
      orders_to_cancel: this.book.openOrders(this.entries, this.exits).length,
      decided_now: decidedNow && byCaller,
    };
  }

  protected show(): void {
    this.visible.show(this.report(), { ...this.book.memo(this.entries, this.exits), attention: attentionText(this.life) });
  }
}

function commandKey(leg: Leg, kind: 'fire' | 'cancel'): string {
  return `${leg.plan.path.workflowId}:${kind}`;
}
