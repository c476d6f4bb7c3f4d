import { Decimal, ZERO, floorToStep } from './exact-decimal.js';
import { ExternalBook, type Level, availableBase } from './external-book.js';
import { type Order, type Side, opposite, remainingBase, withinLimit } from './order.js';
import { advanceQueue, capQueue, serveQueue } from './queue-priority.js';
import { RestingOrders } from './resting-orders.js';

export interface TakerStep {
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  /** The resting order on the other side; undefined when the feed's liquidity is. */
  readonly maker: Order | undefined;
}

export interface MakerFill {
  readonly order: Order;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
}

/** How much a taker wants: a base amount, or as much as a quote amount buys in whole lots. */
export type TakerBudget =
  | { readonly unit: 'base'; readonly amountBase: Decimal }
  | { readonly unit: 'quote'; readonly amountQuote: Decimal; readonly stepBase: Decimal };

export type LevelUpdate = readonly [priceQuote: Decimal, displayedBase: Decimal];

/**
 * Price-time matching of one pair against the feed's displayed book. Knows nothing of accounts, fees or wires: it says
 * who trades with whom, and keeps used-up sizes and queue positions.
 */
export class Market {
  readonly external = new ExternalBook();
  private readonly restingBuys = new RestingOrders('buy');
  private readonly restingSells = new RestingOrders('sell');

  private changes: PriceChanges | undefined;

  /** Starts remembering at which prices the visible book changes, for a stream of differences. */
  trackChanges(): void {
    this.changes ??= { buy: new Map(), sell: new Map() };
  }

  /** Prices changed since the last call, by side. */
  drainChanges(): { readonly buy: Decimal[]; readonly sell: Decimal[] } {
    const drained = { buy: [...(this.changes?.buy.values() ?? [])], sell: [...(this.changes?.sell.values() ?? [])] };
    this.changes?.buy.clear();
    this.changes?.sell.clear();
    return drained;
  }

  /** The visible amount at a price changed, for example because a resting order was partly filled. */
  noteChange(side: Side, priceQuote: Decimal): void {
    this.changes?.[side].set(priceQuote.toFixed(), priceQuote);
  }

  resting(side: Side): RestingOrders {
    return side === 'buy' ? this.restingBuys : this.restingSells;
  }

  /** What a taker would get now, best price first. Pure. */
  planTaker(side: Side, limitQuote: Decimal | null, budget: TakerBudget): TakerStep[] {
    const steps: TakerStep[] = [];
    let spentBase: Decimal = ZERO;
    let spentQuote: Decimal = ZERO;
    for (const level of this.ladder(opposite(side))) {
      if (!withinLimit(side, level.priceQuote, limitQuote)) break;
      const wanted =
        budget.unit === 'base'
          ? budget.amountBase.minus(spentBase)
          : floorToStep(budget.amountQuote.minus(spentQuote).div(level.priceQuote), budget.stepBase);
      if (wanted.lte(0)) break;
      for (const step of serveQueue(level.externalBase, level.orders, wanted)) {
        const maker = step.counterparty === 'order' ? step.order : undefined;
        steps.push({ priceQuote: level.priceQuote, amountBase: step.amountBase, maker });
        spentBase = spentBase.plus(step.amountBase);
        spentQuote = spentQuote.plus(step.amountBase.times(level.priceQuote));
      }
    }
    return steps;
  }

  /** Uses up displayed size and moves queues for a planned step. The caller settles the orders themselves. */
  consume(takerSide: Side, step: TakerStep): Level | undefined {
    if (step.maker !== undefined) return undefined;
    const makerSide = opposite(takerSide);
    const level = this.takeExternal(makerSide, step.priceQuote, step.amountBase);
    advanceQueue(this.resting(makerSide).at(step.priceQuote)?.orders ?? [], step.amountBase);
    return level;
  }

  /** Uses up displayed size of one level. */
  takeExternal(side: Side, priceQuote: Decimal, amountBase: Decimal): Level {
    this.noteChange(side, priceQuote);
    return this.external.side(side).take(priceQuote, amountBase);
  }

  /** Puts an order behind everything displayed at its price. */
  rest(order: Order): void {
    if (order.priceQuote === null) throw new Error(`order ${order.orderId} has no price and cannot rest`);
    const level = this.external.side(order.side).at(order.priceQuote);
    order.queueAheadBase = level === undefined ? ZERO : availableBase(level);
    this.resting(order.side).add(order);
    this.noteChange(order.side, order.priceQuote);
  }

