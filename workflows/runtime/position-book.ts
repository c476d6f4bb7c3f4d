import type { MarketReading } from '../../src/contract/activities.js';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import type { OpenOrder } from '../../src/contract/messages.js';
import type { BarrierRecord } from '../../src/contract/order-plan.js';
import { positionSideOf, type PositionSide } from '../../src/contract/position-side.js';
import type { ExecutorReport, HoldRecord } from '../../src/contract/report.js';
import type { FillTotalsRecord, OrderRecord, TriggerEvidence } from '../../src/contract/session-result.js';
import { stopMoved, sumBase, targetStates, type TargetState } from '../../src/contract/target-states.js';
import { barriersFromRecord, breakevenPrice, closableBase, compileLevels } from '../../src/domain/barriers.js';
import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { closingRules, floorAmount, isTradable, marketRules, type MarketRules } from '../../src/domain/market-rules.js';
import { ZERO, decimal, toDecimalString, type Decimal } from '../../src/domain/money.js';
import { positionPnl } from '../../src/domain/position-accounting.js';
import type { CloseEvidence } from './close-decision.js';
import type { DecisionLog } from './decisions.js';
import type { FundedPosition, FundingBook } from './funding-book.js';
import { heldOrders } from './held-orders.js';
import { closedUnseen } from './lost-exits.js';
import { legOpenOrders, legTotals, legTrigger, type Leg } from './position-legs.js';
import { barrierRecord } from './position-plans.js';
import { buildReport, type LifeState, type ReportMoney } from './report-base.js';
import type { StopDecision } from './stop-request.js';

/** What a position has bought, closed and still holds: derived from its legs, never stored. */
export class PositionBook {
  private rules: MarketRules | null = null;
  private positionSide: PositionSide | null = null;
  private entryPriceQuote: string | null;
  /** What exits were told, by the number of the amendment. */
  private readonly terms = new Map<number, BarrierRecord>();

  constructor(private config: PositionExecutorConfig, readonly funding: FundingBook) {
    this.entryPriceQuote = config.entryPriceQuote;
  }

  /** From here on reports and levels are those of the amended config. */
  amended(config: PositionExecutorConfig): void {
    this.config = config;
  }

  /** An exit is told these barriers; what fired before it heard of them was judged by older ones. */
  told(amendment: number, barriers: BarrierRecord): void {
    this.terms.set(amendment, barriers);
  }

  opened(reading: MarketReading, entryPriceQuote: string): void {
    this.rules = marketRules(closingRules(reading.rules));
    this.positionSide = positionSideOf(reading.rules, this.config.side, 'OPEN');
    this.entryPriceQuote = entryPriceQuote;
  }

  /** Fills of the entry: its own report, or what the exits saw of it when its leg was lost. */
  entryTotals(entry: Leg | null, exits: readonly Leg[]): FillTotals {
    const own = legTotals(entry);
    const seen = exits.reduce((most, exit) => {
      const protectedTotals = exit.state.kind === 'ended' ? exit.state.result.protectedTotals : (legTrigger(exit)?.protectedTotals ?? null);
      const totals = protectedTotals === null ? NO_FILLS : totalsFromRecord(protectedTotals);
      return totals.fillCount > most.fillCount ? totals : most;
    }, NO_FILLS);
    return seen.fillCount > own.fillCount ? seen : own;
  }

  entryBase(entry: Leg | null, exits: readonly Leg[]): Decimal {
    return this.entryTotals(entry, exits).filledBase;
  }

  exitTotals(exits: readonly Leg[]): FillTotals {
    const unseen = closedUnseen(exits);
    const known = unseen === null ? exits : exits.slice(unseen.legs);
    return known.reduce<FillTotals>((sum, exit) => addTotals(sum, legTotals(exit)), unseen === null ? NO_FILLS : totalsFromRecord(unseen.record.totals));
  }

