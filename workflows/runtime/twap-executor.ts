import { condition, defineSignal, sleep, workflowInfo } from '@temporalio/workflow';
import type { MarketReading } from '../../src/contract/activities.js';
import { AmendmentRefused } from '../../src/contract/amendment.js';
import { isAttentionReport, isFundingSettled, isLegEnded, isLegLost, isLegProgress } from '../../src/contract/check-messages.js';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import { SIGNALS, type AttentionReport, type LegEnded, type LegLost, type LegProgress } from '../../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { totalsRecord } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { marketRules } from '../../src/domain/market-rules.js';
import { toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import { nextSlices, twapWakeAtMs, type SliceToSend, type TwapDecision } from '../../src/domain/twap/next-slices.js';
import { planTwap } from '../../src/domain/twap/plan-twap.js';
import { dueSlots, slotsLeft } from '../../src/domain/twap/slice-schedule.js';
import type { OpenSlice } from '../../src/domain/twap/twap-state.js';
import { onSignal } from './checked-signal.js';
import { AmendRequest } from './amend-request.js';
import { recordClose } from './closing.js';
import { openContract } from './contract-calls.js';
import { DecisionLog } from './decisions.js';
import { FundingBook } from './funding-book.js';
import { fundingSettledSignal } from './funding-signal.js';
import { LegRestarts } from './leg-restarts.js';
import { Legs, isOver, legOpenOrders, legTotals, type Leg } from './position-legs.js';
import { newLife, noteError, type LifeState } from './report-base.js';
import { failureText, firstRunId, readMarket, readMarketFirst } from './session-call.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { TwapBook } from './twap-book.js';
import type { TwapCarry } from './twap-carry.js';
import { TwapExits } from './twap-exits.js';
import { midOf, slicePlan } from './twap-plans.js';
import { twapMemo, twapReport, twapStopAnswer, type TwapView } from './twap-report.js';
import { VisibleState } from './visible-state.js';

const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legLostSignal = defineSignal<[LegLost]>(SIGNALS.legLost);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

/** A book without a price is asked again with pauses from the first to the last. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;
/** So long the end waits for a price to value what it hands over; without one it stands at its cost. */
const LAST_PRICE_MS = 5_000;

/** A plan of slices from its first decision to its report. Every decision is in history before its orders are sent. */
export class TwapExecutor {
  private readonly life: LifeState = newLife();
  private readonly log: DecisionLog;
  private readonly visible: VisibleState;
  private readonly stop: StopRequest;
  private readonly book: TwapBook;
  private readonly legs = new Legs(() => this.onLegs());
  private readonly restarts: LegRestarts;
  private readonly exits: TwapExits;
  /** Orders of the slices that are open, by number. */
  private readonly slices = new Map<number, Leg>();
  /** Something happened since the last decision. */
  private news = false;
  private lastMid: Decimal | null = null;
  /** Before the next try for a price; null when the last one was answered. */
  private pricePauseMs: number | null = null;
  private shortOfFunds = false;
  /** On their way to slices: those of a run that is over would not leave. */
  private commandsUnderWay = 0;

  constructor(
    private readonly config: TwapExecutorConfig,
    private readonly carried: TwapCarry | null,
    private readonly maxHistoryEvents: number,
  ) {
    this.log = new DecisionLog(carried?.decisions);
    this.visible = new VisibleState(config);
    this.book = new TwapBook(config, new FundingBook(config, this.log, (missing) => this.watchOwner(missing), carried?.funding ?? null), carried, Date.now());
    this.restarts = new LegRestarts(this.legs, this.life, this.log);
    this.exits = new TwapExits(config, this.book, this.legs, this.restarts, this.life, this.log, () => this.show());
    this.stop = new StopRequest(
      (decision, decidedNow) => twapStopAnswer(this.view(), decision, decidedNow),
      (decision) => this.onStop(decision),
      this.visible.hearing,
      carried?.stop ?? null,
    );
    if (carried !== null) this.resume(carried);
    this.stop.listen();
    new AmendRequest({ current: () => this.config, propose: refuseAmendment, dearer: () => null, apply: () => undefined }).listen();
    const ignored = (signal: string): void => this.log.add('a malformed signal was ignored', { signal });
    onSignal(this.visible.hearing, legProgressSignal, isLegProgress, (news) => this.legs.progress(news), ignored);
    onSignal(this.visible.hearing, legEndedSignal, isLegEnded, (news) => this.legs.end(news), ignored);
    onSignal(this.visible.hearing, legLostSignal, isLegLost, (news) => this.legs.lost(news), ignored);
    onSignal(this.visible.hearing, attentionSignal, isAttentionReport, (news) => this.onLegAttention(news), ignored);
    onSignal(this.visible.hearing, fundingSettledSignal, isFundingSettled, (news) => void this.bookFunding(news.atMs), ignored);
  }

  /** `continues`: the history of this run is long, and `carry` is to go on in another. */
  async run(): Promise<'ended' | 'continues'> {
    if (this.carried === null) {
      this.life.status = 'RUNNING';
      this.show();
      const refusal = await this.plan();
      if (refusal !== null) return this.finish('FAILED', 'REFUSED', refusal);
      if (this.stop.decision !== null) return this.finish('EARLY_STOP', 'STOPPED', null);
      this.show();
    }
    while (!(await this.step())) {
      await this.untilSomethingToDo();
      if (!this.historyIsLong()) continue;
      await condition(() => this.commandsUnderWay === 0);
      return 'continues';
    }
    return this.conclude();
  }

  report(): ExecutorReport {
    return twapReport(this.view(), Date.now());
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  /** What the next run begins with. Taken in the last moment of this one, so that no news falls between them. */
  carry(): TwapCarry {
    const { attention, errorCount, lastError } = this.life;
    return { ...this.book.carry(), stop: this.stop.decision, attention: [...attention], errorCount, lastError, decisions: this.log.all() };
  }

  private resume(carried: TwapCarry): void {
    this.life.status = carried.state.phase.kind === 'running' ? 'RUNNING' : 'SHUTTING_DOWN';
    for (const [code, message] of carried.attention) this.life.attention.set(code, message);
    this.life.errorCount = carried.errorCount;
    this.life.lastError = carried.lastError;
    for (const slice of this.book.state.open) {
      this.slices.set(slice.number, this.legs.follow(slicePlan(this.config, carried.rules, slice.number, slice, null), totalsRecord(slice.totals)));
    }
  }

  /** Null when there is a plan, or a stop made it needless; a text refuses. */
  private async plan(): Promise<string | null> {
    for (let pauseMs = FIRST_PAUSE_MS; this.stop.decision === null; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      const read = pauseMs === FIRST_PAUSE_MS ? readMarketFirst : readMarket;
      const reading = await read(this.config, this.config.pair, this.watchOwner).catch((error: unknown) => failureText(error));
      if (typeof reading === 'string') return reading;
      const mid = midOf(reading);
      if (mid !== null) {
        this.onAttention('EMPTY_BOOK', null);
        return this.planAt(reading, mid);
      }
      this.onAttention('EMPTY_BOOK', 'the book has no price to plan by');
      await Promise.race([sleep(pauseMs), condition(() => this.stop.decision !== null)]);
    }
    return null;
  }

  private async planAt({ rules }: MarketReading, mid: Decimal): Promise<string | null> {
    const { config } = this;
    const planning = planTwap(this.book.terms, marketRules(rules), mid);
    if (planning.kind === 'refused') {
      const { field, value, rule } = planning.refusal;
      return `${field}: ${value} is not allowed, it ${rule}`;
    }
    const unset = rules.contract === 'perpetual' ? await openContract(config, this.log, this.watchOwner) : null;
    if (unset !== null) return unset;
    const { slices } = planning.plan;
    this.log.add('slices planned', { side: config.side, total_amount_quote: config.totalAmountQuote, slices: slices.length, amount_base: toDecimalString(slices[0]?.amountBase ?? ZERO), mid_quote: toDecimalString(mid), run: workflowInfo().runId });
    this.book.begin(rules, Date.now());
    return null;
  }

  /** One decision, and what follows from it. True when nothing is left to do and every slice is accounted. */
  private async step(): Promise<boolean> {
    this.news = false;
    const mid = this.needsPrice() ? await this.readMid() : null;
    const nowMs = Date.now();
    const decision = nextSlices(this.book.terms, this.book.planned.rules, this.book.state, mid, nowMs);
    this.book.apply({ kind: 'decided', nowMs, decision });
    this.tell(decision);
    for (const number of decision.withdraw) this.withdraw(number);
    for (const slice of decision.send) await this.send(slice);
    await this.restartLost();
    this.show();
    return decision.finished;
  }

  /** Until a report or a stop arrives, or the next slice is due. */
  private async untilSomethingToDo(): Promise<void> {
    const wakeAtMs = twapWakeAtMs(this.book.terms, this.book.state);
    if (this.pricePauseMs !== null) await condition(() => this.news, this.pricePauseMs);
    else if (wakeAtMs === null) await condition(() => this.news);
    else await condition(() => this.news, Math.max(wakeAtMs - Date.now(), 1));
  }

  private needsPrice(): boolean {
    const { state } = this.book;
    if (state.phase.kind !== 'running') return false;
    const { missed, current } = dueSlots(state.schedule, Date.now());
    return missed + current > 0 || state.replacements.length > 0 || (slotsLeft(state.schedule) === 0 && state.open.length === 0);
  }

  /** Null while the book has no mid, and when a stop needs none any more. */
  private async readMid(): Promise<Decimal | null> {
    const running = (): boolean => this.book.state.phase.kind === 'running';
    const read = readMarket(this.config, this.config.pair, this.watchOwner).then(midOf, (error: unknown) => {
      noteError(this.life, failureText(error));
      return null;
    });
    const mid = await Promise.race([read, condition(() => !running()).then(() => null)]);
    if (mid !== null) this.lastMid = mid;
    const missing = mid === null && running();
    this.onAttention('EMPTY_BOOK', missing ? 'the book has no price to trade by' : null);
    this.pricePauseMs = missing ? Math.min((this.pricePauseMs ?? FIRST_PAUSE_MS / 2) * 2, LAST_PAUSE_MS) : null;
    return mid;
  }

  private async send(slice: SliceToSend): Promise<void> {
    const leg = await this.legs.start(slicePlan(this.config, this.book.planned.record, slice.number, slice, firstRunId()));
    this.slices.set(slice.number, leg);
    // Told of while it was being started.
    this.onLegs();
  }

  private withdraw(number: number): void {
    const leg = this.slices.get(number);
    if (leg !== undefined) this.cancel(leg, this.stop.decision?.reason ?? 'to be placed anew');
  }

  private cancel(leg: Leg, reason: string): void {
    this.commandsUnderWay += 1;
    void this.legs.command(leg, { kind: 'cancel', reason }).finally(() => (this.commandsUnderWay -= 1));
  }

  /** A slice whose workflow somebody ended trades no more; what it has traded is found. */
  private async restartLost(): Promise<void> {
    for (const { number } of this.book.state.open) {
      const leg = this.slices.get(number);
      if (leg?.state.kind !== 'lost') continue;
      const again = await this.restarts.restart(leg);
      this.slices.set(number, again);
      this.cancel(again, 'its workflow was ended from outside');
      this.onLegs();
    }
  }

  private tell(decision: TwapDecision): void {
    const { taken, send, withdraw, breach, makeUp } = decision;
    if (taken.lost > 0) this.log.add('slices missed', { slots: taken.lost, catch_up: this.config.catchUp });
    for (const slice of send) this.log.add(`slice ${slice.number} decided`, { slot: slice.slot, origin: slice.origin, amount_base: toDecimalString(slice.amountBase), price_quote: slice.priceQuote === null ? null : toDecimalString(slice.priceQuote), planned_quote: toDecimalString(slice.plannedQuote) });
    for (const number of withdraw) this.log.add(`slice ${number} withdrawn`, { why: this.stop.decision?.reason ?? 'to be placed anew' });
    if (breach !== null) this.log.add('a share is too small to send', { breach });
    if (makeUp) this.log.add('one more slice for what was left short');
  }

  /** News of slices and exits. */
  private onLegs(): void {
    let changed = this.exits.current !== null && isOver(this.exits.current);
    for (const slice of this.book.state.open) changed = this.hear(slice, this.slices.get(slice.number)) || changed;
    if (!changed) return;
    this.news = true;
    this.show();
  }

  /** What a slice has filled, and how it ended, counted once. False when that is known. */
  private hear(slice: OpenSlice, leg: Leg | undefined): boolean {
    if (leg === undefined) return false;
    if (leg.state.kind === 'lost') return true;
    const totals = legTotals(leg);
    const { number } = slice;
    const sequence = slice.sequence + 1;
    if (leg.state.kind === 'running') {
      if (totals.fillCount === slice.totals.fillCount) return false;
      this.book.apply({ kind: 'reported', report: { number, sequence, totals, ended: null } });
      return true;
    }
    const { end } = leg.state.result;
    const refusal = end.kind === 'failed' || end.kind === 'insufficientBalance' ? end.message : null;
    this.shortOfFunds = end.kind === 'insufficientBalance';
    if (refusal !== null) noteError(this.life, refusal);
    this.book.add({ kind: 'slice', number, side: this.config.side }, leg.state.result);
    this.book.apply({ kind: 'reported', report: { number, sequence, totals, ended: { refusal } } });
    this.log.add(`slice ${number} ${end.kind}`, { filled_base: toDecimalString(totals.filledBase), filled_quote: toDecimalString(totals.filledQuote), ...(refusal === null ? {} : { error: refusal }) });
    this.slices.delete(number);
    this.legs.forget(leg);
    return true;
  }

  private onStop(decision: StopDecision): void {
    if (this.life.status === 'RUNNING') this.life.status = 'SHUTTING_DOWN';
    this.log.add('stop decided', { reason: decision.reason, keep_position: decision.keepPosition });
    this.book.apply({ kind: 'stopped', keepPosition: decision.keepPosition });
    this.news = true;
    this.show();
  }

  /** Every slice is accounted: what is to be closed is closed, the rest is handed over. */
  private async conclude(): Promise<'ended'> {
    this.life.status = 'SHUTTING_DOWN';
    this.show();
    const { decision } = this.stop;
    // That nothing is closed is decided here, and in history before a report of it is written: were it not, a process that
    // dies with the report would leave the decision to be made again, with a stop that came meanwhile.
    if (decision === null) await this.commitHold();
    if (decision?.keepPosition === false) await this.exits.flatten();
    const isOpen = this.book.openBase().greaterThan(ZERO);
    const mid = isOpen ? await this.midAtEnd(decision) : null;
    const closedAtMs = Date.now();
    if (this.book.isPerpetual) await this.book.funding.close(() => this.book.funded(), closedAtMs);
    this.book.apply({ kind: 'ended', nowMs: closedAtMs, midQuote: mid, exits: this.book.exits, fundingQuote: this.book.funding.totalQuote });
    const { phase } = this.book.state;
    if (phase.kind !== 'ended') throw new Error('a TWAP cannot end before its slices');
    if (phase.closeType === 'FAILED' && this.shortOfFunds) return this.finish('INSUFFICIENT_BALANCE', 'REFUSED', this.life.lastError, closedAtMs);
    if (phase.closeType === 'FAILED') return this.finish('FAILED', 'FAILED', this.life.lastError ?? 'no slice was filled', closedAtMs);
    return this.finish(isOpen ? 'POSITION_HOLD' : phase.closeType, phase.outcome, null, closedAtMs);
  }

  private async commitHold(): Promise<void> {
    // From here on a stop is told that what is held is kept.
    if (this.book.openBase().greaterThan(ZERO)) this.life.hold = this.book.hold();
    await sleep(1);
  }

  /** The mid of the last decision; a stop needed none, so it is read now. */
  private async midAtEnd(decision: StopDecision | null): Promise<Decimal | null> {
    if (decision === null) return this.lastMid;
    const read = readMarket(this.config, this.config.pair, this.watchOwner).then(midOf, () => null);
    return Promise.race([read, sleep(LAST_PRICE_MS).then(() => null)]);
  }

  /** `closedAtMs` is the moment up to which funding is in its sums. */
  private async finish(closeType: CloseType, outcome: Outcome, error: string | null, closedAtMs = Date.now()): Promise<'ended'> {
    this.life.status = 'SHUTTING_DOWN';
    if (error !== null && error !== this.life.lastError) noteError(this.life, error);
    this.life.attention.clear();
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    this.life.closedAtMs = closedAtMs;
    if (closeType === 'POSITION_HOLD') this.life.hold = this.book.hold();
    this.log.add(`ended ${closeType}`, { outcome, filled_base: toDecimalString(this.book.totals().filledBase), ...(error === null ? {} : { error }) });
    const closed = { ...this.report(), status: 'TERMINATED' as const };
    await recordClose({ report: closed, holdControllerId: this.stop.decision?.controllerId ?? this.config.controllerId, orphanOf: null }, () => this.show());
    this.life.status = 'TERMINATED';
    this.show();
    return 'ended';
  }

  private async bookFunding(throughMs: number): Promise<void> {
    const { book } = this;
    if (!book.isPerpetual || book.funding.closed) return;
    await book.funding.book(() => book.funded(), throughMs);
    this.show();
  }

  private historyIsLong(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || historyLength > this.maxHistoryEvents;
  }

  /** What a slice was in trouble about is over with the executor, however late it is heard. */
  private onLegAttention(news: AttentionReport): void {
    if (this.life.closeType === null) this.onAttention(news.code, news.message);
  }

  private onAttention(code: string, message: string | null): void {
    if (message === null && !this.life.attention.delete(code)) return;
    if (message !== null) {
      if (this.life.attention.get(code) === message) return;
      this.life.attention.set(code, message);
      noteError(this.life, message);
    }
    this.log.add(message === null ? `attention over: ${code}` : `attention: ${code}`, message === null ? {} : { message });
    this.show();
  }

  private readonly watchOwner = (missing: boolean): void => {
    this.onAttention('NO_ACCOUNT_OWNER', missing ? `no process owns account ${this.config.account} of ${this.config.connector}` : null);
  };

  private view(): TwapView {
    const { config, life, log, book } = this;
    const openOrders = [...this.slices.values(), this.exits.current].flatMap((leg) => legOpenOrders(leg)).slice(0, LIMITS.maxOpenOrdersTold);
    return { config, life, log, book, openOrders };
  }

  private show(): void {
    this.visible.show(this.report(), twapMemo(this.view()));
  }
}

function refuseAmendment(): never {
  throw new AmendmentRefused('type', 'twap_executor', 'takes no amendments: stop it, with keep_position if what is filled is to stay, and create another');
}
