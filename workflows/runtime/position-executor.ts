import { condition, defineSignal, sleep, workflowInfo } from '@temporalio/workflow';
import type { MarketReading } from '../../src/contract/activities.js';
import { AmendmentRefused, amendPosition, type AmendedField } from '../../src/contract/amendment.js';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import { isAttentionReport, isFundingSettled, isLegEnded, isLegLost, isLegProgress } from '../../src/contract/check-messages.js';
import { SIGNALS, type AttentionReport, type LegEnded, type LegLost, type LegProgress, type StopAnswer } from '../../src/contract/messages.js';
import type { OrderPath } from '../../src/contract/order-plan.js';
import type { PlanChanges } from '../../src/domain/session/amended-plan.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { decimal, toDecimalString } from '../../src/domain/money.js';
import { onSignal } from './checked-signal.js';
import { decideClose } from './close-decision.js';
import { AmendRequest, amendmentEvidence, mayCostMore } from './amend-request.js';
import { recordClose } from './closing.js';
import { openContract } from './contract-calls.js';
import { DecisionLog } from './decisions.js';
import { FundingBook } from './funding-book.js';
import { fundingSettledSignal } from './funding-signal.js';
import { dustAfterFee, entryTerms, quantise, type Quantised } from './order-planning.js';
import { PositionBook } from './position-book.js';
import { Legs, isOver, type Leg } from './position-legs.js';
import { barrierRecord, entryPlan, exchangeStopRefusal, exitPlan, watchesRestingTargets } from './position-plans.js';
import { attentionText, newLife, noteError, type LifeState } from './report-base.js';
import { firstRunId, readMarket } from './session-call.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { VisibleState } from './visible-state.js';

const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legLostSignal = defineSignal<[LegLost]>(SIGNALS.legLost);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

/** Exits that are started without a pause between them. */
const FREE_EXITS = 5;

/** A position from entry to report. The exit is in history, and armed, before the entry is sent. */
export class PositionExecutor {
  private readonly life: LifeState = newLife();
  private readonly log = new DecisionLog();
  private readonly visible: VisibleState;
  private readonly stop: StopRequest;
  private readonly book: PositionBook;
  private readonly legs = new Legs(() => this.onLegs());
  private entry: Leg | null = null;
  private readonly exits: Leg[] = [];
  private entryNoted = false;
  private isPerpetual = false;
  private readonly targetsNoted = new Set<number>();
  private stopMovedNoted = false;
  private readonly commanded = new Set<string>();

  private reading: MarketReading | null = null;
  private amendments = 0;

  constructor(private config: PositionExecutorConfig) {
    this.visible = new VisibleState(config);
    this.book = new PositionBook(config, new FundingBook(config, this.log, (missing) => this.watchOwner(missing)));
    this.stop = new StopRequest(
      (decision, decidedNow) => this.answer(decision, decidedNow),
      (decision) => this.onStop(decision),
      this.visible.hearing,
    );
    this.stop.listen();
    new AmendRequest({ current: () => this.config, propose: (amendment) => this.propose(amendment), dearer: (config) => this.dearer(config), apply: (config, sequence, changed) => this.amended(config, sequence, changed) }).listen();
    const ignored = (signal: string): void => this.log.add('a malformed signal was ignored', { signal });
    onSignal(this.visible.hearing, legProgressSignal, isLegProgress, (news) => this.legs.progress(news), ignored);
    onSignal(this.visible.hearing, legEndedSignal, isLegEnded, (news) => this.legs.end(news), ignored);
    onSignal(this.visible.hearing, legLostSignal, isLegLost, (news) => this.legs.lost(news), ignored);
    onSignal(this.visible.hearing, attentionSignal, isAttentionReport, (news) => this.onLegAttention(news), ignored);
    onSignal(this.visible.hearing, fundingSettledSignal, isFundingSettled, (news) => void this.bookFunding(news.atMs), ignored);
  }

  async run(): Promise<void> {
    this.life.status = 'RUNNING';
    const { timeLimitAtMs } = barrierRecord(this.config);
    if (timeLimitAtMs !== null && Date.now() >= timeLimitAtMs) return this.finish('EXPIRED', 'REFUSED', 'the time limit was over before the start');
    this.show();
    const opening = await this.prepare();
    if (typeof opening === 'string') return this.finish('FAILED', 'REFUSED', opening);
    if (opening === null || this.stop.decision !== null) return this.finish('EARLY_STOP', 'STOPPED', null);
    await this.open(opening.reading, opening.sized, opening.entryPriceQuote);
    await this.untilClosed(opening.reading);
    await this.conclude(opening.reading);
  }