  /** Base filled and not closed. */
  openBase(entry: Leg | null, exits: readonly Leg[]): Decimal {
    if (this.rules === null) return ZERO;
    return closableBase(this.entryTotals(entry, exits), this.config.side, this.rules).minus(this.exitTotals(exits).filledBase);
  }

  /** True when the exit knew every fill of the entry. */
  protectedAll(entry: Leg | null, exit: Leg): boolean {
    if (exit.state.kind !== 'ended') return false;
    return (exit.state.result.protectedTotals?.fillCount ?? 0) >= this.entryTotals(entry, [exit]).fillCount;
  }

  /** True while more than dust is open: an amount that the exchange would trade at its cost. A moment's price makes no dust. */
  tradableOpen(entry: Leg | null, exits: readonly Leg[]): boolean {
    if (this.rules === null) return false;
    const totals = this.entryTotals(entry, exits);
    if (totals.filledBase.isZero()) return false;
    const open = floorAmount(this.rules, this.openBase(entry, exits));
    return open.greaterThan(0) && isTradable(this.rules, open, totals.filledQuote.dividedBy(totals.filledBase));
  }

  firstTrigger(exits: readonly Leg[]): TriggerEvidence | null {
    for (const exit of exits) {
      const trigger = legTrigger(exit);
      if (trigger !== null) return trigger;
    }
    return null;
  }

  /** The barriers the exit that fired had heard of: later amendments did not make it fire. */
  private barriersAtTrigger(exits: readonly Leg[]): BarrierRecord {
    const fired = exits.find((exit) => legTrigger(exit) !== null);
    const planned = fired?.plan.arm?.barriers ?? barrierRecord(this.config);
    return this.terms.get(fired === undefined ? 0 : (legTrigger(fired)?.amendment ?? 0)) ?? planned;
  }

  openOrders(entry: Leg | null, exits: readonly Leg[]): readonly OpenOrder[] {
    return [entry, ...exits].flatMap(legOpenOrders);
  }

  closeEvidence(reading: MarketReading, stop: StopDecision | null, entry: Leg | null, exits: readonly Leg[]): CloseEvidence {
    const exitTotals = this.exitTotals(exits);
    const orders = this.orders(null, exits);
    return {
      config: this.config,
      barriers: this.barriersAtTrigger(exits),
      rules: reading.rules,
      stop,
      entryEnd: entry?.state.kind === 'ended' ? entry.state.result.end : null,
      entryTotals: this.entryTotals(entry, exits),
      trigger: this.firstTrigger(exits),
      openBase: stop?.keepPosition === true || this.tradableOpen(entry, exits) ? this.openBase(entry, exits) : ZERO,
      averageExitQuote: exitTotals.filledBase.isZero() ? null : exitTotals.filledQuote.dividedBy(exitTotals.filledBase),
      takeProfitFilled: orders.some((order) => order.purpose === 'takeProfit' && order.totals.fillCount > 0),
      exchangeStopFilled: orders.some((order) => order.purpose === 'exchangeStop' && order.totals.fillCount > 0),
      liquidated: orders.some((order) => order.purpose === 'liquidation'),
      exitError: lastError(exits.at(-1)),
    };
  }

  hold(entry: Leg | null, exits: readonly Leg[]): HoldRecord {
    const { connector, account, pair } = this.config;
    return { connector, account, pair, positionSide: this.positionSide, orders: this.orders(entry, exits).filter((order) => order.totals.fillCount > 0), fundingQuote: toDecimalString(this.funding.totalQuote) };
  }

  /** What moved the position: its legs, and the parts the exchange took. */
  funded(entry: Leg | null, exits: readonly Leg[]): FundedPosition {
    const legs = [...(entry === null ? [] : [{ path: entry.plan.path, side: entry.plan.side, totals: totalsRecord(this.entryTotals(entry, exits)) }]), ...exits.map((exit, index) => ({ path: exit.plan.path, side: exit.plan.side, totals: fundedTotals(exits, index) }))];
    const taken = this.orders(null, exits).filter((order) => order.purpose === 'liquidation');
    return { legs, liquidated: taken.map(({ side, totals }) => ({ side, amountBase: totals.filledBase, atMs: totals.lastFillAtMs ?? 0 })) };
  }

