import type { MarketReading } from '../../src/contract/activities.js';
import { AmendmentRefused, amendOrder, type AmendedField } from '../../src/contract/amendment.js';
import type { OrderExecutorConfig } from '../../src/contract/executor-config.js';
import type { FillReport, OpenOrder, StopAnswer } from '../../src/contract/messages.js';
import type { OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import type { FundedPosition } from '../../src/contract/perpetual.js';
import type { Decision, ExecutorReport } from '../../src/contract/report.js';
import type { OrderRecord, SessionResult } from '../../src/contract/session-result.js';
import type { CloseType, Outcome } from '../../src/domain/enumerations.js';
import { NO_FILLS, totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { ZERO, decimal, toDecimalString } from '../../src/domain/money.js';
import { closingRules } from '../../src/domain/market-rules.js';
import type { PlanChanges } from '../../src/domain/session/amended-plan.js';
import { isFundingSettled } from '../../src/contract/check-messages.js';
import { onSignal } from './checked-signal.js';
import { AmendRequest, amendmentEvidence, mayCostMore } from './amend-request.js';
import { recordClose } from './closing.js';
import { positionSideOf } from '../../src/contract/position-side.js';
import { openContract } from './contract-calls.js';
import { FundingBook } from './funding-book.js';
import { fundingSettledSignal } from './funding-signal.js';
import { DecisionLog } from './decisions.js';
import { heldOrders } from './held-orders.js';
import { SessionRun } from './order-leg.js';
import { amountText, entryTerms, pathOf, planBase, quantise } from './order-planning.js';
import { attentionText, buildReport, newLife, noteError, type LifeState } from './report-base.js';
import { failureText, firstRunId, readMarketFirst } from './session-call.js';
import { StopRequest, type StopDecision } from './stop-request.js';
import { VisibleState } from './visible-state.js';

/** One order from creation to its report. What fills goes to the controller's hold. */
export class OrderExecutor {
  private readonly life: LifeState = newLife();
  private readonly log = new DecisionLog();
  private readonly visible: VisibleState;
  private readonly stop: StopRequest;
  private totals: FillTotals = NO_FILLS;
  private orders: readonly OrderRecord[] = [];
  private retries = 0;
  private openOrders: readonly OpenOrder[] = [];
  private residue = ZERO;
  private plannedBase = ZERO;
  private unvaluedFees: SessionResult['unvaluedFees'] = {};
  private session: SessionRun | null = null;
  private isPerpetual = false;
  private readonly funding: FundingBook;

  private reading: MarketReading | null = null;

  constructor(private config: OrderExecutorConfig) {
    this.visible = new VisibleState(config);
    this.funding = new FundingBook(config, this.log, (missing) => this.watchOwner(missing));
    onSignal(this.visible.hearing, fundingSettledSignal, isFundingSettled, (news) => void this.bookFunding(news.atMs), () => undefined);
    this.stop = new StopRequest(
      (decision, decidedNow) => this.answer(decision, decidedNow),
      (decision) => this.onStop(decision),
      this.visible.hearing,
    );
    this.stop.listen();
    new AmendRequest({ current: () => this.config, propose: (amendment) => this.propose(amendment), dearer: (config) => this.dearer(config), apply: (config, sequence, changed) => this.amended(config, sequence, changed) }).listen();
  }

  async run(): Promise<void> {
    this.life.status = 'RUNNING';
    this.show();
    const plan = await this.plan();
    if (typeof plan === 'string') return this.finish('FAILED', 'REFUSED', plan);
    if (this.stop.decision !== null) return this.finish('EARLY_STOP', 'STOPPED', null);
    this.log.add('order planned', { side: plan.side, amount_base: plan.amountBase, price_quote: plan.priceQuote, strategy: plan.strategy });
    this.plannedBase = decimal(plan.amountBase ?? '0');
    this.session = new SessionRun(plan, { fills: (report) => this.onFills(report), attention: (news) => this.onAttention(news.code, news.message) }, this.watchOwner, this.visible.hearing);
    this.show();
    const result = await this.session.run();
    await this.conclude(result);
  }

  report(): ExecutorReport {
    const average = this.totals.filledBase.isZero() ? ZERO : this.totals.filledQuote.dividedBy(this.totals.filledBase);
    return buildReport(
      this.config,
      this.life,
      {
        netPnlQuote: ZERO,
        netPnlFraction: ZERO,
        feesQuote: this.totals.feesQuote,
        volumeQuote: this.totals.filledQuote,
        residueBase: this.residue,
        isTrading: !this.totals.filledBase.isZero(),
        orders: this.orders,
        customInfo: {
          side: this.config.side,
          level_id: this.config.levelId,
          current_retries: this.retries,
          max_retries: LIMITS.maxRetries,
          order_id: (this.orders.at(-1) ?? this.openOrders.at(-1))?.clientOrderId ?? null,
          open_orders: this.openOrders,
          order_last_update: this.totals.lastFillAtMs,
          held_position_orders: this.life.hold === null ? [] : heldOrders(this.config.pair, this.life.hold.orders),
          executed_amount_base: toDecimalString(this.totals.filledBase),
          average_executed_price: toDecimalString(average),
          unvalued_fees: this.unvaluedFees,
          ...(this.isPerpetual ? this.funding.customInfo() : {}),
        },
      },
      this.log,
      Date.now(),
    );
  }

  decisions(): readonly Decision[] {
    return this.log.all();
  }

  private async plan(): Promise<OrderPlan | string> {
    const { config } = this;
    const reading = await readMarketFirst(config, config.pair, this.watchOwner).catch((error: unknown) => failureText(error));
    if (typeof reading === 'string') return reading;
    const closes = config.positionAction === 'CLOSE';
    this.reading = closes ? { ...reading, rules: closingRules(reading.rules) } : reading;
    const sized = quantise(this.reading, { side: config.side, strategy: config.executionStrategy, amountBase: config.amountBase, priceQuote: config.priceQuote });
    if ('message' in sized) return sized.message;
    this.isPerpetual = reading.rules.contract === 'perpetual';
    // What only closes leaves the leverage as it is.
    const refusal = this.isPerpetual && !closes ? await openContract(config, this.log, this.watchOwner) : null;
    if (refusal !== null) return refusal;
    return {
      ...planBase(config, reading.rules),
      path: pathOf(config, config.id, 'order'),
      role: 'order',
      side: config.side,
      amountBase: amountText(sized.amountBase),
      strategy: config.executionStrategy,
      priceQuote: amountText(sized.priceQuote),
      chaser: config.chaser,
      positionAction: config.positionAction,
      activationBounds: [],
      guardedBy: null,
      parentId: null,
      firstRunId: firstRunId(),
      arm: null,
    };
  }

  private async conclude(result: SessionResult): Promise<void> {
    this.totals = totalsFromRecord(result.totals);
    this.orders = result.orders;
    this.retries = result.retries;
    this.unvaluedFees = result.unvaluedFees;
    this.openOrders = [];
    this.residue = decimal(result.residueBase);
    const closedAtMs = Date.now();
    await this.closeFunding(closedAtMs);
    const filled = !this.totals.filledBase.isZero();
    switch (result.end.kind) {
      case 'completed': {
        // Measured by the plan: what the exchange's step cut off could never trade.
        const whole = this.totals.filledBase.greaterThanOrEqualTo(this.plannedBase);
        return this.finish(filled ? 'POSITION_HOLD' : 'FAILED', filled ? (whole ? 'COMPLETED' : 'PARTIAL') : 'FAILED', result.lastError, closedAtMs);
      }
      case 'stopped':
        return this.finish(filled ? 'POSITION_HOLD' : 'EARLY_STOP', 'STOPPED', null, closedAtMs);
      case 'insufficientBalance':
        return this.finish('INSUFFICIENT_BALANCE', 'REFUSED', result.end.message);
      case 'failed':
        return this.finish('FAILED', filled ? 'PARTIAL' : 'FAILED', result.end.message, closedAtMs);
      default:
        return unreachable(result.end);
    }
  }

  /** `closedAtMs` is the moment up to which funding is in its sums. */
  private async finish(closeType: CloseType, outcome: Outcome, error: string | null, closedAtMs = Date.now()): Promise<void> {
    this.life.status = 'SHUTTING_DOWN';
    if (error !== null) noteError(this.life, error);
    this.life.attention.clear();
    this.life.closeType = closeType;
    this.life.outcome = outcome;
    this.life.closedAtMs = closedAtMs;
    if (!this.totals.filledBase.isZero()) {
      const { connector, account, pair, side, positionAction } = this.config;
      const positionSide = this.reading === null ? null : positionSideOf(this.reading.rules, side, positionAction === 'CLOSE' ? 'CLOSE' : 'OPEN');
      this.life.hold = { connector, account, pair, positionSide, orders: this.orders.filter((order) => order.totals.fillCount > 0), fundingQuote: toDecimalString(this.funding.totalQuote) };
    }
    this.log.add(`ended ${closeType}`, { outcome, filled_base: toDecimalString(this.totals.filledBase), ...(error === null ? {} : { error }) });
    const closed = { ...this.report(), status: 'TERMINATED' as const };
    await recordClose({ report: closed, holdControllerId: this.stop.decision?.controllerId ?? this.config.controllerId, orphanOf: null }, () => this.show());
    this.life.status = 'TERMINATED';
    this.show();
  }

  /** What a working order holds of a position is settled like any other; what it hands over takes its funding along. */
  private async bookFunding(throughMs: number): Promise<void> {
    if (!this.isPerpetual || this.funding.closed) return;
    await this.funding.book(() => this.funded(), throughMs);
    this.show();
  }

  private async closeFunding(closedAtMs: number): Promise<void> {
    if (this.isPerpetual) await this.funding.close(() => this.funded(), closedAtMs);
  }

  private funded(): FundedPosition {
    const { config } = this;
    return { legs: [{ path: pathOf(config, config.id, 'order'), side: config.side, totals: totalsRecord(this.totals) }], liquidated: [] };
  }

  private onFills(report: FillReport): void {
    const before = this.totals.fillCount;
    this.totals = totalsFromRecord(report.totals);
    this.openOrders = report.openOrders;
    if (this.totals.fillCount > before) this.log.add('filled', { filled_base: report.totals.filledBase, filled_quote: report.totals.filledQuote });
    this.show();
  }

  private onAttention(code: string, message: string | null): void {
    if (message === null) this.life.attention.delete(code);
    else {
      this.life.attention.set(code, message);
      noteError(this.life, message);
    }
    this.log.add(message === null ? `attention over: ${code}` : `attention: ${code}`, message === null ? {} : { message });
    this.show();
  }

  private readonly watchOwner = (missing: boolean): void => {
    if (missing) this.onAttention('NO_ACCOUNT_OWNER', `no process owns account ${this.config.account} of ${this.config.connector}`);
    else if (this.life.attention.has('NO_ACCOUNT_OWNER')) this.onAttention('NO_ACCOUNT_OWNER', null);
  };

  private onStop(decision: StopDecision): void {
    this.log.add('stop decided', { reason: decision.reason, keep_position: decision.keepPosition });
    void this.session?.command({ kind: 'cancel', reason: decision.reason });
    this.show();
  }

  private propose(amendment: unknown): OrderExecutorConfig {
    const { reading, session } = this;
    if (session === null || reading === null || this.life.status !== 'RUNNING' || this.stop.decision !== null) {
      throw new AmendmentRefused('status', this.stop.decision === null ? this.life.status : 'SHUTTING_DOWN', session === null ? 'is too early: the order is not planned yet' : 'is too late: the order is ending');
    }
    const config = amendOrder(this.config, amendment);
    if (decimal(config.amountBase).lessThan(this.totals.filledBase)) throw new AmendmentRefused('amount', config.amountBase, `must be at least what is executed, ${toDecimalString(this.totals.filledBase)}`);
    const sized = quantise(reading, { side: config.side, strategy: config.executionStrategy, amountBase: config.amountBase, priceQuote: config.priceQuote });
    if ('message' in sized) throw new AmendmentRefused('amendment', amendment, `is against the rules of the market: ${sized.message}`);
    return config;
  }

  /** What is executed stays; what is not goes on at the new terms once the cancel of the old order is confirmed. */
  private amended(config: OrderExecutorConfig, sequence: number, changed: readonly AmendedField[]): void {
    this.config = config;
    this.log.add('amended', amendmentEvidence(sequence, changed));
    const changes = this.termsOf(config);
    if (changes === null) return;
    this.plannedBase = decimal(changes.amountBase);
    void this.session?.command({ kind: 'amend', reason: `amendment ${sequence}`, sequence, changes });
    this.show();
  }

  private dearer(config: OrderExecutorConfig): { readonly path: OrderPath; readonly changes: PlanChanges } | null {
    const [before, after] = [this.termsOf(this.config), this.termsOf(config)];
    if (before === null || after === null || !mayCostMore(before, after)) return null;
    return { path: pathOf(config, config.id, 'order'), changes: after };
  }

  /** The terms of a config as the market takes them. */
  private termsOf(config: OrderExecutorConfig): (PlanChanges & { readonly amountBase: string }) | null {
    const sized = this.reading === null ? null : quantise(this.reading, { side: config.side, strategy: config.executionStrategy, amountBase: config.amountBase, priceQuote: config.priceQuote });
    return sized === null || 'message' in sized ? null : entryTerms(sized);
  }

  private answer(decision: StopDecision, decidedNow: boolean): StopAnswer {
    return {
      executor_id: this.config.id,
      status: this.life.status === 'TERMINATED' ? 'stopped' : 'stopping',
      // An order executor never sends a closing order: what filled is always kept.
      keep_position: true,
      reason: decision.reason,
      quantity_to_close_base: '0',
      quantity_to_hand_over_base: toDecimalString(this.totals.filledBase),
      orders_to_cancel: this.openOrders.length,
      decided_now: decidedNow,
    };
  }

  private show(): void {
    this.visible.show(this.report(), {
      entry_totals: JSON.stringify(totalsRecord(this.totals)),
      exit_totals: JSON.stringify(totalsRecord(NO_FILLS)),
      config: JSON.stringify(this.config),
      filled_base: toDecimalString(this.totals.filledBase),
      attention: attentionText(this.life),
    });
  }
}

function unreachable(end: never): never {
  throw new Error(`unhandled end ${JSON.stringify(end)}`);
}