  remove(order: Order): void {
    this.resting(order.side).remove(order);
    if (order.priceQuote !== null) this.noteChange(order.side, order.priceQuote);
  }

  /** The feed names levels of one side. A size of zero removes the level. */
  renewLevels(side: Side, updates: readonly LevelUpdate[]): void {
    const bookSide = this.external.side(side);
    for (const [priceQuote, displayedBase] of updates) {
      bookSide.renew(priceQuote, displayedBase);
      this.noteChange(side, priceQuote);
      const resting = this.resting(side).at(priceQuote);
      if (resting !== undefined) capQueue(resting.orders, displayedBase);
    }
  }

  /** Replaces one side of the displayed book. */
  replaceSide(side: Side, levels: readonly LevelUpdate[]): void {
    for (const level of this.external.side(side).levels) this.noteChange(side, level.priceQuote);
    this.external.side(side).clear();
    this.renewLevels(side, levels);
    for (const resting of this.resting(side).levels) {
      capQueue(resting.orders, this.external.side(side).at(resting.priceQuote)?.displayedBase ?? ZERO);
    }
  }

  /**
   * The next fill of a resting order that displayed liquidity of the other side has reached, or undefined.
   * The order was on the book first, so it trades at its own price.
   */
  nextCrossing(side: Side): (MakerFill & { readonly against: Level }) | undefined {
    const order = this.resting(side).levels[0]?.orders[0];
    const against = this.external.side(opposite(side)).bestAvailable();
    if (order === undefined || order.priceQuote === null || against === undefined) return undefined;
    if (!withinLimit(side, against.priceQuote, order.priceQuote)) return undefined;
    const amountBase = Decimal.min(remainingBase(order), availableBase(against));
    return { order, priceQuote: order.priceQuote, amountBase, against };
  }

  /**
   * Fills that a trade printed by the feed brings to resting orders: a print through an order's price fills it, a print
   * at its price serves the queue first. Queue positions move; settling the orders is the caller's.
   */
  fillsFromPrint(priceQuote: Decimal, amountBase: Decimal): MakerFill[] {
    const fills: MakerFill[] = [];
    for (const side of ['buy', 'sell'] as const) {
      for (const level of this.resting(side).levels) {
        if (!withinLimit(side, priceQuote, level.priceQuote)) break;
        if (!level.priceQuote.eq(priceQuote)) {
          for (const order of level.orders) fills.push(fillOf(order, level.priceQuote, remainingBase(order)));
          continue;
        }
        let externalServed: Decimal = ZERO;
        for (const step of serveQueue(new Decimal(Infinity), level.orders, amountBase)) {
          if (step.counterparty === 'external') externalServed = externalServed.plus(step.amountBase);
          else fills.push(fillOf(step.order, level.priceQuote, step.amountBase));
        }
        advanceQueue(level.orders, externalServed);
      }
    }
    return fills;
  }

  /** Displayed and resting liquidity of one side merged, best price first. */
  *ladder(side: Side): Generator<LadderLevel> {
    const external = this.external.side(side).levels;
    const resting = this.resting(side).levels;
    let externalIndex = 0;
    let restingIndex = 0;
    while (externalIndex < external.length || restingIndex < resting.length) {
      const displayed = external[externalIndex];
      const own = resting[restingIndex];
      const priceQuote = betterPrice(side, displayed?.priceQuote, own?.priceQuote);
      const isDisplayed = displayed !== undefined && displayed.priceQuote.eq(priceQuote);
      const isOwn = own !== undefined && own.priceQuote.eq(priceQuote);
      if (isDisplayed) externalIndex += 1;
      if (isOwn) restingIndex += 1;
      yield {
        priceQuote,
        externalBase: isDisplayed ? availableBase(displayed) : ZERO,
        orders: isOwn ? own.orders : [],
      };
    }
  }
}

interface PriceChanges {
  readonly buy: Map<string, Decimal>;
  readonly sell: Map<string, Decimal>;
}

export interface LadderLevel {
  readonly priceQuote: Decimal;
  readonly externalBase: Decimal;
  readonly orders: readonly Order[];
}

/** The price that stands first on a side: highest bid, lowest ask. At least one must be given. */
function betterPrice(side: Side, first: Decimal | undefined, second: Decimal | undefined): Decimal {
  if (first === undefined || second === undefined) return (first ?? second) as Decimal;
  return side === 'buy' ? Decimal.max(first, second) : Decimal.min(first, second);
}

function fillOf(order: Order, priceQuote: Decimal, amountBase: Decimal): MakerFill {
  return { order, priceQuote, amountBase };
}