  report(life: LifeState, log: DecisionLog, entry: Leg | null, exits: readonly Leg[], nowMs: number): ExecutorReport {
    return buildReport(this.config, life, this.money(life, entry, exits), log, nowMs);
  }

  /** Flat strings for the memo: what marks the position live, and the levels a person compares the price with. */
  memo(entry: Leg | null, exits: readonly Leg[]): Readonly<Record<string, string>> {
    const totals = this.entryTotals(entry, exits);
    return {
      entry_totals: JSON.stringify(totalsRecord(totals)),
      exit_totals: JSON.stringify(totalsRecord(this.exitTotals(exits))),
      config: JSON.stringify(this.config),
      ...(this.rules === null ? {} : { amount_step_base: toDecimalString(this.rules.amountStepBase) }),
      entry_price_quote: this.entryPriceQuote ?? '',
      open_base: toDecimalString(this.openBase(entry, exits)),
      ...(this.rules?.contract === 'perpetual' ? { funding_quote: toDecimalString(this.funding.totalQuote) } : {}),
      ...this.levels(totals),
      ...(this.config.tripleBarrier.targets.length === 0 ? {} : { targets: JSON.stringify(this.targets(entry, exits)) }),
    };
  }

  /** Where each target stands; empty without targets, and before the market is known. */
  targets(entry: Leg | null, exits: readonly Leg[]): readonly TargetState[] {
    if (this.rules === null) return [];
    const barriers = barriersFromRecord(barrierRecord(this.config));
    const position = { entrySide: this.config.side, totals: this.entryTotals(entry, exits), rules: this.rules };
    return targetStates(barriers, position, [], sumBase(exits.map(closedByTargets)));
  }

  /** Whether the target that moves the stop is filled. */
  stopMoved(entry: Leg | null, exits: readonly Leg[]): boolean {
    return stopMoved(barriersFromRecord(barrierRecord(this.config)), this.targets(entry, exits));
  }

  levelTexts(entry: Leg | null, exits: readonly Leg[]): Readonly<Record<string, string>> {
    return this.levels(this.entryTotals(entry, exits));
  }

  private levels(totals: FillTotals): Readonly<Record<string, string>> {
    if (this.rules === null || totals.filledBase.isZero()) return {};
    const barriers = barriersFromRecord(barrierRecord(this.config));
    const position = { entrySide: this.config.side, totals, rules: this.rules };
    const levels = compileLevels(barriers, position);
    const entry = totals.filledQuote.dividedBy(totals.filledBase);
    const gain = this.config.side === 'BUY' ? barriers.takeProfitFraction : (barriers.takeProfitFraction?.negated() ?? null);
    const resting = gain === null ? null : entry.times(gain.plus(1));
    const takeProfit = barriers.takeProfitOrderType === 'MARKET' || gain === null ? levels.takeProfitPriceQuote : resting;
    const even = barriers.breakevenAfterTarget === null ? null : breakevenPrice(position);
    return {
      level_stop_loss_quote: levels.stopPriceQuote === null ? '' : shown(levels.stopPriceQuote),
      level_take_profit_quote: takeProfit === null ? '' : shown(takeProfit),
      level_trailing_arm_quote: levels.trailingArmPriceQuote === null ? '' : shown(levels.trailingArmPriceQuote),
      ...(even === null ? {} : { level_breakeven_quote: shown(even) }),
      time_limit_at_ms: barriers.timeLimitAtMs === null ? '' : String(barriers.timeLimitAtMs),
    };
  }