  report(): ExecutorReport {
    return this.book.report(this.life, this.log, this.entry, this.exits, Date.now());
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  /** Rules, entry price and quantised amount; a text refuses, null means stopped while waiting for a price. */
  private async prepare(): Promise<{ reading: MarketReading; sized: Quantised; entryPriceQuote: string } | string | null> {
    for (let pauseMs = 500; this.stop.decision === null; pauseMs = Math.min(pauseMs * 2, 60_000)) {
      const reading = await readMarket(this.config, this.config.pair, this.watchOwner).catch((error: unknown) => describe(error));
      if (typeof reading === 'string') return reading;
      const best = this.config.side === 'BUY' ? reading.bidQuote : reading.askQuote;
      const entryPriceQuote = this.config.entryPriceQuote ?? best;
      if (entryPriceQuote !== null) {
        this.onAttention('EMPTY_BOOK', null);
        const strategy = this.config.tripleBarrier.openOrderType;
        const sized = quantise(reading, { side: this.config.side, strategy, amountBase: this.config.amountBase, priceQuote: entryPriceQuote });
        const refusal = 'message' in sized ? sized.message : dustAfterFee(reading, this.config.side, sized, entryPriceQuote);
        if (refusal !== null || 'message' in sized) return refusal;
        const unkept = exchangeStopRefusal(this.config, reading);
        if (unkept !== null) return unkept;
        this.isPerpetual = reading.rules.contract === 'perpetual';
        const unset = this.isPerpetual ? await openContract(this.config, this.log, this.watchOwner) : null;
        if (unset !== null) return unset;
        return { reading, sized, entryPriceQuote };
      }
      this.onAttention('EMPTY_BOOK', 'the book has no price to enter at');
      await Promise.race([sleep(pauseMs), condition(() => this.stop.decision !== null)]);
    }
    return null;
  }

  private async open(reading: MarketReading, sized: Quantised, entryPriceQuote: string): Promise<void> {
    this.book.opened(reading, entryPriceQuote);
    const runId = firstRunId();
    this.log.add('position planned', { side: this.config.side, amount_base: toDecimalString(sized.amountBase), entry_price_quote: entryPriceQuote, run: workflowInfo().runId });
    if (watchesRestingTargets(this.config)) this.log.add('targets are watched, not resting', { why: 'the stop at the exchange holds the same base' });
    this.exits.push(await this.legs.start(exitPlan(this.config, reading, 1, runId)));
    this.entry = await this.legs.start(entryPlan(this.config, reading, sized, entryPriceQuote, runId));
    this.log.add('legs started');
    this.reading = reading;
    if (this.stop.decision !== null) this.applyStop(this.stop.decision);
    this.onLegs();
  }

  /** Until the entry is over and nothing it filled is without an exit or an owner. */
  private async untilClosed(reading: MarketReading): Promise<void> {
    for (;;) {
      await condition(() => this.lastExitOver());
      const why = this.anotherExitWhy();
      if (why !== null) await this.replaceExit(reading, why);
      else if (this.entryOver()) return;
      // The exit told the entry to stop; its end is on the way.
      else await condition(() => this.entryOver() || this.anotherExitWhy() !== null);
    }
  }

  private entryOver(): boolean {
    return this.entry === null || isOver(this.entry);
  }

  /** Why the last exit, which is over, needs a successor; null when it does not. */
  private anotherExitWhy(): string | null {
    const last = this.exits.at(-1);
    if (last === undefined || last.state.kind === 'running') return null;
    if (this.entry?.state.kind === 'ended' && this.book.entryBase(this.entry, this.exits).isZero()) return null;
    // What a lost exit protected and closed is known to the exchange only, and to the exit that follows it.
    if (last.state.kind === 'lost') return 'the exit leg was lost';
    if (this.stop.decision?.keepPosition === true) return null;
    // An exit that completed closed all that the exchange would take; what is left is handed over, not tried for ever.
    if (this.entryOver() && last.state.result.end.kind === 'completed' && this.book.protectedAll(this.entry, last)) return null;
    if (this.entryOver()) return this.book.tradableOpen(this.entry, this.exits) ? 'fills are left open' : null;
    const stoppedByUs = this.commanded.has(commandKey(last, 'cancel'));
    return last.state.result.end.kind === 'stopped' && !stoppedByUs ? 'the exit was stopped while the entry works' : null;
  }

  private async replaceExit(reading: MarketReading, why: string): Promise<void> {
    const counter = this.exits.length + 1;
    // A leg that is lost again and again must not fill the history.
    if (counter > FREE_EXITS) await sleep(Math.min(500 * 2 ** Math.min(counter - FREE_EXITS, 10), 60_000));
    this.log.add('another exit', { why, counter });
    noteError(this.life, why);
    const { config } = this;
    const exit = await this.legs.start(exitPlan(config, reading, counter, null));
    this.exits.push(exit);
    // Amended while the leg was being started: the one before it was told.
    if (config !== this.config) this.amendExit();
    const fired = this.book.firstTrigger(this.exits) !== null;
    if (this.stop.decision !== null) this.applyStop(this.stop.decision);
    else if (fired) await this.legs.command(exit, { kind: 'fire', reason: 'continue closing' });
    this.show();
  }

  /** Booked as it is settled, and at the end whatever nobody told of. */
  private async bookFunding(throughMs: number): Promise<void> {
    if (!this.isPerpetual || this.book.funding.closed) return;
    await this.book.funding.book(() => this.book.funded(this.entry, this.exits), throughMs);
    this.show();
  }

  private async conclude(reading: MarketReading): Promise<void> {
    const closedAtMs = Date.now();
    if (this.isPerpetual) await this.book.funding.close(() => this.book.funded(this.entry, this.exits), closedAtMs);
    const decision = decideClose(this.book.closeEvidence(reading, this.stop.decision, this.entry, this.exits));
    if (decision.contradiction !== null) this.log.add('contradiction', { detail: decision.contradiction });
    if (decision.closeType === 'POSITION_HOLD') this.life.hold = this.book.hold(this.entry, this.exits);
    await this.finish(decision.closeType, decision.outcome, decision.error, closedAtMs);
  }

  /** `closedAtMs` is the moment up to which funding is in its sums. */
  private async finish(closeType: CloseType, outcome: Outcome, error: string | null, closedAtMs = Date.now()): Promise<void> {
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
  private onLegs(): void {
    const trigger = this.book.firstTrigger(this.exits);
    if (trigger !== null && this.life.status === 'RUNNING') {
      this.life.status = 'SHUTTING_DOWN';
      if (trigger.trigger === 'LIQUIDATION') this.life.attention.set('LIQUIDATED', 'the exchange closed the position, or a part of it');
      this.log.add(`exit fired: ${trigger.trigger}`, { price: trigger.exitPriceQuote, command: trigger.command, protected_base: trigger.protectedTotals.filledBase, ...(trigger.exchangeStop ? { exchange_stop: 'fired at the exchange' } : {}) });
    }
    const entry = this.entry;
    this.noteEntry(entry);
    this.noteTargets(entry);
    if (entry !== null && isOver(entry) && this.book.entryBase(entry, this.exits).isZero() && entry.state.kind === 'ended') {
      // Nothing was bought: the exit has nothing to wait for.
      this.commandOnce(this.exits.at(-1), 'cancel', 'the entry ended without a fill');
    }
    // When all legs are over, the end (or another exit) follows in the same breath and shows itself.
    if (!this.lastExitOver() || !this.entryOver()) this.show();
  }

  /** Once for each target that is filled, and for the stop it moves. */
  private noteTargets(entry: Leg | null): void {
    const states = this.book.targets(entry, this.exits);
    for (const [index, state] of states.entries()) {
      if (state.state !== 'filled' || this.targetsNoted.has(index)) continue;
      this.targetsNoted.add(index);
      this.log.add(`target ${index + 1} filled`, { amount_base: state.amount_base, distance: state.distance });
    }
    if (this.stopMovedNoted || !this.book.stopMoved(entry, this.exits)) return;
    this.stopMovedNoted = true;
    this.log.add('the stop moved to the entry plus fees', { after_target: String(this.config.tripleBarrier.breakevenAfterTarget), ...this.book.levelTexts(entry, this.exits) });
  }

  /** Once, when the entry is over: what was bought, and the levels that protect it. */
  private noteEntry(entry: Leg | null): void {
    if (entry === null || this.entryNoted || !isOver(entry)) return;
    this.entryNoted = true;
    const end = entry.state.kind === 'ended' ? entry.state.result.end.kind : 'lost';
    this.log.add(`entry ${end}`, { filled_base: toDecimalString(this.book.entryBase(entry, this.exits)), ...this.book.levelTexts(entry, this.exits) });
    for (const [index, state] of this.book.targets(entry, this.exits).entries()) {
      if (state.merged_into === null) continue;
      this.log.add(`target ${index + 1} is closed with target ${state.merged_into}`, { why: 'its share is less than the exchange trades', share: state.share });
    }
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

  /** Keep: both legs cancel and count. Otherwise the exit fires, stops the entry and closes what is filled. */
  private applyStop(decision: StopDecision): void {
    const exit = this.exits.at(-1);
    if (decision.keepPosition) {
      this.commandOnce(this.entry ?? undefined, 'cancel', decision.reason);
      this.commandOnce(exit, 'cancel', decision.reason);
    } else this.commandOnce(exit, 'fire', decision.reason);
  }

  private commandOnce(leg: Leg | undefined, kind: 'fire' | 'cancel', reason: string): void {
    if (leg === undefined) return;
    const key = commandKey(leg, kind);
    if (this.commanded.has(key)) return;
    this.commanded.add(key);
    void this.legs.command(leg, { kind, reason });
  }

  private propose(amendment: unknown): PositionExecutorConfig {
    const { entry, reading } = this;
    if (entry === null || reading === null) throw new AmendmentRefused('status', this.life.status, 'is too early: the position is not planned yet');
    if (this.life.status !== 'RUNNING' || this.stop.decision !== null) throw new AmendmentRefused('status', 'SHUTTING_DOWN', 'is too late: the position is closing');
    const config = amendPosition(this.config, amendment, isOver(entry));
    const filled = this.book.entryBase(entry, this.exits);
    if (decimal(config.amountBase).lessThan(filled)) throw new AmendmentRefused('amount', config.amountBase, `must be at least what is executed, ${toDecimalString(filled)}`);
    const sized = this.sizedEntry(config, entry, reading);
    if ('message' in sized) throw new AmendmentRefused('amendment', amendment, `is against the rules of the market: ${sized.message}`);
    return config;
  }

  /** The entry is told of its amount and price, the exit of its barriers; each hears only what concerns it. */
  private amended(config: PositionExecutorConfig, sequence: number, changed: readonly AmendedField[]): void {
    const { entry } = this;
    const before = this.config;
    const changes = this.termsOf(config);
    this.config = config;
    this.amendments = sequence;
    this.book.amended(config);
    this.log.add('amended', amendmentEvidence(sequence, changed));
    const entryChanged = before.amountBase !== config.amountBase || before.entryPriceQuote !== config.entryPriceQuote;
    if (entryChanged && entry !== null && changes !== null) {
      void this.legs.command(entry, { kind: 'amend', reason: `amendment ${sequence}`, sequence, changes });
    }
    if (before.tripleBarrier !== config.tripleBarrier || before.closing !== config.closing) this.amendExit();
    this.show();
  }

  private amendExit(): void {
    const exit = this.exits.at(-1);
    if (exit === undefined) return;
    const barriers = barrierRecord(this.config);
    this.book.told(this.amendments, barriers);
    void this.legs.command(exit, { kind: 'amend', reason: `amendment ${this.amendments}`, sequence: this.amendments, changes: { barriers, exchangeStop: this.config.tripleBarrier.exchangeStop, closing: this.config.closing } });
  }

  private dearer(config: PositionExecutorConfig): { readonly path: OrderPath; readonly changes: PlanChanges } | null {
    const [before, after] = [this.termsOf(this.config), this.termsOf(config)];
    if (this.entry === null || isOver(this.entry) || before === null || after === null || !mayCostMore(before, after)) return null;
    return { path: this.entry.plan.path, changes: after };
  }

  /** The terms of the entry as the market takes them. */
  private termsOf(config: PositionExecutorConfig): PlanChanges | null {
    const sized = this.entry === null || this.reading === null ? null : this.sizedEntry(config, this.entry, this.reading);
    return sized === null || 'message' in sized ? null : entryTerms(sized);
  }

  private sizedEntry(config: PositionExecutorConfig, entry: Leg, reading: MarketReading): ReturnType<typeof quantise> {
    return quantise(reading, { side: config.side, strategy: config.tripleBarrier.openOrderType, amountBase: config.amountBase, priceQuote: config.entryPriceQuote ?? entry.plan.priceQuote });
  }

  /** What a leg was in trouble about is over with the executor, however late it is heard. */
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
    const open = toDecimalString(this.book.openBase(this.entry, this.exits));
    return {
      executor_id: this.config.id,
      status: this.life.status === 'TERMINATED' ? 'stopped' : 'stopping',
      keep_position: decision.keepPosition,
      reason: decision.reason,
      quantity_to_close_base: decision.keepPosition ? '0' : open,
      quantity_to_hand_over_base: decision.keepPosition ? open : '0',
      orders_to_cancel: this.book.openOrders(this.entry, this.exits).length,
      decided_now: decidedNow,
    };
  }

  private show(): void {
    this.visible.show(this.report(), { ...this.book.memo(this.entry, this.exits), attention: attentionText(this.life) });
  }
}

function commandKey(leg: Leg, kind: 'fire' | 'cancel'): string {
  return `${leg.plan.path.workflowId}:${kind}`;
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
