import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExchangeState } from '../../src/paper/exchange/exchange-state.js';
import { applyBook, applyPrint } from '../../src/paper/exchange/market-intake.js';
import { cancelOrder } from '../../src/paper/exchange/order-cancel.js';
import { type OrderRequest, placeOrder } from '../../src/paper/exchange/order-entry.js';
import { Rejection } from '../../src/paper/exchange/rejection.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { visibleLevels } from '../../src/paper/matching/visible-book.js';
import { account, openTestExchange, order } from './exchange-fixture.js';
import { LOT, type NaiveFill, NaiveMarket, type Side } from './naive-market.js';

const ACCOUNTS = ['rich', 'poor'] as const;
const START = [
  ['rich', 'USDT', '1000000'],
  ['rich', 'BTC', '10000'],
  ['poor', 'USDT', '150'],
  ['poor', 'BTC', '1.5'],
] as const;

const price = fc.integer({ min: 98, max: 102 });
const lots = fc.integer({ min: 1, max: 12 });
const side = fc.constantFrom<Side>('buy', 'sell');
const sideLevels = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 12 })), { maxLength: 4 });

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ op: fc.constant('book' as const), kind: fc.constantFrom('snapshot' as const, 'delta' as const), middle: fc.integer({ min: 99, max: 101 }), bids: sideLevels, asks: sideLevels }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('place' as const), account: fc.constantFrom(...ACCOUNTS), side, price, lots, kind: fc.constantFrom('limit' as const, 'limit' as const, 'limit_maker' as const, 'market' as const, 'ioc' as const, 'fok' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('print' as const), price, lots }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel' as const), index: fc.nat({ max: 20 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

test('the exchange and a lot-by-lot model agree on every fill, level and balance', () => {
  let fillCount = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const model = new NaiveMarket(START);
      const accounts = ACCOUNTS.map((name) =>
        account(name, Object.fromEntries(START.filter(([owner]) => owner === name).map(([, asset, amount]) => [asset, amount]))),
      );
      const state = openTestExchange({ accounts });
      try {
        steps.forEach((each, index) => {
          const before = tradesOf(state).length;
          const expected = run(state, model, each, `order-${index}`);
          const trades = tradesOf(state).slice(before);
          fillCount += trades.length;
          expect(totalsOf(trades.map((trade) => [`${trade.clientOrderId} at ${trade.priceQuote.toFixed()}`, trade.amountBase]))).toEqual(
            totalsOf(expected.map((fill) => [`${fill.key} at ${fill.price}`, LOT])),
          );
          compare(state, model);
        });
      } finally {
        state.ledger.close();
      }
    }),
    { numRuns: 300 },
  );
  // The comparison means nothing if hardly anything trades.
  expect(fillCount).toBeGreaterThan(500);
});

function run(state: ExchangeState, model: NaiveMarket, each: Step, key: string): NaiveFill[] {
  const pair = state.pair('BTCUSDT');
  switch (each.op) {
    case 'book': {
      const levels = (sign: 1 | -1, list: [number, number][]): Map<number, number> =>
        new Map(list.map(([distance, size]) => [each.middle + sign * distance, size]));
      const [bids, asks] = [levels(-1, each.bids), levels(1, each.asks)];
      const update = (map: Map<number, number>): [Decimal, Decimal][] =>
        [...map].map(([at, size]) => [new Decimal(at), LOT.times(size)]);
      for (const [name, map] of [['buy', bids], ['sell', asks]] as const) {
        if (each.kind === 'snapshot') model.replace(name, map);
        else for (const [at, size] of map) model.renew(name, at, size);
      }
      applyBook(state, pair, { kind: each.kind, bids: update(bids), asks: update(asks) });
      return model.cross();
    }
    case 'place':
      return place(state, model, each, key);
    case 'print':
      applyPrint(state, pair, { priceQuote: new Decimal(each.price), amountBase: LOT.times(each.lots), buyerIsMaker: undefined });
      return model.print(each.price, each.lots);
    case 'cancel': {
      const target = model.orders[each.index];
      if (target === undefined) return [];
      model.cancel(target.key);
      const identity = { symbol: 'BTCUSDT', orderId: undefined, clientOrderId: target.key, cancelClientOrderId: 'c' };
      cancelOrder(state, { account: target.account, ...identity });
      return [];
    }
  }
}

