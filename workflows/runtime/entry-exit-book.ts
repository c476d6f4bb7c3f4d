import type { MarketReading } from '../../src/contract/activities.js';
import type { DcaExecutorConfig, PositionExecutorConfig } from '../../src/contract/executor-config.js';
import type { OpenOrder } from '../../src/contract/messages.js';
import type { BarrierRecord } from '../../src/contract/order-plan.js';
import { positionSideOf, type PositionSide } from '../../src/contract/position-side.js';
import type { FundedPosition } from '../../src/contract/perpetual.js';
import type { ExecutorReport, HoldRecord } from '../../src/contract/report.js';
import type { FillTotalsRecord, OrderRecord, SessionEnd, TriggerEvidence } from '../../src/contract/session-result.js';
import { barriersFromRecord, breakevenPrice, closableBase, compileLevels } from '../../src/domain/barriers.js';
import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { closingRules, floorAmount, isTradable, marketRules, type MarketRules } from '../../src/domain/market-rules.js';
import { ZERO, decimal, toDecimalString, type Decimal } from '../../src/domain/money.js';
import { positionPnl } from '../../src/domain/position-accounting.js';
import type { CloseEvidence } from './close-decision.js';
import type { DecisionLog } from './decisions.js';
import type { FundingBook } from './funding-book.js';
import { closedUnseen } from './lost-exits.js';
import { legOpenOrders, legTotals, legTrigger, type Leg } from './position-legs.js';
import { buildReport, type LifeState, type ReportMoney } from './report-base.js';
import { stopOrBarrier } from './standing-stop.js';
import type { StopDecision } from './stop-request.js';

/** Executors whose entries are guarded by one exit. */
export type GuardedConfig = PositionExecutorConfig | DcaExecutorConfig;

/** What entries have bought, exits closed, and what is still held: derived from the legs, never stored. */
export abstract class EntryExitBook<Config extends GuardedConfig> {
  protected rules: MarketRules | null = null;
  private positionSide: PositionSide | null = null;
  /** What exits were told, by the number of the amendment. */
  private readonly toldBarriers = new Map<number, BarrierRecord>();

  constructor(protected config: Config, readonly funding: FundingBook) {}

  /** The barriers an exit is to have now. */
  abstract barriers(entries: readonly Leg[]): BarrierRecord;

  protected abstract customInfo(life: LifeState, entries: readonly Leg[], exits: readonly Leg[]): Readonly<Record<string, unknown>>;

  /** An exit is told these barriers; what fired before it heard of them was judged by older ones. */
  told(amendment: number, barriers: BarrierRecord): void {
    this.toldBarriers.set(amendment, barriers);
  }

  protected hasExchangeStop(): boolean {
    return false;
  }

  protected openedAt(reading: MarketReading): void {
    this.rules = marketRules(closingRules(reading.rules));
    this.positionSide = positionSideOf(reading.rules, this.config.side, 'OPEN');
  }

  /** Fills of the entries: their own reports, or what the exits saw of them when a leg was lost. */
  entryTotals(entries: readonly Leg[], exits: readonly Leg[]): FillTotals {
    const own = entries.reduce<FillTotals>((sum, entry) => addTotals(sum, legTotals(entry)), NO_FILLS);
    const seen = exits.reduce((most, exit) => {
      const protectedTotals = exit.state.kind === 'ended' ? exit.state.result.protectedTotals : (legTrigger(exit)?.protectedTotals ?? null);
      const totals = protectedTotals === null ? NO_FILLS : totalsFromRecord(protectedTotals);
      return totals.fillCount > most.fillCount ? totals : most;
    }, NO_FILLS);
    return seen.fillCount > own.fillCount ? seen : own;
  }

  entryBase(entries: readonly Leg[], exits: readonly Leg[]): Decimal {
    return this.entryTotals(entries, exits).filledBase;
  }

  exitTotals(exits: readonly Leg[]): FillTotals {
    const unseen = closedUnseen(exits);
    const known = unseen === null ? exits : exits.slice(unseen.legs);
    return known.reduce<FillTotals>((sum, exit) => addTotals(sum, legTotals(exit)), unseen === null ? NO_FILLS : totalsFromRecord(unseen.record.totals));
  }

  /** Base filled and not closed. */
  openBase(entries: readonly Leg[], exits: readonly Leg[]): Decimal {
    if (this.rules === null) return ZERO;
    return closableBase(this.entryTotals(entries, exits), this.config.side, this.rules).minus(this.exitTotals(exits).filledBase);
  }

