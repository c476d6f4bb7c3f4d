import { condition, defineSignal, sleep } from '@temporalio/workflow';
import { AmendmentRefused } from '../../src/contract/amendment.js';
import { isAttentionReport, isFundingSettled, isLegEnded, isLegLost, isLegProgress } from '../../src/contract/check-messages.js';
import type { XemmExecutorConfig } from '../../src/contract/executor-config.js';
import { SIGNALS, type AttentionReport, type LegEnded, type LegLost, type LegProgress, type SessionCommand } from '../../src/contract/messages.js';
import type { MarketReference } from '../../src/contract/order-plan.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { totalsRecord } from '../../src/domain/fills.js';
import { checkOrder, floorAmount, marketRules } from '../../src/domain/market-rules.js';
import { decimal, exactly, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import { onSignal } from './checked-signal.js';
import { AmendRequest } from './amend-request.js';
import { recordClose } from './closing.js';
import { openContracts } from './contract-calls.js';
import { DecisionLog } from './decisions.js';
import { fundingSettledSignal } from './funding-signal.js';
import { LegRestarts } from './leg-restarts.js';
import { Legs, isOver, type Leg } from './position-legs.js';
import { QuoteRates } from './quote-rates.js';
import { newLife, noteError, type LifeState } from './report-base.js';
import { failureText, firstRunId, readMarket } from './session-call.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { TwoMarketFunding } from './two-market-funding.js';
import { VisibleState } from './visible-state.js';
import { XemmBook } from './xemm-book.js';
import { closeOfXemm } from './xemm-close.js';
import { hedgePlan, makerPlan, quotedBase, type XemmMarkets } from './xemm-plans.js';
import { xemmMemo, xemmReport, xemmStopAnswer, type XemmView } from './xemm-report.js';

const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legLostSignal = defineSignal<[LegLost]>(SIGNALS.legLost);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

/** Pauses between hedges that ended with something still owed grow from the first to the last. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;

/**
 * Quotes on one market and hedges each fill on another. The hedge is armed before the maker order can be sent, and the
 * executor does not end while the maker leg has filled more than the hedge, unless that is handed over.
 */
export class XemmExecutor {
  private readonly life: LifeState = newLife();
  private readonly log = new DecisionLog();
  private readonly visible: VisibleState;
  private readonly stop: StopRequest;
  private readonly book: XemmBook;
  private readonly legs = new Legs(() => this.onLegs());
  private readonly restarts: LegRestarts;
  private readonly rates = new QuoteRates((market) => this.watchOwnerOf(market));
  private hedgePriceQuote: Decimal | null = null;
  private readonly commanded = new Set<string>();
  private news = false;
  private timeIsUp = false;
  /** What the hedge was told last of the maker leg. */
  private told = '';

  constructor(private readonly config: XemmExecutorConfig) {
    this.visible = new VisibleState(config);
    this.book = new XemmBook(config, (book) => new TwoMarketFunding({ market: config, legs: () => (book.maker === null ? [] : [book.maker]) }, { market: config.hedge, legs: () => book.hedges }, this.log, (market) => this.watchOwnerOf(market)));
    this.restarts = new LegRestarts(this.legs, this.life, this.log);
    this.stop = new StopRequest(
      (decision, decidedNow) => xemmStopAnswer(this.view(), decision, decidedNow),
      (decision) => this.onStop(decision),
      this.visible.hearing,
    );
    this.stop.listen();
    new AmendRequest({ current: () => this.config, propose: refuseAmendment, dearer: () => null, apply: () => undefined }).listen();
    const ignored = (signal: string): void => this.log.add('a malformed signal was ignored', { signal });
    onSignal(this.visible.hearing, legProgressSignal, isLegProgress, (news) => this.legs.progress(news), ignored);
    onSignal(this.visible.hearing, legEndedSignal, isLegEnded, (news) => this.legs.end(news), ignored);
    onSignal(this.visible.hearing, legLostSignal, isLegLost, (news) => this.legs.lost(news), ignored);
    onSignal(this.visible.hearing, attentionSignal, isAttentionReport, (news) => this.onLegAttention(news), ignored);
    onSignal(this.visible.hearing, fundingSettledSignal, isFundingSettled, (news) => void this.onFunding(news.atMs), ignored);
  }

  async run(): Promise<void> {
    this.life.status = 'RUNNING';
    this.show();
    const planned = await this.plan();
    if (typeof planned === 'string') return this.finish('FAILED', 'REFUSED', planned);
    if (planned === null || this.stop.decision !== null) return this.finish('EARLY_STOP', 'STOPPED', null);
    // Before its maker order: no fill may come before there is somebody to take it on the other market.
    this.book.hedges.push(await this.legs.start(hedgePlan(this.config, planned, 1, firstRunId())));
    this.book.maker = await this.legs.start(makerPlan(this.config, planned, firstRunId()));
    this.watchClock();
    this.news = true;
    if (this.stop.decision !== null) this.applyStop(this.stop.decision);
    while (!(await this.step(planned))) await condition(() => this.news);
    await this.conclude(planned);
  }

  report(): ExecutorReport {
    return xemmReport(this.view(), Date.now());
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  /** The markets, or why it cannot be; null when a stop made it needless. */
  private async plan(): Promise<XemmMarkets | string | null> {
    const { config } = this;
    try {
      const maker = await readMarket(config, config.pair, this.watchOwnerOf(config));
      const hedge = await readMarket(config.hedge, config.hedge.pair, this.watchOwnerOf(config.hedge));
      if (this.stop.decision !== null) return null;
      const conversion = await this.rates.find(hedge.rules.quote, maker.rules.quote, [config.hedge, config]);
      if (typeof conversion === 'string') return conversion;
      this.book.rate = this.rates.last;
      const markets: XemmMarkets = { maker: maker.rules, hedge: hedge.rules, conversion };
      this.book.markets = markets;
      const price = config.side === 'BUY' ? hedge.bidQuote : hedge.askQuote;
      this.hedgePriceQuote = price === null ? null : exactly.product(decimal(price), this.book.rate);
      const refusal = refusalOf(config, markets, price);
      if (refusal !== null) return refusal;
      this.book.funding.markets(maker.rules.contract, hedge.rules.contract);
      this.log.add('markets read', { maker: `${config.pair} on ${config.connector}`, hedge: `${config.hedge.pair} on ${config.hedge.connector}`, amount_base: toDecimalString(quotedBase(config, markets)), hedge_price_quote: price, rate: toDecimalString(this.book.rate) });
      const unset = await openContracts(config, [{ market: config, rules: maker.rules }, { market: config.hedge, rules: hedge.rules }], this.log, (market) => this.watchOwnerOf(market));
      return unset ?? markets;
    } catch (error) {
      return failureText(error);
    }
  }

  /** What follows from the news. True when the maker leg is over and nothing that the exchange takes is owed. */
  private async step(markets: XemmMarkets): Promise<boolean> {
    this.news = false;
    await this.restartLost();
    this.tellHedge();
    const { maker, hedge } = this.book;
    const makerOver = maker !== null && isOver(maker);
    const hedgeOver = hedge === undefined || isOver(hedge);
    const keeps = this.stop.decision?.keepPosition === true;
    if (makerOver && keeps) this.commandOnce(hedge, { kind: 'cancel', reason: this.stop.decision?.reason ?? 'kept' });
    if (hedgeOver && !makerOver) this.commandOnce(maker, { kind: 'cancel', reason: 'its hedge is over' });
    this.show();
    if (!hedgeOver || !makerOver) return false;
    if (keeps || !this.book.owesTradable()) return true;
    await this.hedgeAgain(markets);
    return false;
  }

  /** A hedge that is over while something is owed has a successor, which counts what it did. */
  private async hedgeAgain(markets: XemmMarkets): Promise<void> {
    const counter = this.book.hedges.length + 1;
    const why = `${toDecimalString(this.book.pnl().unhedgedBase)} base is not hedged`;
    this.onAttention('UNHEDGED', why);
    if (counter > 2) await sleep(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(counter, 10), LAST_PAUSE_MS));
    this.log.add('another hedge', { why, counter });
    this.book.hedges.push(await this.legs.start(hedgePlan(this.config, markets, counter, null)));
    this.told = '';
    this.news = true;
  }

  /** In one process the session of the maker order has told it already; in another, only this reaches it. */
  private tellHedge(): void {
    const { maker, hedge } = this.book;
    if (maker === null || hedge === undefined || isOver(hedge)) return;
    const totals = totalsRecord(this.book.makerTotals());
    const finished = maker.state.kind === 'ended';
    // Nothing is owed that it does not know of already.
    if (!finished && !this.book.pnl().unhedgedBase.greaterThan(ZERO)) return;
    const key = `${totals.fillCount}:${totals.feesQuote}:${String(finished)}`;
    if (key === this.told) return;
    this.told = key;
    void this.legs.command(hedge, { kind: 'told', reason: 'fills of the maker order', totals, finished });
  }

  /** An order whose workflow somebody ended: what it traded is found by the one that takes its place. */
  private async restartLost(): Promise<void> {
    const { maker, hedge } = this.book;
    if (maker?.state.kind === 'lost') {
      this.book.maker = await this.restarts.restart(maker);
      this.commanded.delete(commandKey(maker));
      this.commandOnce(this.book.maker, { kind: 'cancel', reason: 'its workflow was ended from outside' });
    }
    if (hedge?.state.kind === 'lost') {
      this.book.hedges[this.book.hedges.length - 1] = await this.restarts.restart(hedge);
      this.told = '';
    }
  }

  private watchClock(): void {
    const { timeLimitSeconds, createdAtMs } = this.config;
    if (timeLimitSeconds === null) return;
    const leftMs = createdAtMs + timeLimitSeconds * 1000 - Date.now();
    void sleep(Math.max(leftMs, 1)).then(() => {
      if (this.stop.decision !== null || this.book.maker === null || isOver(this.book.maker)) return;
      this.timeIsUp = true;
      this.life.status = 'SHUTTING_DOWN';
      this.log.add('time limit', { seconds: timeLimitSeconds });
      this.commandOnce(this.book.maker, { kind: 'cancel', reason: 'TIME_LIMIT' });
      this.show();
    });
  }

  private onStop(decision: StopDecision): void {
    if (this.life.status === 'RUNNING') this.life.status = 'SHUTTING_DOWN';
    this.log.add('stop decided', { reason: decision.reason, keep_position: decision.keepPosition });
    this.applyStop(decision);
    this.news = true;
    this.show();
  }

  /** The maker order goes first, whatever is to become of what it filled. */
  private applyStop(decision: StopDecision): void {
    this.commandOnce(this.book.maker ?? undefined, { kind: 'cancel', reason: decision.reason });
  }

  private commandOnce(leg: Leg | null | undefined, command: SessionCommand): void {
    if (leg == null || this.commanded.has(commandKey(leg))) return;
    this.commanded.add(commandKey(leg));
    void this.legs.command(leg, command);
  }

  private onLegs(): void {
    this.news = true;
    const { maker } = this.book;
    if (maker !== null && maker.state.kind === 'ended' && this.life.status === 'RUNNING') {
      this.life.status = 'SHUTTING_DOWN';
      this.log.add(`maker order ${maker.state.result.end.kind}`, { filled_base: toDecimalString(this.book.makerTotals().filledBase) });
    }
  }

  private async conclude({ conversion }: XemmMarkets): Promise<void> {
    this.life.status = 'SHUTTING_DOWN';
    if (conversion !== null) this.book.rate = await this.rates.read(conversion, [this.config.hedge, this.config]);
    const owes = this.book.pnl().unhedgedBase.greaterThan(ZERO);
    const { closeType, outcome, error } = closeOfXemm({ book: this.book, stop: this.stop.decision, timeIsUp: this.timeIsUp, owes });
    if (closeType === 'POSITION_HOLD') this.life.hold = this.book.hold();
    await this.finish(closeType, outcome, error);
  }

  private async finish(closeType: CloseType, outcome: Outcome, error: string | null): Promise<void> {
    this.life.status = 'SHUTTING_DOWN';
    if (error !== null) noteError(this.life, error);
    this.life.attention.clear();
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    const closedAtMs = Date.now();
    await this.book.funding.close(closedAtMs);
    this.life.closedAtMs = closedAtMs;
    this.log.add(`ended ${closeType}`, { outcome, hedged_base: toDecimalString(this.book.hedgeTotals().filledBase), ...(error === null ? {} : { error }) });
    const closed = { ...this.report(), status: 'TERMINATED' as const };
    await recordClose({ report: closed, holdControllerId: this.stop.decision?.controllerId ?? this.config.controllerId, orphanOf: null }, () => this.show());
    this.life.status = 'TERMINATED';
    this.show();
  }

  /** What a leg was in trouble about is over with the executor, however late it is heard. */
  private onLegAttention(news: AttentionReport): void {
    if (this.life.closeType === null) this.onAttention(news.code, news.message);
  }

  private async onFunding(throughMs: number): Promise<void> {
    await this.book.funding.book(throughMs);
    // What is over is shown as it ended.
    if (this.life.closeType === null) this.show();
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

  private watchOwnerOf({ connector, account }: Pick<MarketReference, 'connector' | 'account'>): (missing: boolean) => void {
    return (missing) => this.onAttention('NO_ACCOUNT_OWNER', missing ? `no process owns account ${account} of ${connector}` : null);
  }

  private view(): XemmView {
    const { config, life, log, book, hedgePriceQuote } = this;
    return { config, life, log, book, hedgePriceQuote };
  }

  private show(): void {
    this.visible.show(this.report(), xemmMemo(this.view()));
  }
}

/** Why these markets cannot serve: field, value and rule. */
function refusalOf(config: XemmExecutorConfig, markets: XemmMarkets, hedgePrice: string | null): string | null {
  const { maker, hedge } = markets;
  const amountBase = quotedBase(config, markets);
  const price = hedgePrice === null ? null : decimal(hedgePrice);
  for (const [field, rules] of [['order_amount', maker], ['order_amount', hedge]] as const) {
    const broken = checkOrder(marketRules(rules), { amountBase: floorAmount(marketRules(rules), amountBase), priceQuote: price });
    if (broken !== null) return `${field}: ${config.amountBase} is not allowed on ${rules.pair}, ${broken.rule}`;
  }
  return null;
}

function commandKey(leg: Leg): string {
  return leg.plan.path.workflowId;
}

function refuseAmendment(): never {
  throw new AmendmentRefused('type', 'xemm_executor', 'takes no amendments: stop it and create another');
}
