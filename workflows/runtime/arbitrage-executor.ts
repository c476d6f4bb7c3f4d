import { condition, defineSignal, sleep } from '@temporalio/workflow';
import { AmendmentRefused } from '../../src/contract/amendment.js';
import { isAttentionReport, isFundingSettled, isLegEnded, isLegLost, isLegProgress } from '../../src/contract/check-messages.js';
import type { ArbitrageExecutorConfig } from '../../src/contract/executor-config.js';
import { SIGNALS, type AttentionReport, type LegEnded, type LegLost, type LegProgress } from '../../src/contract/messages.js';
import type { MarketReference } from '../../src/contract/order-plan.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { SpreadEvidence } from '../../src/contract/spread-watch.js';
import { spreadProfit } from '../../src/domain/arbitrage/spread-profit.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { LIMITS } from '../../src/domain/limits.js';
import { checkOrder, marketRules } from '../../src/domain/market-rules.js';
import { decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import { AmendRequest } from './amend-request.js';
import { ArbitrageTrades, type Balance } from './arbitrage-balance.js';
import { ArbitrageBook } from './arbitrage-book.js';
import { spreadPlan, takerCosts, tradedBase, type ArbitrageMarkets } from './arbitrage-plans.js';
import { arbitrageMemo, arbitrageReport, arbitrageStopAnswer, type ArbitrageView } from './arbitrage-report.js';
import { onSignal } from './checked-signal.js';
import { recordClose } from './closing.js';
import { openContracts } from './contract-calls.js';
import { DecisionLog } from './decisions.js';
import { fundingSettledSignal } from './funding-signal.js';
import { LegRestarts } from './leg-restarts.js';
import { Legs } from './position-legs.js';
import { QuoteRates } from './quote-rates.js';
import { newLife, noteError, type LifeState } from './report-base.js';
import { failureText, firstRunId, readMarket } from './session-call.js';
import { watchSpread } from './spread-call.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { TwoMarketFunding } from './two-market-funding.js';
import { VisibleState } from './visible-state.js';

const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legLostSignal = defineSignal<[LegLost]>(SIGNALS.legLost);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;

/**
 * Waits until buying on one market and selling on another pays, then does both at once. It does not end while one leg is
 * ahead of the other, unless that is handed over.
 */
export class ArbitrageExecutor {
  private readonly life: LifeState = newLife();
  private readonly log = new DecisionLog();
  private readonly visible: VisibleState;
  private readonly stop: StopRequest;
  private readonly book: ArbitrageBook;
  private readonly legs = new Legs(() => this.show());
  private readonly rates = new QuoteRates((market) => this.watchOwnerOf(market));
  private readonly trades: ArbitrageTrades;
  private evidence: SpreadEvidence | null = null;
  private timeIsUp = false;

  constructor(private readonly config: ArbitrageExecutorConfig) {
    this.visible = new VisibleState(config);
    this.book = new ArbitrageBook(config, (book) => new TwoMarketFunding({ market: config, legs: () => book.legsOn('buying') }, { market: config.selling, legs: () => book.legsOn('selling') }, this.log, (market) => this.watchOwnerOf(market)));
    this.trades = new ArbitrageTrades(config, this.book, this.legs, new LegRestarts(this.legs, this.life, this.log), this.life, this.log, () => this.show());
    this.stop = new StopRequest(
      (decision, decidedNow) => arbitrageStopAnswer(this.view(), decision, decidedNow),
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
    this.watchClock();
    let runId = firstRunId();
    while (planned !== null && this.stop.decision === null && !this.timeIsUp) {
      if (!(await this.opportunity(planned))) break;
      await this.trades.both(planned, tradedBase(this.config, planned), runId);
      runId = null;
      if (this.book.pnl().volumeQuote.greaterThan(ZERO)) return this.settle(planned);
      if (this.isPoor()) return this.finish('INSUFFICIENT_BALANCE', 'REFUSED', this.life.lastError);
      if (this.trades.failures > LIMITS.maxRetries) return this.finish('FAILED', 'FAILED', this.life.lastError ?? 'neither leg was filled');
      this.life.status = this.stop.decision === null ? 'RUNNING' : 'SHUTTING_DOWN';
      await Promise.race([sleep(Math.min(FIRST_PAUSE_MS * 2 ** this.trades.failures, LAST_PAUSE_MS)), condition(() => this.isOver())]);
    }
    return this.stop.decision === null && this.timeIsUp ? this.finish('TIME_LIMIT', 'COMPLETED', null) : this.finish('EARLY_STOP', 'STOPPED', null);
  }

  report(): ExecutorReport {
    return arbitrageReport(this.view(), Date.now());
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  /** The markets, or why it cannot be; null when a stop made it needless. */
  private async plan(): Promise<ArbitrageMarkets | string | null> {
    const { config } = this;
    try {
      const buying = await readMarket(config, config.pair, this.watchOwnerOf(config));
      const selling = await readMarket(config.selling, config.selling.pair, this.watchOwnerOf(config.selling));
      if (this.stop.decision !== null) return null;
      const conversion = await this.rates.find(selling.rules.quote, buying.rules.quote, [config.selling, config]);
      if (typeof conversion === 'string') return conversion;
      this.book.rate = this.rates.last;
      const markets: ArbitrageMarkets = { buying: buying.rules, selling: selling.rules, conversion };
      this.book.markets = markets;
      const refusal = refusalOf(config, markets);
      if (refusal !== null) return refusal;
      this.book.funding.markets(buying.rules.contract, selling.rules.contract);
      this.log.add('markets read', { buy: `${config.pair} on ${config.connector}`, sell: `${config.selling.pair} on ${config.selling.connector}`, amount_base: toDecimalString(tradedBase(config, markets)), cost: toDecimalString(takerCosts(markets)) });
      const unset = await openContracts(config, [{ market: config, rules: buying.rules }, { market: config.selling, rules: selling.rules }], this.log, (market) => this.watchOwnerOf(market));
      return unset ?? markets;
    } catch (error) {
      return failureText(error);
    }
  }

  /** True once the spread pays; false when a stop or the time limit came first. The watch's word is checked by the same formula. */
  private async opportunity(markets: ArbitrageMarkets): Promise<boolean> {
    const amountBase = tradedBase(this.config, markets);
    for (;;) {
      const evidence = await watchSpread(spreadPlan(this.config, markets, amountBase), condition(() => this.isOver()));
      if (evidence === null || this.isOver()) return false;
      const prices = { buyPriceQuote: decimal(evidence.buyPriceQuote), sellPriceQuote: decimal(evidence.sellPriceQuote), rate: decimal(evidence.rate) };
      const profit = spreadProfit(prices, takerCosts(markets));
      this.evidence = evidence;
      this.book.rate = prices.rate;
      if (profit.greaterThan(this.config.minProfitabilityFraction)) {
        this.life.status = 'SHUTTING_DOWN';
        this.log.add('the spread pays', { buy_price: evidence.buyPriceQuote, sell_price: evidence.sellPriceQuote, profit: profit.toDecimalPlaces(8).toFixed() });
        return true;
      }
      this.log.add('contradiction', { detail: 'the watch told of a spread that does not pay', profit: profit.toDecimalPlaces(8).toFixed() });
      await sleep(FIRST_PAUSE_MS);
    }
  }

  /** Something was traded: no leg stays ahead of the other without an owner. */
  private async settle(markets: ArbitrageMarkets): Promise<void> {
    const balance = await this.trades.balance(markets, () => this.stop.decision);
    if (markets.conversion !== null) this.book.rate = await this.rates.read(markets.conversion, [this.config.selling, this.config]);
    const { closeType, outcome } = this.closeOf(balance);
    if (closeType === 'POSITION_HOLD') this.life.hold = this.book.hold();
    await this.finish(closeType, outcome, balance === 'balanced' ? null : this.life.lastError);
  }

  private closeOf(balance: Balance): { readonly closeType: CloseType; readonly outcome: Outcome } {
    const stopped = this.stop.decision !== null;
    switch (balance) {
      case 'ahead':
        return { closeType: 'POSITION_HOLD', outcome: stopped ? 'STOPPED' : 'PARTIAL' };
      case 'unwound':
        return stopped ? { closeType: 'EARLY_STOP', outcome: 'STOPPED' } : { closeType: 'FAILED', outcome: 'FAILED' };
      case 'balanced':
        return { closeType: 'COMPLETED', outcome: 'COMPLETED' };
    }
  }

  private isPoor(): boolean {
    return this.book.legs.some(({ leg }) => leg.state.kind === 'ended' && leg.state.result.end.kind === 'insufficientBalance');
  }

  private isOver(): boolean {
    return this.stop.decision !== null || this.timeIsUp;
  }

  private watchClock(): void {
    const { timeLimitSeconds, createdAtMs } = this.config;
    if (timeLimitSeconds === null) return;
    void sleep(Math.max(createdAtMs + timeLimitSeconds * 1000 - Date.now(), 1)).then(() => {
      this.timeIsUp = true;
    });
  }

  private onStop(decision: StopDecision): void {
    if (this.life.status === 'RUNNING') this.life.status = 'SHUTTING_DOWN';
    this.log.add('stop decided', { reason: decision.reason, keep_position: decision.keepPosition });
    this.show();
  }

  private async finish(closeType: CloseType, outcome: Outcome, error: string | null): Promise<void> {
    this.life.status = 'SHUTTING_DOWN';
    if (error !== null && error !== this.life.lastError) noteError(this.life, error);
    this.life.attention.clear();
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    const closedAtMs = Date.now();
    await this.book.funding.close(closedAtMs);
    this.life.closedAtMs = closedAtMs;
    this.log.add(`ended ${closeType}`, { outcome, net_pnl_quote: toDecimalString(this.book.pnl().netPnlQuote), ...(error === null ? {} : { error }) });
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

  private view(): ArbitrageView {
    const { config, life, log, book, evidence } = this;
    return { config, life, log, book, evidence, failures: this.trades.failures };
  }

  private show(): void {
    this.visible.show(this.report(), arbitrageMemo(this.view()));
  }
}

/** Why these markets cannot serve: field, value and rule. */
function refusalOf(config: ArbitrageExecutorConfig, markets: ArbitrageMarkets): string | null {
  const amountBase = tradedBase(config, markets);
  for (const rules of [markets.buying, markets.selling]) {
    const broken = checkOrder(marketRules(rules), { amountBase, priceQuote: null });
    if (broken !== null) return `order_amount: ${config.amountBase} is not allowed on ${rules.pair}, ${broken.rule}`;
  }
  return null;
}

function refuseAmendment(): never {
  throw new AmendmentRefused('type', 'arbitrage_executor', 'takes no amendments: stop it and create another');
}
