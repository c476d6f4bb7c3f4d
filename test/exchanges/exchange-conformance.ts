import { beforeAll, describe, expect, it } from 'vitest';
import { sameTerms } from '../../src/exchanges/order-terms.js';
import type { ErrorCode } from '../../src/domain/errors.js';
import { decimal } from '../../src/domain/money.js';
import { type ExchangePort, ExchangeReadError, type OrderIntent } from '../../src/ports/exchange.js';
import { freshId, intentOf, Recorder, referenceOf } from './port-inputs.js';

/** What the suite needs of an exchange beside its port. The pair BTC-USDT is quoted 50000 / 50001, deep, and rests there. */
export interface ConformanceVenue {
  open(): Promise<ExchangePort>;
  /** Moves the best prices; what rests between them trades. */
  setPrice(bid: string, ask: string): Promise<void>;
  /** The next new order is taken, its answer lost in this way. */
  loseNextAnswer(how: LostAnswer): Promise<void>;
  /** For the next reads, what was taken in the last `lagMs` cannot be seen. */
  lagReads(lagMs: number, count: number): Promise<void>;
}

export type LostAnswer = 'connection dropped' | 'status 500' | 'status 503' | 'gateway page 504' | 'status 429' | 'body cut' | 'no answer';

const LOST: readonly LostAnswer[] = ['connection dropped', 'status 500', 'status 503', 'gateway page 504', 'status 429', 'body cut', 'no answer'];

