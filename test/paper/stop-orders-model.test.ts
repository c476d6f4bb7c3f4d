import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExchangeState } from '../../src/paper/exchange/exchange-state.js';
import { lastPrice } from '../../src/paper/exchange/last-price.js';
import { applyBook, applyPrint } from '../../src/paper/exchange/market-intake.js';
import { cancelOrder } from '../../src/paper/exchange/order-cancel.js';
import { placeOrder } from '../../src/paper/exchange/order-entry.js';
import { Rejection } from '../../src/paper/exchange/rejection.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { type Order, type StopOrderType, isWaiting } from '../../src/paper/matching/order.js';
import { openTestExchange, order, snapshot } from './exchange-fixture.js';

type Step =
  | { readonly do: 'book'; readonly price: number; readonly gap: number; readonly size: number }
  | { readonly do: 'print'; readonly price: number }
  | { readonly do: 'stop'; readonly side: 'buy' | 'sell'; readonly type: StopOrderType; readonly price: number; readonly limit: number }
  | { readonly do: 'cancel'; readonly which: number };

const price = fc.integer({ min: 90, max: 110 });
const side = fc.constantFrom('buy' as const, 'sell' as const);
const type = fc.constantFrom<StopOrderType>('stop_loss', 'stop_loss_limit', 'take_profit', 'take_profit_limit');
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('book' as const), price, gap: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 1, max: 8 }) }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('print' as const), price }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('stop' as const), side, type, price, limit: price }), weight: 5 },
  { arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }), weight: 1 },
);

/** The rule in its own words: four cases, two of which wait for a fall. */
function hasReached(stored: Pick<Order, 'side' | 'type'>, stopQuote: Decimal, priceQuote: Decimal): boolean {
  const distance = priceQuote.minus(stopQuote).toNumber();
  switch (`${stored.side} ${stored.type.replace('_limit', '')}`) {
    case 'sell stop_loss':
    case 'buy take_profit':
      return distance <= 0;
    default:
      return distance >= 0;
  }
}

/** Every price the stops of the pair were shown. Each is the price of a trade, or lies between the best prices of the moment. */
class SeenPrices {
  readonly prices: Decimal[] = [];
  private readonly traded = new Set<string>();
  private readonly outside: Decimal[] = [];

  constructor(state: ExchangeState) {
    state.listeners.add({ traded: (trade) => this.traded.add(trade.priceQuote.toFixed()) });
    const pair = state.pair('BTCUSDT');
    const show = pair.stops.observe.bind(pair.stops);
    pair.stops.observe = (priceQuote) => {
      const { bid, ask } = state.bestPrices(pair);
      const isInside = (bid === undefined || priceQuote.gte(bid.priceQuote)) && (ask === undefined || priceQuote.lte(ask.priceQuote));
      if (!isInside) this.outside.push(priceQuote);
      this.prices.push(priceQuote);
      show(priceQuote);
    };
  }

  /** Trades are told when all of a frame is done, so what lay outside the book is judged afterwards. */
  check(): void {
    for (const priceQuote of this.outside) expect(this.traded.has(priceQuote.toFixed()), `nothing traded at ${priceQuote.toFixed()}`).toBe(true);
  }
}

class Play {
  readonly state = openTestExchange({ rate: '0' });
  readonly seen = new SeenPrices(this.state);
  /** How many prices had been seen when an order was placed. */
  readonly placedAt = new Map<number, number>();

  run(action: Step): void {
    const pair = this.state.pair('BTCUSDT');
    switch (action.do) {
      case 'book':
        applyBook(this.state, pair, snapshot([[String(action.price), String(action.size)]], [[String(action.price + action.gap), String(action.size)]]));
        break;
      case 'print':
        applyPrint(this.state, pair, { priceQuote: new Decimal(action.price), amountBase: new Decimal('0.5'), buyerIsMaker: undefined });
        break;
      case 'stop':
        this.place(action);
        break;
      case 'cancel': {
        const open = [...this.state.openOrders.all()];
        const chosen = open[action.which % Math.max(open.length, 1)];
        if (chosen !== undefined) cancelOrder(this.state, { account: 'paper', symbol: 'BTCUSDT', orderId: chosen.orderId, clientOrderId: undefined, cancelClientOrderId: 'c' });
        break;
      }
    }
    this.seen.check();
  }

  private place(action: Extract<Step, { do: 'stop' }>): void {
    const isLimit = action.type.endsWith('_limit');
    const placedAt = this.seen.prices.length;
    try {
      const request = order(action.side, action.type, '1', isLimit ? String(action.limit) : null, { stopPriceQuote: new Decimal(action.price) });
      this.placedAt.set(placeOrder(this.state, request).order.orderId, placedAt);
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      expect(['would_trigger', 'insufficient_balance']).toContain(error.reason);
    }
  }

  orders(): Order[] {
    return this.state.ledger.queries.orders({ limit: 10_000 });
  }
}

function check(play: Play, action: Step): void {
  const { state, seen } = play;
  const last = lastPrice(state, state.pair('BTCUSDT'));
  for (const stored of play.orders()) {
    const stopQuote = stored.stopPriceQuote as Decimal;
    const reached = seen.prices.slice(play.placedAt.get(stored.orderId)).some((seenPrice) => hasReached(stored, stopQuote, seenPrice));
    if (stored.triggeredMs !== null) expect(reached, `order ${stored.orderId} was triggered by no price`).toBe(true);
    else expect(stored.filledBase.isZero()).toBe(true);
    const live = state.openOrders.byOrderId(stored.orderId);
    if (live === undefined) continue;
    // What the ledger holds is what the exchange works with.
    expect([stored.state, stored.triggeredMs, stored.locked.toFixed()]).toEqual([live.state, live.triggeredMs, live.locked.toFixed()]);
    // A customer's order that comes or goes at the best price is no price of the market: the next frame shows one.
    const isPrice = action.do === 'book' || action.do === 'print';
    if (isPrice && isWaiting(live) && last !== undefined) expect(hasReached(live, stopQuote, last), `order ${live.orderId} should have been triggered`).toBe(false);
    if (!isWaiting(live)) expect(live.type.endsWith('_limit')).toBe(true);
  }
  for (const { asset, locked } of state.balances.assetsOf('paper')) {
    const held = [...state.openOrders.all()].filter((open) => open.lockedAsset === asset).reduce((sum, open) => sum.plus(open.locked), new Decimal(0));
    expect(locked.toFixed()).toBe(held.toFixed());
  }
}

describe('stop orders under random play', () => {
  test('each waits exactly until a price reaches it, holds its funds and nobody else\'s, and is in the ledger as it is in memory', () => {
    let triggered = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const play = new Play();
        for (const action of steps) {
          play.run(action);
          check(play, action);
        }
        triggered += play.orders().filter((stored) => stored.triggeredMs !== null).length;
        play.state.ledger.close();
      }),
      {
        numRuns: 150,
        // A print outside the book becomes the last price again when the book moves back around it.
        examples: [
          [
            [
              { do: 'book', price: 91, gap: 1, size: 1 },
              { do: 'print', price: 90 },
              { do: 'stop', side: 'buy', type: 'take_profit', price: 90, limit: 90 },
              { do: 'book', price: 90, gap: 1, size: 1 },
            ],
          ],
        ],
      },
    );
    expect(triggered).toBeGreaterThan(100);
  });
});