  private money(life: LifeState, entry: Leg | null, exits: readonly Leg[]): ReportMoney {
    const totals = this.entryTotals(entry, exits);
    const exitTotals = this.exitTotals(exits);
    const orders = this.orders(entry, exits);
    const ids = (purpose: OrderRecord['purpose']): readonly string[] => orders.filter((order) => order.purpose === purpose).map((order) => order.clientOrderId);
    const customInfo = {
      side: this.config.side,
      level_id: this.config.levelId,
      current_position_average_price: totals.filledBase.isZero() ? this.entryPriceQuote : shown(totals.filledQuote.dividedBy(totals.filledBase)),
      close_price: exitTotals.filledBase.isZero() ? null : shown(exitTotals.filledQuote.dividedBy(exitTotals.filledBase)),
      current_retries: [entry, ...exits].reduce((sum, leg) => sum + (leg?.state.kind === 'ended' ? leg.state.result.retries : 0), 0),
      max_retries: LIMITS.maxRetries,
      open_order_last_update: totals.lastFillAtMs,
      open_orders: this.openOrders(entry, exits),
      order_ids: [...ids('work'), ...ids('close'), ...ids('takeProfit'), ...ids('exchangeStop')],
      ...(this.config.tripleBarrier.targets.length === 0 ? {} : { targets: this.targets(entry, exits) }),
      // Fees without a value in quote, by asset: not in any sum.
      unvalued_fees: Object.assign({}, ...[entry, ...exits].map((leg) => (leg?.state.kind === 'ended' ? leg.state.result.unvaluedFees : {}))),
      ...(this.rules?.contract === 'perpetual' ? this.funding.customInfo() : {}),
      held_position_orders: life.hold === null ? [] : heldOrders(this.config.pair, life.hold.orders),
    };
    if (this.rules === null) {
      return { netPnlQuote: ZERO, netPnlFraction: ZERO, feesQuote: ZERO, volumeQuote: ZERO, residueBase: ZERO, isTrading: false, orders, customInfo };
    }
    const mark = totals.filledBase.isZero() ? null : totals.filledQuote.dividedBy(totals.filledBase);
    const pnl = positionPnl({ side: this.config.side, entry: totals, exits: exitTotals, rules: this.rules, markPriceQuote: mark, fundingQuote: this.funding.totalQuote });
    return {
      netPnlQuote: pnl.netPnlQuote,
      netPnlFraction: pnl.netPnlFraction,
      feesQuote: pnl.feesQuote,
      volumeQuote: pnl.volumeQuote,
      residueBase: life.closeType === null || life.closeType === 'POSITION_HOLD' ? ZERO : pnl.residueBase,
      isTrading: !totals.filledBase.isZero(),
      orders,
      customInfo,
    };
  }

  private orders(entry: Leg | null, exits: readonly Leg[]): readonly OrderRecord[] {
    const unseen = closedUnseen(exits);
    const known = [entry, ...(unseen === null ? exits : exits.slice(unseen.legs))].flatMap((leg) => (leg?.state.kind === 'ended' ? leg.state.result.orders : []));
    return unseen === null ? known : [...known, unseen.record];
  }
}

/** What was closed before the exit fired is its targets'; an exit that is over tells it order by order. */
function closedByTargets(exit: Leg): Decimal {
  if (exit.state.kind === 'ended') {
    const orders = exit.state.result.orders.filter((order) => order.purpose === 'takeProfit');
    return orders.reduce((sum, order) => sum.plus(decimal(order.totals.filledBase)), ZERO);
  }
  const trigger = legTrigger(exit);
  return trigger === null ? legTotals(exit).filledBase : decimal(trigger.closedBase);
}

/** Of an exit that was lost only the exchange knows when it closed what: without a last fill its trades are read. */
function fundedTotals(exits: readonly Leg[], index: number): FillTotalsRecord {
  const unseen = closedUnseen(exits);
  if (unseen !== null && index < unseen.legs) return { ...unseen.record.totals, lastFillAtMs: null };
  return totalsRecord(legTotals(exits[index] ?? null));
}

function lastError(exit: Leg | undefined): string | null {
  return exit?.state.kind === 'ended' ? exit.state.result.lastError : null;
}

function shown(price: Decimal): string {
  return toDecimalString(price.toSignificantDigits(16));
}
