import { condition, defineSignal, sleep, workflowInfo } from '@temporalio/workflow';
import { isAttentionReport, isFundingSettled, isLegEnded, isLegLost, isLegProgress } from '../../src/contract/check-messages.js';
import { twapTermsRecord, type TwapExecutorConfig } from '../../src/contract/executor-config.js';
import { SIGNALS, type AttentionReport, type LegEnded, type LegLost, type LegProgress, type StopAnswer } from '../../src/contract/messages.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { NO_FILLS, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { closingRules, marketRules, type MarketRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import type { PositionPnl } from '../../src/domain/position-accounting.js';
import { nextSlices, twapWakeAtMs, type SliceToSend, type TwapDecision } from '../../src/domain/twap/next-slices.js';
import { planTwap } from '../../src/domain/twap/plan-twap.js';
import { dueSlots, slotsLeft } from '../../src/domain/twap/slice-schedule.js';
import { twapPnl, twapTotals } from '../../src/domain/twap/twap-accounts.js';
import { twapCustomInfo } from '../../src/domain/twap/twap-custom-info.js';
import { applyTwapEvent, type TwapEvent } from '../../src/domain/twap/twap-events.js';
import { newTwapState, twapStateFromRecord, twapStateRecord, type OpenSlice, type TwapState } from '../../src/domain/twap/twap-state.js';
import { twapTerms, type TwapTerms } from '../../src/domain/twap/twap-terms.js';
import { onSignal } from './checked-signal.js';
import { recordClose } from './closing.js';
import { openContract } from './contract-calls.js';
import { DecisionLog } from './decisions.js';
import { FundingBook } from './funding-book.js';
import { fundingSettledSignal } from './funding-signal.js';
import { heldOrders } from './held-orders.js';
import { Legs, isOver, legOpenOrders, legTotals, type Leg } from './position-legs.js';
import { attentionText, buildReport, newLife, noteError, type LifeState } from './report-base.js';
import { firstRunId, readMarket } from './session-call.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { TwapBook } from './twap-book.js';
import type { TwapCarry } from './twap-carry.js';
import { closePlan, midOf, slicePlan } from './twap-plans.js';
import { VisibleState } from './visible-state.js';

const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legLostSignal = defineSignal<[LegLost]>(SIGNALS.legLost);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