/** What every exchange port has to do, whatever is behind it. */
export function describeExchangePort(name: string, openVenue: () => ConformanceVenue): void {
  describe(`${name}: exchange port`, () => {
    let venue: ConformanceVenue;
    let port: ExchangePort;

    beforeAll(async () => {
      venue = openVenue();
      port = await venue.open();
    });

    describe('rules', () => {
      it('tells steps and minimums as decimal digits', async () => {
        const rules = await port.rules('BTC-USDT');
        expect(rules).toMatchObject({ pair: 'BTC-USDT', base: 'BTC', quote: 'USDT' });
        for (const value of [rules.amountStepBase, rules.priceTickQuote]) expect(decimal(value).greaterThan(0)).toBe(true);
        for (const value of [rules.minAmountBase, rules.minNotionalQuote, rules.makerFeeFraction, rules.takerFeeFraction]) expect(value).toMatch(/^-?\d+(\.\d+)?$/);
      });

      it('refuses a pair that is not listed and names near ones', async () => {
        const error = await port.rules('BTC-USDX').catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ExchangeReadError);
        expect((error as ExchangeReadError).failure).toMatchObject({ code: 'UNKNOWN_PAIR' });
        expect((error as ExchangeReadError).message).toContain('BTC-USDT');
      });
    });

    describe('submit', () => {
      it('takes a resting order and finds it by its id', async () => {
        const intent = intentOf();
        const outcome = await port.submit(intent);
        expect(outcome).toMatchObject({ kind: 'accepted', trades: [], order: { clientOrderId: intent.clientOrderId, state: 'open', executedBase: '0' } });
        const found = await port.lookUp(referenceOf(intent));
        expect(found.kind === 'found' && sameTerms(intent, found.order)).toBe(true);
        expect((await port.openOrders('BTC-USDT')).map((order) => order.clientOrderId)).toContain(intent.clientOrderId);
        expect((await port.openOrders(null)).map((order) => order.clientOrderId)).toContain(intent.clientOrderId);
      });

      it.each(['BUY', 'SELL'] as const)('trades a market order at once: %s', async (side) => {
        const intent = intentOf({ type: 'MARKET', side, amountBase: '0.02' });
        const outcome = await port.submit(intent);
        if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
        expect(outcome.order).toMatchObject({ type: 'MARKET', side, state: 'filled', executedBase: '0.02', priceQuote: null });
        const [trade] = outcome.trades;
        expect(trade).toMatchObject({ priceQuote: side === 'BUY' ? '50001' : '50000', amountBase: '0.02', exchangeOrderId: outcome.order.exchangeOrderId });
        expect(trade?.fees).toHaveLength(1);
        expect(await port.tradesOf('BTC-USDT', outcome.order.exchangeOrderId)).toEqual(outcome.trades);
      });

      it('takes a post-only order that rests', async () => {
        const intent = intentOf({ type: 'LIMIT_MAKER' });
        expect(await port.submit(intent)).toMatchObject({ kind: 'accepted', order: { type: 'LIMIT_MAKER', state: 'open' } });
      });

      const refusals: readonly (readonly [string, Partial<OrderIntent>, ErrorCode])[] = [
        ['a post-only order that would take', { type: 'LIMIT_MAKER', priceQuote: '50002' }, 'WOULD_TAKE'],
        ['an order the account cannot pay', { amountBase: '8000' }, 'INSUFFICIENT_FUNDS'],
        ['a sale of what the account does not hold', { side: 'SELL', priceQuote: '51000', amountBase: '8000' }, 'INSUFFICIENT_FUNDS'],
        ['an order below the notional minimum', { amountBase: '0.00001' }, 'INVALID_ORDER'],
        ['an order above the amount maximum', { amountBase: '9001' }, 'INVALID_ORDER'],
        ['a pair that is not listed', { pair: 'NO-SUCH' }, 'UNKNOWN_PAIR'],
      ];
      it.each(refusals)('rejects %s, and there is no order', async (_, part, code) => {
        const intent = intentOf(part);
        const outcome = await port.submit(intent);
        expect(outcome).toMatchObject({ kind: 'rejected', failure: { code } });
        if (code !== 'UNKNOWN_PAIR') expect(await port.lookUp(referenceOf(intent))).toEqual({ kind: 'missing' });
      });

      const bugs: readonly (readonly [string, Partial<OrderIntent>])[] = [
        ['an amount between two steps', { amountBase: '0.010000001' }],
        ['an amount below one step', { amountBase: '0.000000001' }],
        ['a price between two ticks', { priceQuote: '49000.005' }],
        ['a market order with a price', { type: 'MARKET', priceQuote: '49000' }],
        ['a limit order without a price', { type: 'LIMIT', priceQuote: null }],
      ];
      it.each(bugs)('never sends %s: it would go out as another order', async (_, part) => {
        const intent = intentOf(part);
        expect(await port.submit(intent)).toMatchObject({ kind: 'rejected', failure: { code: 'INTERNAL' } });
        expect(await port.lookUp(referenceOf(intent))).toEqual({ kind: 'missing' });
      });

      it('answers a repeated id of an open order with unknown, so that it is looked up', async () => {
        const intent = intentOf();
        await port.submit(intent);
        expect(await port.submit(intent)).toMatchObject({ kind: 'unknown', failure: { code: 'DUPLICATE_ORDER' } });
        expect(await port.lookUp(referenceOf(intent))).toMatchObject({ kind: 'found', order: { state: 'open' } });
      });

      it.each(LOST)('answers unknown when the answer is lost (%s), and the look-up finds the order', async (how) => {
        const intent = intentOf({ type: 'MARKET' });
        await venue.loseNextAnswer(how);
        const outcome = await port.submit(intent);
        expect(outcome.kind).toBe('unknown');
        const found = await until(async () => {
          const answer = await port.lookUp(referenceOf(intent));
          return answer.kind === 'found' ? answer.order : null;
        });
        expect(found).toMatchObject({ state: 'filled', executedBase: intent.amountBase });
        expect((await port.tradesOf('BTC-USDT', found.exchangeOrderId)).map((trade) => trade.amountBase)).toEqual([intent.amountBase]);
      });

      it('takes 500 orders at once, each with its own answer', async () => {
        const intents = Array.from({ length: 500 }, (_, index) => intentOf({ amountBase: decimal('0.001').plus(decimal('0.00001').times(index)).toFixed() }));
        const outcomes = await Promise.all(intents.map(async (intent) => await port.submit({ ...intent, deadlineMs: 20_000 })));
        for (const [index, outcome] of outcomes.entries()) {
          const intent = intents[index];
          if (outcome.kind !== 'accepted' || intent === undefined) throw new Error(JSON.stringify(outcome));
          expect(sameTerms(intent, outcome.order)).toBe(true);
        }
        expect(new Set(outcomes.map((outcome) => (outcome.kind === 'accepted' ? outcome.order.exchangeOrderId : ''))).size).toBe(500);
        const cancels = await Promise.all(intents.map(async (intent) => await port.cancel(referenceOf(intent))));
        // On a loaded machine a cancel can pass its own deadline: that is unknown, and it is asked again as a session would.
        const again = intents.filter((_, index) => cancels[index]?.kind !== 'cancelled');
        for (const intent of again) {
          await until(async () => {
            const answer = await port.cancel(referenceOf(intent));
            return answer.kind === 'unknown' ? null : true;
          });
        }
        expect((await port.openOrders('BTC-USDT')).filter((order) => intents.some((intent) => intent.clientOrderId === order.clientOrderId))).toEqual([]);
      });
    });

    describe('cancel', () => {
      it('confirms, and the order is cancelled', async () => {
        const intent = intentOf();
        await port.submit(intent);
        expect(await port.cancel(referenceOf(intent))).toMatchObject({ kind: 'cancelled', order: { clientOrderId: intent.clientOrderId, state: 'cancelled' } });
        expect(await port.lookUp(referenceOf(intent))).toMatchObject({ kind: 'found', order: { clientOrderId: intent.clientOrderId, state: 'cancelled' } });
      });

      it.each(['filled', 'cancelled', 'never sent'] as const)('says not open for an order that is %s', async (state) => {
        const intent = intentOf(state === 'filled' ? { type: 'MARKET' } : {});
        if (state !== 'never sent') await port.submit(intent);
        if (state === 'cancelled') await port.cancel(referenceOf(intent));
        expect(await port.cancel(referenceOf(intent))).toMatchObject({ kind: 'notOpen', failure: { code: 'ORDER_NOT_FOUND' } });
      });
    });

    describe('look-up', () => {
      it('says missing for an id that was never used', async () => {
        expect(await port.lookUp(referenceOf(intentOf()))).toEqual({ kind: 'missing' });
      });

      it('finds an order that reads showed late', async () => {
        const intent = intentOf();
        await port.submit(intent);
        await venue.lagReads(60_000, 1);
        expect(await port.lookUp(referenceOf(intent))).toEqual({ kind: 'missing' });
        expect(await port.lookUp(referenceOf(intent))).toMatchObject({ kind: 'found' });
      });

      it('tells the latest order of an id that was used again, with the terms to recognise it', async () => {
        const clientOrderId = freshId();
        const first = intentOf({ clientOrderId, type: 'MARKET' });
        const second = intentOf({ clientOrderId, amountBase: '0.03' });
        await port.submit(first);
        expect(await port.submit(second)).toMatchObject({ kind: 'accepted' });
        const found = await port.lookUp(referenceOf(second));
        if (found.kind !== 'found') throw new Error(found.kind);
        expect(sameTerms(second, found.order)).toBe(true);
        expect(sameTerms(first, found.order)).toBe(false);
      });

      it('lists orders of a time, open or not, oldest first and complete', async () => {
        const intents = Array.from({ length: 5 }, () => intentOf());
        const since = Date.now();
        for (const intent of intents) await port.submit(intent);
        const [first, second] = intents;
        if (first === undefined || second === undefined) throw new Error('no intents');
        await port.cancel(referenceOf(second));
        const listed = await port.ordersSince('BTC-USDT', since);
        expect(listed.map((order) => order.clientOrderId)).toEqual(intents.map((intent) => intent.clientOrderId));
        expect(listed.map((order) => order.state)).toEqual(['open', 'cancelled', 'open', 'open', 'open']);
      });
    });

    describe('account', () => {
      it('tells free and total balances, and what an open order locks', async () => {
        const before = (await port.balances())['USDT'];
        await port.submit(intentOf({ amountBase: '0.1', priceQuote: '40000' }));
        const after = (await port.balances())['USDT'];
        expect(after?.total).toBe(before?.total);
        expect(decimal(before?.free ?? '0').minus(after?.free ?? '0').toFixed()).toBe('4000');
      });

      it('tells news of orders and of every fill, once, with the exact fee', async () => {
        const news = new Recorder<Parameters<Parameters<ExchangePort['subscribeAccount']>[0]>[0]>();
        const stop = port.subscribeAccount(news.listen);
        await news.first((entry) => entry.kind === 'connected');
        const intent = intentOf({ amountBase: '0.04', priceQuote: '49990' });
        await port.submit(intent);
        await news.first((entry) => entry.kind === 'order' && entry.order.clientOrderId === intent.clientOrderId && entry.order.state === 'open');
        await venue.setPrice('49980', '49985');
        await news.first((entry) => entry.kind === 'order' && entry.order.clientOrderId === intent.clientOrderId && entry.order.state === 'filled');
        await news.first((entry) => entry.kind === 'trade' && entry.clientOrderId === intent.clientOrderId);
        await venue.setPrice('50000', '50001');
        stop();
        const told = news.all.flatMap((entry) => (entry.kind === 'trade' && entry.clientOrderId === intent.clientOrderId ? [entry.trade] : []));
        const found = await port.lookUp(referenceOf(intent));
        if (found.kind !== 'found') throw new Error(found.kind);
        expect(told).toEqual(await port.tradesOf('BTC-USDT', found.order.exchangeOrderId));
        expect(news.all.some((entry) => entry.kind === 'balance')).toBe(true);
      });
    });

    describe('prices', () => {
      it('tells the best prices, at once and as they change', async () => {
        expect(await port.topOfBook('BTC-USDT')).toMatchObject({ bidQuote: '50000', askQuote: '50001' });
        const tops = new Recorder<Awaited<ReturnType<ExchangePort['topOfBook']>>>();
        const stop = port.subscribeTopOfBook('BTC-USDT', tops.listen);
        await tops.first((top) => top.bidQuote === '50000' && top.askQuote === '50001');
        await venue.setPrice('50000.01', '50001.07');
        await tops.first((top) => top.bidQuote === '50000.01' && top.askQuote === '50001.07');
        stop();
        await venue.setPrice('50000', '50001');
      });

      it('tells candles oldest first, as decimal digits', async () => {
        const minute = Math.floor(Date.now() / 60_000) * 60_000;
        const candles = await port.candles('BTC-USDT', 60_000, minute - 300_000, 10);
        expect(candles.length).toBeGreaterThan(0);
        for (const candle of candles) {
          expect(candle.openTimeMs % 60_000).toBe(0);
          for (const value of [candle.openQuote, candle.highQuote, candle.lowQuote, candle.closeQuote]) expect(value).toMatch(/^\d+(\.\d+)?$/);
        }
        expect([...candles].sort((left, right) => left.openTimeMs - right.openTimeMs)).toEqual(candles);
      });
    });
  });
}

async function until<T>(read: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const value = await read();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