  /** True when the exit knew every fill of the entries. */
  protectedAll(entries: readonly Leg[], exit: Leg): boolean {
    if (exit.state.kind !== 'ended') return false;
    return (exit.state.result.protectedTotals?.fillCount ?? 0) >= this.entryTotals(entries, [exit]).fillCount;
  }

  /** True while more than dust is open: an amount that the exchange would trade at its cost. A moment's price makes no dust. */
  tradableOpen(entries: readonly Leg[], exits: readonly Leg[]): boolean {
    if (this.rules === null) return false;
    const totals = this.entryTotals(entries, exits);
    if (totals.filledBase.isZero()) return false;
    const open = floorAmount(this.rules, this.openBase(entries, exits));
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
  private barriersAtTrigger(entries: readonly Leg[], exits: readonly Leg[]): BarrierRecord {
    const fired = exits.find((exit) => legTrigger(exit) !== null);
    const planned = fired?.plan.arm?.barriers ?? this.barriers(entries);
    return this.toldBarriers.get(fired === undefined ? 0 : (legTrigger(fired)?.amendment ?? 0)) ?? planned;
  }

  openOrders(entries: readonly Leg[], exits: readonly Leg[]): readonly OpenOrder[] {
    return [...entries, ...exits].flatMap(legOpenOrders);
  }

  closeEvidence(reading: MarketReading, stop: StopDecision | null, entries: readonly Leg[], exits: readonly Leg[]): CloseEvidence {
    const exitTotals = this.exitTotals(exits);
    const orders = this.allOrders([], exits);
    const trigger = this.firstTrigger(exits);
    const dustIsKept = stop !== null && stopOrBarrier(stop, trigger).keepPosition;
    return {
      side: this.config.side,
      hasExchangeStop: this.hasExchangeStop(),
      barriers: this.barriersAtTrigger(entries, exits),
      rules: reading.rules,
      stop,
      entryEnd: endOf(entries),
      entryTotals: this.entryTotals(entries, exits),
      trigger,
      openBase: dustIsKept || this.tradableOpen(entries, exits) ? this.openBase(entries, exits) : ZERO,
      averageExitQuote: exitTotals.filledBase.isZero() ? null : exitTotals.filledQuote.dividedBy(exitTotals.filledBase),
      takeProfitFilled: orders.some((order) => order.purpose === 'takeProfit' && order.totals.fillCount > 0),
      exchangeStopFilled: orders.some((order) => order.purpose === 'exchangeStop' && order.totals.fillCount > 0),
      liquidated: orders.some((order) => order.purpose === 'liquidation'),
      exitError: lastError(exits.at(-1)),
    };
  }

  hold(entries: readonly Leg[], exits: readonly Leg[]): HoldRecord {
    const { connector, account, pair } = this.config;
    return { connector, account, pair, positionSide: this.positionSide, orders: this.allOrders(entries, exits).filter((order) => order.totals.fillCount > 0), fundingQuote: toDecimalString(this.funding.totalQuote) };
  }

  /** What moved the position: its legs, and the parts the exchange took. */
  funded(entries: readonly Leg[], exits: readonly Leg[]): FundedPosition {
    const legs = [...this.fundedEntries(entries, exits), ...exits.map((exit, index) => ({ path: exit.plan.path, side: exit.plan.side, totals: fundedTotals(exits, index) }))];
    const taken = this.allOrders([], exits).filter((order) => order.purpose === 'liquidation');
    return { legs, liquidated: taken.map(({ side, totals }) => ({ side, amountBase: totals.filledBase, atMs: totals.lastFillAtMs ?? 0 })) };
  }

  private fundedEntries(entries: readonly Leg[], exits: readonly Leg[]): FundedPosition['legs'] {
    const [only, ...others] = entries;
    // What the exits saw is the sum of all entries: it can stand for one of them only when there is no other.
    if (only !== undefined && others.length === 0) return [{ path: only.plan.path, side: only.plan.side, totals: totalsRecord(this.entryTotals(entries, exits)) }];
    return entries.map(({ plan: { path, side }, state }, index) => {
      const totals = totalsRecord(legTotals(entries[index] ?? null));
      // Without a last fill its trades are read from the exchange.
      return { path, side, totals: state.kind === 'lost' ? { ...totals, lastFillAtMs: null } : totals };
    });
  }

  report(life: LifeState, log: DecisionLog, entries: readonly Leg[], exits: readonly Leg[], nowMs: number): ExecutorReport {
    return buildReport(this.config, life, this.money(life, entries, exits), log, nowMs);
  }

  /** Flat strings for the memo: what marks the position live, and the levels a person compares the price with. */
  memo(entries: readonly Leg[], exits: readonly Leg[]): Readonly<Record<string, string>> {
    const totals = this.entryTotals(entries, exits);
    return {
      entry_totals: JSON.stringify(totalsRecord(totals)),
      exit_totals: JSON.stringify(totalsRecord(this.exitTotals(exits))),
      config: JSON.stringify(this.config),
      ...(this.rules === null ? {} : { amount_step_base: toDecimalString(this.rules.amountStepBase) }),
      ...this.ownMemo(entries),
      open_base: toDecimalString(this.openBase(entries, exits)),
      ...(this.rules?.contract === 'perpetual' ? { funding_quote: toDecimalString(this.funding.totalQuote) } : {}),
      ...this.levelTexts(entries, exits),
    };
  }

  protected ownMemo(_entries: readonly Leg[]): Readonly<Record<string, string>> {
    return {};
  }

  levelTexts(entries: readonly Leg[], exits: readonly Leg[]): Readonly<Record<string, string>> {
    const totals = this.entryTotals(entries, exits);
    if (this.rules === null || totals.filledBase.isZero()) return {};
    const barriers = barriersFromRecord(this.barriers(entries));
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

  private money(life: LifeState, entries: readonly Leg[], exits: readonly Leg[]): ReportMoney {
    const totals = this.entryTotals(entries, exits);
    const orders = this.allOrders(entries, exits);
    const customInfo = this.customInfo(life, entries, exits);
    if (this.rules === null) {
      return { netPnlQuote: ZERO, netPnlFraction: ZERO, feesQuote: ZERO, volumeQuote: ZERO, residueBase: ZERO, isTrading: false, orders, customInfo };
    }
    const mark = totals.filledBase.isZero() ? null : totals.filledQuote.dividedBy(totals.filledBase);
    const pnl = positionPnl({ side: this.config.side, entry: totals, exits: this.exitTotals(exits), rules: this.rules, markPriceQuote: mark, fundingQuote: this.funding.totalQuote });
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

  /** As their legs told them; the fills of lost exits as one sum. */
  allOrders(entries: readonly Leg[], exits: readonly Leg[]): readonly OrderRecord[] {
    const unseen = closedUnseen(exits);
    const known = [...entries, ...(unseen === null ? exits : exits.slice(unseen.legs))].flatMap((leg) => (leg.state.kind === 'ended' ? leg.state.result.orders : []));
    return unseen === null ? known : [...known, unseen.record];
  }

  protected orderIds(entries: readonly Leg[], exits: readonly Leg[]): readonly string[] {
    const orders = this.allOrders(entries, exits);
    const ids = (purpose: OrderRecord['purpose']): readonly string[] => orders.filter((order) => order.purpose === purpose).map((order) => order.clientOrderId);
    return [...ids('work'), ...ids('close'), ...ids('takeProfit'), ...ids('exchangeStop')];
  }
}

/** How all entries ended: refused when one was, null when any was lost or is still at work. */
function endOf(entries: readonly Leg[]): SessionEnd | null {
  const ends = entries.map((entry) => (entry.state.kind === 'ended' ? entry.state.result.end : null));
  const known = ends.filter((end) => end !== null);
  if (known.length < ends.length) return null;
  return known.find(({ kind }) => kind === 'insufficientBalance') ?? known.find(({ kind }) => kind === 'failed') ?? known[0] ?? null;
}

/** Of an exit that was lost only the exchange knows when it closed what: without a last fill its trades are read. */
function fundedTotals(exits: readonly Leg[], index: number): FillTotalsRecord {
  const unseen = closedUnseen(exits);
  if (unseen !== null && index < unseen.legs) return { ...unseen.record.totals, lastFillAtMs: null };
  return totalsRecord(legTotals(exits[index] ?? null));
}

export function retriesOf(legs: readonly Leg[]): number {
  return legs.reduce((sum, leg) => sum + (leg.state.kind === 'ended' ? leg.state.result.retries : 0), 0);
}

/** Fees without a value in quote, by asset: not in any sum. */
export function unvaluedFeesOf(legs: readonly Leg[]): Readonly<Record<string, string>> {
  const sums = new Map<string, Decimal>();
  for (const leg of legs) {
    if (leg.state.kind !== 'ended') continue;
    for (const [asset, amount] of Object.entries(leg.state.result.unvaluedFees)) sums.set(asset, (sums.get(asset) ?? ZERO).plus(decimal(amount)));
  }
  return Object.fromEntries([...sums].map(([asset, amount]) => [asset, toDecimalString(amount)]));
}

function lastError(exit: Leg | undefined): string | null {
  return exit?.state.kind === 'ended' ? exit.state.result.lastError : null;
}

export function shown(price: Decimal): string {
  return toDecimalString(price.toSignificantDigits(16));
}