/** A book without a price, and a leg that is lost again, are tried with pauses from the first to the last. */
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
  private readonly terms: TwapTerms;
  private readonly book: TwapBook;
  private readonly funding: FundingBook;
  private readonly legs = new Legs(() => this.onLegs());
  private readonly slices = new Map<number, Leg>();
  private readonly restarts = new Map<string, number>();
  private market: { readonly record: MarketRulesRecord; readonly rules: MarketRules; readonly closing: MarketRules } | null = null;
  private state: TwapState;
  private exit: Leg | null = null;
  private news = false;
  private lastMid: Decimal | null = null;
  private pauseMs = FIRST_PAUSE_MS;
  private shortOfFunds = false;

  constructor(
    private readonly config: TwapExecutorConfig,
    private readonly carried: TwapCarry | null,
    private readonly maxHistoryEvents: number,
  ) {
    this.log = new DecisionLog(carried?.decisions);
    this.visible = new VisibleState(config);
    this.terms = twapTerms(twapTermsRecord(config));
    this.book = new TwapBook(config, carried);
    this.funding = new FundingBook(config, this.log, (missing) => this.watchOwner(missing), carried?.funding ?? null);
    this.state = carried === null ? newTwapState(this.terms, Date.now()) : twapStateFromRecord(carried.state);
    this.stop = new StopRequest(
      (decision, decidedNow) => this.answer(decision, decidedNow),
      (decision) => this.onStop(decision),
      this.visible.hearing,
      carried?.stop ?? null,
    );
    if (carried !== null) this.resume(carried);
    this.stop.listen();
    const ignored = (signal: string): void => this.log.add('a malformed signal was ignored', { signal });
    onSignal(this.visible.hearing, legProgressSignal, isLegProgress, (news) => this.legs.progress(news), ignored);
    onSignal(this.visible.hearing, legEndedSignal, isLegEnded, (news) => this.legs.end(news), ignored);
    onSignal(this.visible.hearing, legLostSignal, isLegLost, (news) => this.legs.lost(news), ignored);
    onSignal(this.visible.hearing, attentionSignal, isAttentionReport, (news) => this.onAttention(news.code, news.message), ignored);
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
      if (this.historyIsLong()) return 'continues';
    }
    return this.conclude();
  }

  report(): ExecutorReport {
    const totals = twapTotals(this.state);
    const pnl = this.pnl(this.state.phase.kind === 'ended' ? this.state.phase.pnl.markPriceQuote : null);
    return buildReport(
      this.config,
      this.life,
      {
        netPnlQuote: pnl?.netPnlQuote ?? ZERO,
        netPnlFraction: pnl?.netPnlFraction ?? ZERO,
        feesQuote: pnl?.feesQuote ?? ZERO,
        volumeQuote: pnl?.volumeQuote ?? ZERO,
        residueBase: this.life.status !== 'RUNNING' && this.life.hold === null ? (pnl?.residueBase ?? ZERO) : ZERO,
        isTrading: !totals.filledBase.isZero(),
        orders: this.book.allOrders(),
        customInfo: this.customInfo(pnl),
      },
      this.log,
      Date.now(),
    );
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  /** What the next run begins with. Taken in the last moment of this one, so that no news falls between them. */
  carry(): TwapCarry {
    if (this.market === null) throw new Error('a TWAP without a plan has nothing to carry on');
    return {
      rules: this.market.record,
      state: twapStateRecord(this.state),
      stop: this.stop.decision,
      ...this.book.carry(),
      funding: this.funding.record(),
      attention: [...this.life.attention],
      errorCount: this.life.errorCount,
      lastError: this.life.lastError,
      decisions: this.log.all(),
    };
  }

  /** Null when there is a plan; a text refuses. */
  private async plan(): Promise<string | null> {
    const { config } = this;
    for (let pauseMs = FIRST_PAUSE_MS; this.stop.decision === null; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      const reading = await readMarket(config, config.pair, this.watchOwner).catch((error: unknown) => describe(error));
      if (typeof reading === 'string') return reading;
      const mid = midOf(reading);
      if (mid !== null) {
        this.onAttention('EMPTY_BOOK', null);
        this.setMarket(reading.rules);
        const planning = planTwap(this.terms, marketRules(reading.rules), mid);
        if (planning.kind === 'refused') {
          const { field, value, rule } = planning.refusal;
          return `${field}: ${value} is not allowed, it ${rule}`;
        }
        const unset = reading.rules.contract === 'perpetual' ? await openContract(config, this.log, this.watchOwner) : null;
        if (unset !== null) return unset;
        const { slices } = planning.plan;
        this.log.add('slices planned', { side: config.side, total_amount_quote: config.totalAmountQuote, slices: slices.length, amount_base: toDecimalString(slices[0]?.amountBase ?? ZERO), mid_quote: toDecimalString(mid), run: workflowInfo().runId });
        this.state = newTwapState(this.terms, Date.now());
        return null;
      }
      this.onAttention('EMPTY_BOOK', 'the book has no price to plan by');
      await Promise.race([sleep(pauseMs), condition(() => this.stop.decision !== null)]);
    }
    return null;
  }

  private setMarket(record: MarketRulesRecord): void {
    this.market = { record, rules: marketRules(record), closing: marketRules(closingRules(record)) };
  }

  private resume(carried: TwapCarry): void {
    this.life.status = carried.state.phase.kind === 'running' ? 'RUNNING' : 'SHUTTING_DOWN';
    for (const [code, message] of carried.attention) this.life.attention.set(code, message);
    this.life.errorCount = carried.errorCount;
    this.life.lastError = carried.lastError;
    this.setMarket(carried.rules);
    for (const slice of this.state.open) this.slices.set(slice.number, this.legs.follow(slicePlan(this.config, carried.rules, slice.number, slice, null), totalsRecord(slice.totals)));
  }

  /** One decision, and what follows from it. True when nothing is left to do and every slice is accounted. */
  private async step(): Promise<boolean> {
    const { market } = this;
    if (market === null) throw new Error('a TWAP without a plan cannot go on');
    this.news = false;
    const priced = this.needsPrice();
    const mid = priced ? await this.readMid() : null;
    this.pauseMs = priced && mid === null ? Math.min(this.pauseMs * 2, LAST_PAUSE_MS) : FIRST_PAUSE_MS;
    const nowMs = Date.now();
    const decision = nextSlices(this.terms, market.rules, this.state, mid, nowMs);
    this.apply({ kind: 'decided', nowMs, decision });
    this.tell(decision);
    for (const number of decision.withdraw) this.withdraw(number, this.stop.decision?.reason ?? 'to be placed anew');
    for (const slice of decision.send) await this.send(market.record, slice);
    await this.restartLost();
    this.show();
    return decision.finished;
  }

  /** Until a report or a stop arrives, or the next slice is due. */
  private async untilSomethingToDo(): Promise<void> {
    const wakeAtMs = twapWakeAtMs(this.terms, this.state);
    const unpriced = this.pauseMs > FIRST_PAUSE_MS;
    if (unpriced) await condition(() => this.news, this.pauseMs);
    else if (wakeAtMs === null) await condition(() => this.news);
    else await condition(() => this.news, Math.max(wakeAtMs - Date.now(), 1));
  }

  private needsPrice(): boolean {
    const { state } = this;
    if (state.phase.kind !== 'running') return false;
    const { missed, current } = dueSlots(state.schedule, Date.now());
    return missed + current > 0 || state.replacements.length > 0 || (slotsLeft(state.schedule) === 0 && state.open.length === 0);
  }

  /** Null while the book has no mid, and when a stop needs none any more. */
  private async readMid(): Promise<Decimal | null> {
    const stopped = condition(() => this.state.phase.kind !== 'running').then(() => null);
    const read = readMarket(this.config, this.config.pair, this.watchOwner).then(midOf, (error: unknown) => {
      noteError(this.life, describe(error));
      return null;
    });
    const mid = await Promise.race([read, stopped]);
    if (mid !== null) this.lastMid = mid;
    this.onAttention('EMPTY_BOOK', mid === null && this.state.phase.kind === 'running' ? 'the book has no price to trade by' : null);
    return mid;
  }

  private async send(rules: MarketRulesRecord, slice: SliceToSend): Promise<void> {
    const leg = await this.legs.start(slicePlan(this.config, rules, slice.number, slice, firstRunId()));
    this.slices.set(slice.number, leg);
    // Stopped, or told of, while it was being started.
    this.onLegs();
  }

  private withdraw(number: number, reason: string): void {
    const leg = this.slices.get(number);
    if (leg !== undefined) void this.legs.command(leg, { kind: 'cancel', reason });
  }

  /** A slice whose workflow somebody ended: its session, or the exchange, tells what it traded; it trades no more. */
  private async restartLost(): Promise<void> {
    for (const { number } of this.state.open) {
      const leg = this.slices.get(number);
      if (leg?.state.kind !== 'lost') continue;
      const again = await this.restart(leg);
      this.slices.set(number, again);
      void this.legs.command(again, { kind: 'cancel', reason: 'its workflow was ended from outside' });
    }
  }

  private async restart(leg: Leg): Promise<Leg> {
    const { path } = leg.plan.path;
    const count = this.restarts.get(path) ?? 0;
    this.restarts.set(path, count + 1);
    if (count > 0) await sleep(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(count, 10), LAST_PAUSE_MS));
    this.log.add('a lost order is taken up again', { order: path });
    noteError(this.life, `the workflow of ${path} was lost`);
    return this.legs.restart(leg.plan);
  }

  private tell(decision: TwapDecision): void {
    const { taken, send, withdraw, breach, makeUp } = decision;
    if (taken.lost > 0) this.log.add('slices missed', { slots: taken.lost, catch_up: this.config.catchUp });
    for (const slice of send) this.log.add(`slice ${slice.number} decided`, { slot: slice.slot, origin: slice.origin, amount_base: toDecimalString(slice.amountBase), price_quote: slice.priceQuote === null ? null : toDecimalString(slice.priceQuote), planned_quote: toDecimalString(slice.plannedQuote) });
    for (const number of withdraw) this.log.add(`slice ${number} withdrawn`, { why: this.stop.decision?.reason ?? 'to be placed anew' });
    if (breach !== null) this.log.add('a share is too small to send', { breach });
    if (makeUp) this.log.add('one more slice for what was left short');
  }

  /** News of slices: counted once each, by what they fill and how they end. */
  private onLegs(): void {
    let changed = false;
    for (const slice of this.state.open) changed = this.hear(slice, this.slices.get(slice.number)) || changed;
    if (this.exit !== null && isOver(this.exit)) changed = true;
    if (!changed) return;
    this.news = true;
    this.show();
  }

  private hear(slice: OpenSlice, leg: Leg | undefined): boolean {
    if (leg === undefined) return false;
    if (leg.state.kind === 'lost') return true;
    const totals = legTotals(leg);
    if (leg.state.kind !== 'ended') {
      if (totals.fillCount === slice.totals.fillCount) return false;
      this.apply({ kind: 'reported', report: { number: slice.number, sequence: slice.sequence + 1, totals, ended: null } });
      return true;
    }
    const { result } = leg.state;
    const refusal = result.end.kind === 'failed' || result.end.kind === 'insufficientBalance' ? result.end.message : null;
    this.shortOfFunds = result.end.kind === 'insufficientBalance';
    if (refusal !== null) noteError(this.life, refusal);
    this.book.add({ kind: 'slice', number: slice.number, side: this.config.side }, result);
    this.apply({ kind: 'reported', report: { number: slice.number, sequence: slice.sequence + 1, totals, ended: { refusal } } });
    this.log.add(`slice ${slice.number} ${result.end.kind}`, { filled_base: result.totals.filledBase, filled_quote: result.totals.filledQuote, ...(refusal === null ? {} : { error: refusal }) });
    this.slices.delete(slice.number);
    this.legs.forget(leg);
    return true;
  }

  private apply(event: TwapEvent): void {
    if (this.market !== null) this.state = applyTwapEvent(this.terms, this.market.rules, this.state, event);
  }

  private onStop(decision: StopDecision): void {
    if (this.life.status === 'RUNNING') this.life.status = 'SHUTTING_DOWN';
    this.log.add('stop decided', { reason: decision.reason, keep_position: decision.keepPosition });
    this.apply({ kind: 'stopped', keepPosition: decision.keepPosition });
    this.news = true;
    this.show();
  }

  /** Every slice is accounted: what is to be closed is closed, the rest is handed over. */
  private async conclude(): Promise<'ended'> {
    this.life.status = 'SHUTTING_DOWN';
    this.show();
    if (this.stop.decision?.keepPosition === false) await this.flatten();
    const open = this.pnl(null)?.openBase.greaterThan(ZERO) === true;
    if (open && this.stop.decision !== null) this.lastMid = (await Promise.race([readMarket(this.config, this.config.pair, this.watchOwner).then(midOf, () => null), sleep(LAST_PRICE_MS).then(() => null)])) ?? null;
    const closedAtMs = Date.now();
    if (this.isPerpetual()) await this.funding.close(() => this.book.funded([]), closedAtMs);
    this.apply({ kind: 'ended', nowMs: closedAtMs, midQuote: open ? this.lastMid : null, exits: this.book.exits, fundingQuote: this.funding.totalQuote });
    const { phase } = this.state;
    if (phase.kind !== 'ended') throw new Error('a TWAP cannot end before its slices');
    const nothing = twapTotals(this.state).fillCount === 0;
    if (nothing && phase.closeType === 'FAILED' && this.shortOfFunds) return this.finish('INSUFFICIENT_BALANCE', 'REFUSED', this.life.lastError, closedAtMs);
    if (phase.closeType === 'FAILED') return this.finish('FAILED', 'FAILED', this.life.lastError ?? 'no slice was filled', closedAtMs);
    const kept = phase.closeType === 'POSITION_HOLD' || open;
    return this.finish(kept ? 'POSITION_HOLD' : phase.closeType, phase.outcome, null, closedAtMs);
  }

  /** Closes at market what is tradable of the fills; gives up after attempts that closed nothing. */
  private async flatten(): Promise<void> {
    const { market } = this;
    let fruitless = 0;
    for (let counter = 1; market !== null && fruitless < LIMITS.maxFruitlessExits; counter += 1) {
      const open = this.pnl(null)?.openBase ?? ZERO;
      if (!open.greaterThan(ZERO)) return;
      if (fruitless > 0) await sleep(Math.min(FIRST_PAUSE_MS * 2 ** fruitless, LAST_PAUSE_MS));
      const amountBase = market.closing.maxAmountBase !== null && open.greaterThan(market.closing.maxAmountBase) ? market.closing.maxAmountBase : open;
      this.log.add(`exit ${counter} decided`, { amount_base: toDecimalString(amountBase) });
      const before = this.book.exits.filledBase;
      await this.close(market.record, counter, amountBase);
      fruitless = this.book.exits.filledBase.greaterThan(before) ? 0 : fruitless + 1;
    }
  }

  private async close(rules: MarketRulesRecord, counter: number, amountBase: Decimal): Promise<void> {
    let exit = await this.legs.start(closePlan(this.config, rules, counter, amountBase, firstRunId()));
    for (;;) {
      this.exit = exit;
      const leg = exit;
      await condition(() => isOver(leg));
      if (leg.state.kind === 'ended') break;
      exit = await this.restart(leg);
    }
    this.exit = null;
    if (exit.state.kind !== 'ended') return;
    const { result } = exit.state;
    this.book.add({ kind: 'exit', number: counter, side: exit.plan.side }, result);
    this.legs.forget(exit);
    if (result.end.kind === 'failed' || result.end.kind === 'insufficientBalance') noteError(this.life, result.end.message);
    this.log.add(`exit ${counter} ${result.end.kind}`, { filled_base: result.totals.filledBase, filled_quote: result.totals.filledQuote });
    this.show();
  }

  /** `closedAtMs` is the moment up to which funding is in its sums. */
  private async finish(closeType: CloseType, outcome: Outcome, error: string | null, closedAtMs = Date.now()): Promise<'ended'> {
    this.life.status = 'SHUTTING_DOWN';
    if (error !== null && error !== this.life.lastError) noteError(this.life, error);
    this.life.attention.clear();
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    this.life.closedAtMs = closedAtMs;
    if (closeType === 'POSITION_HOLD') this.life.hold = this.book.hold(toDecimalString(this.funding.totalQuote));
    this.log.add(`ended ${closeType}`, { outcome, filled_base: toDecimalString(twapTotals(this.state).filledBase), ...(error === null ? {} : { error }) });
    const closed = { ...this.report(), status: 'TERMINATED' as const };
    await recordClose({ report: closed, holdControllerId: this.stop.decision?.controllerId ?? this.config.controllerId, orphanOf: null }, () => this.show());
    this.life.status = 'TERMINATED';
    this.show();
    return 'ended';
  }

  private isPerpetual(): boolean {
    return this.market?.record.contract === 'perpetual';
  }

  private async bookFunding(throughMs: number): Promise<void> {
    if (!this.isPerpetual() || this.funding.closed) return;
    await this.funding.book(() => this.book.funded(this.state.open), throughMs);
    this.show();
  }

  /** Of what is traded and closed; null before there is a plan. */
  private pnl(mid: Decimal | null): PositionPnl | null {
    return this.market === null ? null : twapPnl(this.terms, this.market.closing, twapTotals(this.state), this.exitTotals(), mid, this.funding.totalQuote);
  }

  private exitTotals(): FillTotals {
    return this.book.exits;
  }

  private historyIsLong(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || historyLength > this.maxHistoryEvents;
  }

  private customInfo(pnl: PositionPnl | null): Readonly<Record<string, unknown>> {
    if (this.market === null) return { side: this.config.side, level_id: this.config.levelId };
    const { phase } = this.state;
    const info = twapCustomInfo(this.terms, this.market.rules, this.state, {
      currentRetries: this.book.retries,
      orderIds: this.book.allOrders().map(({ clientOrderId }) => clientOrderId),
      heldPositionOrders: this.life.hold === null ? [] : heldOrders(this.config.pair, this.life.hold.orders),
    });
    return {
      level_id: this.config.levelId,
      ...info,
      open_orders: this.openOrders(),
      unvalued_fees: this.book.unvaluedFees(),
      ...(phase.kind === 'ended' && pnl !== null
        ? { mark_price_at_end: phase.pnl.markPriceQuote === null ? null : toDecimalString(phase.pnl.markPriceQuote), net_pnl_quote_at_end: toDecimalString(phase.pnl.netPnlQuote) }
        : {}),
      ...(this.isPerpetual() ? this.funding.customInfo() : {}),
    };
  }

  private openOrders(): ReturnType<typeof legOpenOrders> {
    return [...this.slices.values(), this.exit].flatMap((leg) => legOpenOrders(leg)).slice(0, LIMITS.maxOpenOrdersTold);
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

  private answer(decision: StopDecision, decidedNow: boolean): StopAnswer {
    const open = toDecimalString(this.pnl(null)?.openBase ?? ZERO);
    return {
      executor_id: this.config.id,
      status: this.life.status === 'TERMINATED' ? 'stopped' : 'stopping',
      keep_position: decision.keepPosition,
      reason: decision.reason,
      quantity_to_close_base: decision.keepPosition ? '0' : open,
      quantity_to_hand_over_base: decision.keepPosition ? open : '0',
      orders_to_cancel: this.openOrders().length,
      decided_now: decidedNow,
    };
  }

  private show(): void {
    const totals = twapTotals(this.state);
    this.visible.show(this.report(), {
      entry_totals: JSON.stringify(totalsRecord(totals)),
      exit_totals: JSON.stringify(totalsRecord(this.exitTotals().fillCount === 0 ? NO_FILLS : this.exitTotals())),
      config: JSON.stringify(this.config),
      filled_base: toDecimalString(totals.filledBase),
      slices_done: String(this.state.doneSum.count),
      slices_open: String(this.state.open.length),
      slots_left: String(slotsLeft(this.state.schedule)),
      ...(this.isPerpetual() ? { funding_quote: toDecimalString(this.funding.totalQuote) } : {}),
      attention: attentionText(this.life),
    });
  }
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