function place(state: ExchangeState, model: NaiveMarket, each: Step & { op: 'place' }, key: string): NaiveFill[] {
  const isMarket = each.kind === 'market';
  const request: OrderRequest = order(each.side, isMarket ? 'market' : each.kind === 'limit_maker' ? 'limit_maker' : 'limit', null, null, {
    account: each.account,
    clientOrderId: key,
    priceQuote: isMarket ? null : new Decimal(each.price),
    amountBase: LOT.times(each.lots),
    timeInForce: each.kind === 'ioc' ? 'IOC' : each.kind === 'fok' ? 'FOK' : 'GTC',
  });
  const taker = { key, account: each.account, side: each.side };
  const limit = isMarket ? undefined : each.price;
  const rehearsal = rehearse(model, taker, limit, each.lots);
  const outcome = ((): 'placed' | Rejection => {
    try {
      placeOrder(state, request);
      return 'placed';
    } catch (error) {
      if (error instanceof Rejection) return error;
      throw error;
    }
  })();
  const needed = fundsNeeded(each, rehearsal);
  const asset = each.side === 'buy' ? 'USDT' : 'BTC';
  const refusal =
    each.kind === 'limit_maker' && rehearsal.length > 0
      ? 'would_match'
      : model.free(each.account, asset).lt(needed)
        ? 'insufficient_balance'
        : undefined;
  expect(outcome === 'placed' ? undefined : outcome.reason).toBe(refusal);
  if (refusal !== undefined) return [];
  if (each.kind === 'fok' && rehearsal.length < each.lots) return [];
  const fills = model.takeLots(taker, limit, each.lots);
  const own = fills.filter((fill) => fill.key === key).length;
  const mayRest = each.kind === 'limit' || each.kind === 'limit_maker';
  if (mayRest && own < each.lots) model.rest({ ...taker, price: each.price, remaining: each.lots - own });
  return fills;
}

/** Prices the taker would pay, found on a copy of the model. */
function rehearse(model: NaiveMarket, taker: { key: string; account: string; side: Side }, limit: number | undefined, count: number): number[] {
  const copy = new NaiveMarket(START);
  Object.assign(copy.displayed, { buy: new Map(model.displayed.buy), sell: new Map(model.displayed.sell) });
  Object.assign(copy.taken, { buy: new Map(model.taken.buy), sell: new Map(model.taken.sell) });
  copy.orders.push(...model.orders.map((each) => ({ ...each })));
  return copy.takeLots(taker, limit, count).filter((fill) => fill.key === taker.key).map((fill) => fill.price);
}

function fundsNeeded(each: Step & { op: 'place' }, rehearsal: readonly number[]): Decimal {
  const amount = LOT.times(each.lots);
  if (each.side === 'sell') return amount;
  if (each.kind !== 'market') return amount.times(each.price);
  return rehearsal.reduce((sum, at) => sum.plus(LOT.times(at)), new Decimal(0));
}

function compare(state: ExchangeState, model: NaiveMarket): void {
  const { market } = state.pair('BTCUSDT');
  for (const name of ['buy', 'sell'] as const) {
    const seen = visibleLevels(market, name, true, 1_000);
    const shown = new Map(seen.map((level) => [level.priceQuote.toNumber(), level.amountBase.div(LOT).toNumber()]));
    expect(shown).toEqual(model.visible(name));
  }
  for (const { key, account: owner, ahead } of model.orders) {
    const open = state.openOrders.byClientOrderId(owner, 'BTCUSDT', key);
    expect([key, open?.queueAheadBase.div(LOT).toNumber()]).toEqual([key, ahead]);
  }
  for (const name of ACCOUNTS) {
    for (const asset of ['BTC', 'USDT'] as const) {
      const { free, locked } = state.balances.of(name, asset);
      expect([name, asset, free.toFixed(), locked.toFixed()]).toEqual([
        name,
        asset,
        model.free(name, asset).toFixed(),
        model.locked(name, asset).toFixed(),
      ]);
      expect(free.gte(0) && locked.gte(0)).toBe(true);
    }
  }
  const stored = state.ledger.queries.balances().map((row) => `${row.account} ${row.asset} ${row.free.toFixed()} ${row.locked.toFixed()}`);
  for (const name of ACCOUNTS) {
    for (const row of state.balances.assetsOf(name)) {
      expect(stored).toContain(`${name} ${row.asset} ${row.free.toFixed()} ${row.locked.toFixed()}`);
    }
  }
}

function tradesOf(state: ExchangeState): ReturnType<ExchangeState['ledger']['queries']['trades']> {
  return state.ledger.queries.trades({ limit: 100_000 });
}

function totalsOf(entries: readonly (readonly [string, Decimal])[]): Record<string, string> {
  const totals = new Map<string, Decimal>();
  for (const [name, amount] of entries) totals.set(name, (totals.get(name) ?? new Decimal(0)).plus(amount));
  return Object.fromEntries([...totals].sort(([a], [b]) => a.localeCompare(b)).map(([name, amount]) => [name, amount.toFixed()]));
}
