import type { MarketReading } from '../../src/contract/activities.js';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import type { BarrierRecord } from '../../src/contract/order-plan.js';
import { stopMoved, sumBase, targetStates, type TargetState } from '../../src/contract/target-states.js';
import { barriersFromRecord } from '../../src/domain/barriers.js';
import { LIMITS } from '../../src/domain/limits.js';
import { ZERO, decimal, type Decimal } from '../../src/domain/money.js';
import { EntryExitBook, retriesOf, shown, unvaluedFeesOf } from './entry-exit-book.js';
import type { FundingBook } from './funding-book.js';
import { heldOrders } from './held-orders.js';
import { legTotals, legTrigger, type Leg } from './position-legs.js';
import { barrierRecord } from './position-plans.js';
import type { LifeState } from './report-base.js';

/** The book of a position: one entry, and targets its exits may close in part. */
export class PositionBook extends EntryExitBook<PositionExecutorConfig> {
  private entryPriceQuote: string | null;

  constructor(config: PositionExecutorConfig, funding: FundingBook) {
    super(config, funding);
    this.entryPriceQuote = config.entryPriceQuote;
  }

  opened(reading: MarketReading, entryPriceQuote: string): void {
    this.openedAt(reading);
    this.entryPriceQuote = entryPriceQuote;
  }

  /** From here on reports and levels are those of the amended config. */
  amended(config: PositionExecutorConfig): void {
    this.config = config;
  }

  barriers(): BarrierRecord {
    return barrierRecord(this.config);
  }

  protected override hasExchangeStop(): boolean {
    return this.config.tripleBarrier.exchangeStop !== null;
  }

  override memo(entries: readonly Leg[], exits: readonly Leg[]): Readonly<Record<string, string>> {
    const memo = super.memo(entries, exits);
    return this.config.tripleBarrier.targets.length === 0 ? memo : { ...memo, targets: JSON.stringify(this.targets(entries, exits)) };
  }

  protected override ownMemo(): Readonly<Record<string, string>> {
    return { entry_price_quote: this.entryPriceQuote ?? '' };
  }

  /** Where each target stands; empty without targets, and before the market is known. */
  targets(entries: readonly Leg[], exits: readonly Leg[]): readonly TargetState[] {
    if (this.rules === null) return [];
    const position = { entrySide: this.config.side, totals: this.entryTotals(entries, exits), rules: this.rules };
    return targetStates(barriersFromRecord(this.barriers()), position, [], sumBase(exits.map(closedByTargets)));
  }

  /** Whether the target that moves the stop is filled. */
  stopMoved(entries: readonly Leg[], exits: readonly Leg[]): boolean {
    return stopMoved(barriersFromRecord(this.barriers()), this.targets(entries, exits));
  }

  protected customInfo(life: LifeState, entries: readonly Leg[], exits: readonly Leg[]): Readonly<Record<string, unknown>> {
    const totals = this.entryTotals(entries, exits);
    const exitTotals = this.exitTotals(exits);
    return {
      side: this.config.side,
      level_id: this.config.levelId,
      current_position_average_price: totals.filledBase.isZero() ? this.entryPriceQuote : shown(totals.filledQuote.dividedBy(totals.filledBase)),
      close_price: exitTotals.filledBase.isZero() ? null : shown(exitTotals.filledQuote.dividedBy(exitTotals.filledBase)),
      current_retries: retriesOf([...entries, ...exits]),
      max_retries: LIMITS.maxRetries,
      open_order_last_update: totals.lastFillAtMs,
      open_orders: this.openOrders(entries, exits),
      order_ids: this.orderIds(entries, exits),
      ...(this.config.tripleBarrier.targets.length === 0 ? {} : { targets: this.targets(entries, exits) }),
      unvalued_fees: unvaluedFeesOf([...entries, ...exits]),
      ...(this.rules?.contract === 'perpetual' ? this.funding.customInfo() : {}),
      held_position_orders: life.hold === null ? [] : heldOrders(this.config.pair, life.hold.orders),
    };
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
