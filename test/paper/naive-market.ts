import { Decimal } from '../../src/paper/matching/exact-decimal.js';

export type Side = 'buy' | 'sell';

export interface NaiveOrder {
  readonly key: string;
  readonly account: string;
  readonly side: Side;
  readonly price: number;
  remaining: number;
  ahead: number;
}

export interface NaiveFill {
  readonly key: string;
  readonly account: string;
  readonly side: Side;
  readonly price: number;
}

/** One lot of the model in base units, and the fee rate of both roles. */
export const LOT = new Decimal('0.1');
const RATE = new Decimal('0.001');

/**
 * The rules of the matching written down the slow way: one lot at a time, whole numbers of price and lots, no order of
 * anything kept sorted. Money is only added up from the fills.
 */
export class NaiveMarket {
  readonly displayed: Record<Side, Map<number, number>> = { buy: new Map(), sell: new Map() };
  readonly taken: Record<Side, Map<number, number>> = { buy: new Map(), sell: new Map() };
  readonly orders: NaiveOrder[] = [];
  readonly totals = new Map<string, Decimal>();

  constructor(initial: readonly (readonly [account: string, asset: string, amount: string])[]) {
    for (const [account, asset, amount] of initial) this.totals.set(`${account} ${asset}`, new Decimal(amount));
  }

  available(side: Side, price: number): number {
    return Math.max(0, (this.displayed[side].get(price) ?? 0) - (this.taken[side].get(price) ?? 0));
  }

  renew(side: Side, price: number, lots: number): void {
    if (lots === 0) this.displayed[side].delete(price);
    else this.displayed[side].set(price, lots);
    this.taken[side].delete(price);
    for (const order of this.at(side, price)) order.ahead = Math.min(order.ahead, lots);
  }

  replace(side: Side, levels: ReadonlyMap<number, number>): void {
    const prices = [...this.displayed[side].keys(), ...this.orders.filter((order) => order.side === side).map(({ price }) => price)];
    for (const price of prices) if (!levels.has(price)) this.renew(side, price, 0);
    for (const [price, lots] of levels) this.renew(side, price, lots);
  }

  /** Resting orders that the displayed book has reached, at their own prices. */
  cross(): NaiveFill[] {
    const fills: NaiveFill[] = [];
    for (const side of ['buy', 'sell'] as const) {
      for (;;) {
        const order = this.best(side);
        const other = opposite(side);
        const price = this.bestDisplayed(other);
        if (order === undefined || price === undefined || !reaches(side, order.price, price)) break;
        this.take(other, price);
        fills.push(this.fillLot(order, order.price));
      }
    }
    return fills;
  }

  /** Lots a taker would get, as prices; `apply` decides whether they are taken. */
  takeLots(taker: { key: string; account: string; side: Side }, limit: number | undefined, lots: number): NaiveFill[] {
    const fills: NaiveFill[] = [];
    const makers = opposite(taker.side);
    for (let lot = 0; lot < lots; lot += 1) {
      const order = this.best(makers);
      const shown = this.bestDisplayed(makers);
      const price = order === undefined || (shown !== undefined && !isBetter(makers, order.price, shown)) ? shown : order.price;
      if (price === undefined || (limit !== undefined && !reaches(taker.side, limit, price))) break;
      const queue = this.at(makers, price);
      const first = queue[0];
      if (first !== undefined && (first.ahead === 0 || this.available(makers, price) === 0)) {
        fills.push(this.fillLot(first, price));
      } else {
        this.take(makers, price);
        for (const waiting of queue) waiting.ahead = Math.max(0, waiting.ahead - 1);
      }
      fills.push(this.book({ key: taker.key, account: taker.account, side: taker.side, price }));
    }
    return fills;
  }

  print(price: number, lots: number): NaiveFill[] {
    const fills: NaiveFill[] = [];
    for (const order of [...this.orders]) {
      const isThrough = order.side === 'buy' ? price < order.price : price > order.price;
      while (isThrough && order.remaining > 0) fills.push(this.fillLot(order, order.price));
    }
    for (const side of ['buy', 'sell'] as const) {
      for (let lot = 0; lot < lots; lot += 1) {
        const queue = this.at(side, price);
        const first = queue[0];
        if (first === undefined) break;
        if (first.ahead > 0) for (const waiting of queue) waiting.ahead = Math.max(0, waiting.ahead - 1);
        else fills.push(this.fillLot(first, price));
      }
    }
    return fills;
  }

  rest(order: Omit<NaiveOrder, 'ahead'>): void {
    this.orders.push({ ...order, ahead: this.available(order.side, order.price) });
  }

  cancel(key: string): void {
    this.orders.splice(this.orders.findIndex((order) => order.key === key), 1);
  }

  locked(account: string, asset: 'BTC' | 'USDT'): Decimal {
    const own = this.orders.filter((order) => order.account === account && (order.side === 'buy') === (asset === 'USDT'));
    const each = own.map(({ price, remaining }) => LOT.times(remaining).times(asset === 'USDT' ? price : 1));
    return each.reduce((sum, amount) => sum.plus(amount), new Decimal(0));
  }

  free(account: string, asset: 'BTC' | 'USDT'): Decimal {
    return this.totals.get(`${account} ${asset}`)!.minus(this.locked(account, asset));
  }

  visible(side: Side): Map<number, number> {
    const visible = new Map<number, number>();
    for (const price of this.displayed[side].keys()) visible.set(price, this.available(side, price));
    for (const order of this.orders) {
      if (order.side === side) visible.set(order.price, (visible.get(order.price) ?? 0) + order.remaining);
    }
    for (const [price, lots] of visible) if (lots === 0) visible.delete(price);
    return visible;
  }

  private at(side: Side, price: number): NaiveOrder[] {
    return this.orders.filter((order) => order.side === side && order.price === price && order.remaining > 0);
  }

  private best(side: Side): NaiveOrder | undefined {
    let best: NaiveOrder | undefined;
    for (const order of this.orders) {
      if (order.side !== side) continue;
      if (best === undefined || isBetter(side, order.price, best.price)) best = order;
    }
    return best;
  }

  private bestDisplayed(side: Side): number | undefined {
    const prices = [...this.displayed[side].keys()].filter((price) => this.available(side, price) > 0);
    return prices.length === 0 ? undefined : side === 'buy' ? Math.max(...prices) : Math.min(...prices);
  }

  private take(side: Side, price: number): void {
    this.taken[side].set(price, (this.taken[side].get(price) ?? 0) + 1);
  }

  private fillLot(order: NaiveOrder, price: number): NaiveFill {
    order.remaining -= 1;
    if (order.remaining === 0) this.orders.splice(this.orders.indexOf(order), 1);
    return this.book({ key: order.key, account: order.account, side: order.side, price });
  }

  private book(fill: NaiveFill): NaiveFill {
    const quote = LOT.times(fill.price);
    const net = (gross: Decimal): Decimal => gross.minus(gross.times(RATE));
    this.add(fill.account, 'BTC', fill.side === 'buy' ? net(LOT) : LOT.neg());
    this.add(fill.account, 'USDT', fill.side === 'buy' ? quote.neg() : net(quote));
    return fill;
  }

  private add(account: string, asset: string, amount: Decimal): void {
    const name = `${account} ${asset}`;
    this.totals.set(name, this.totals.get(name)!.plus(amount));
  }
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

/** Whether an order limited to `limit` may trade at `price`. */
function reaches(side: Side, limit: number, price: number): boolean {
  return side === 'buy' ? price <= limit : price >= limit;
}

function isBetter(side: Side, first: number, second: number): boolean {
  return side === 'buy' ? first > second : first < second;
}
