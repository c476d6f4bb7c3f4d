import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountNews, DerivativesPort, ExchangePort, OrderIntent } from '../../src/ports/exchange.js';
import { createStockFuturesClient } from '../paper/stock-futures-client.js';
import { PaperVenue, PERPETUAL_CONNECTOR } from './paper-venue.js';
import { intentOf, PAIR, Recorder, referenceOf } from './port-inputs.js';

const SYMBOL = 'BTCUSDT_PERP';
let venue: PaperVenue;
let port: ExchangePort;
let derivatives: DerivativesPort;

beforeAll(async () => {
  venue = await PaperVenue.start();
  await venue.control.setPrice(SYMBOL, '50000', '50000.1');
  port = await venue.exchange({}, {}, PERPETUAL_CONNECTOR);
  if (port.derivatives === null) throw new Error('a perpetual connector without derivatives');
  derivatives = port.derivatives;
});
afterAll(async () => await venue.stop());
beforeEach(async () => {
  await venue.control.setPrice(SYMBOL, '50000', '50000.1');
});

async function accepted(part: Partial<OrderIntent>): Promise<OrderIntent & { readonly exchangeOrderId: string }> {
  const intent = intentOf(part);
  const outcome = await port.submit(intent);
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  return { ...intent, exchangeOrderId: outcome.order.exchangeOrderId };
}

async function flat(): Promise<void> {
  for (const position of await derivatives.positions()) {
    const short = position.netBase.startsWith('-');
    await accepted({ type: 'MARKET', side: short ? 'BUY' : 'SELL', amountBase: position.netBase.replace('-', ''), reduceOnly: true, positionAction: 'CLOSE' });
  }
}

describe('orders on a perpetual', () => {
  it('rules tell a contract, its steps and that it keeps stops', async () => {
    expect(await port.rules(PAIR)).toMatchObject({ contract: 'perpetual', supportsStop: true, base: 'BTC', quote: 'USDT', amountStepBase: '0.001', priceTickQuote: '0.1' });
  });

  it('a market order opens, its fills are read as trades with fees in quote', async () => {
    const intent = await accepted({ type: 'MARKET', side: 'BUY', amountBase: '0.02' });
    const found = await port.lookUp(referenceOf(intent));
    expect(found).toMatchObject({ kind: 'found', order: { state: 'filled', executedBase: '0.02', side: 'BUY', type: 'MARKET', stop: null } });
    const trades = await port.tradesOf(PAIR, intent.exchangeOrderId);
    expect(trades).toMatchObject([{ amountBase: '0.02', priceQuote: '50000.1', fees: [{ asset: 'USDT' }] }]);
    expect(await derivatives.positions()).toMatchObject([{ pair: PAIR, side: 'net', netBase: '0.02', entryPriceQuote: '50000.1' }]);
    await flat();
    expect(await derivatives.positions()).toEqual([]);
  });

  it('post-only rests or is refused; reduce-only is refused without a position', async () => {
    const resting = await accepted({ type: 'LIMIT_MAKER', priceQuote: '49000' });
    expect(await port.lookUp(referenceOf(resting))).toMatchObject({ kind: 'found', order: { type: 'LIMIT_MAKER', state: 'open', priceQuote: '49000' } });
    expect((await port.openOrders(null)).map((order) => order.clientOrderId)).toEqual([resting.clientOrderId]);
    expect(await port.cancel(referenceOf(resting))).toMatchObject({ kind: 'cancelled' });
    expect(await port.submit(intentOf({ type: 'LIMIT_MAKER', priceQuote: '50500' }))).toMatchObject({ kind: 'rejected', failure: { code: 'WOULD_TAKE' } });
    const nothing = await port.submit(intentOf({ type: 'MARKET', side: 'SELL', amountBase: '0.01', reduceOnly: true, positionAction: 'CLOSE' }));
    expect(nothing).toMatchObject({ kind: 'rejected', failure: { code: 'NOTHING_TO_REDUCE', exchangeCode: '-2022' } });
    expect(await port.submit(intentOf({ type: 'MARKET', side: 'BUY', amountBase: '60' }))).toMatchObject({ kind: 'rejected', failure: { code: 'INSUFFICIENT_FUNDS' } });
  });

  it('an id that is open already is not taken for a refusal', async () => {
    const resting = await accepted({ type: 'LIMIT', priceQuote: '49000' });
    expect(await port.submit(intentOf({ type: 'LIMIT', priceQuote: '49000', clientOrderId: resting.clientOrderId }))).toMatchObject({ kind: 'unknown', failure: { code: 'DUPLICATE_ORDER' } });
    await port.cancel(referenceOf(resting));
  });

  it('hedge mode is noticed, never changed: each side has its own position, and closing names it', async () => {
    const user = await createStockFuturesClient(venue.launched);
    await user.setPositionMode(true);
    // The mode was read before somebody changed it: one order is refused, the next one knows.
    expect(await port.submit(intentOf({ type: 'MARKET', side: 'BUY', amountBase: '0.02' }))).toMatchObject({ kind: 'rejected', failure: { exchangeCode: '-4061' } });
    await accepted({ type: 'MARKET', side: 'BUY', amountBase: '0.02' });
    await accepted({ type: 'MARKET', side: 'SELL', amountBase: '0.03' });
    expect(await derivatives.positionMode()).toBe('hedge');
    const held = (await derivatives.positions()).map(({ side, netBase }) => `${side} ${netBase}`).sort();
    expect(held).toEqual(['long 0.02', 'short -0.03']);
    await accepted({ type: 'MARKET', side: 'SELL', amountBase: '0.02', reduceOnly: true, positionAction: 'CLOSE' });
    await accepted({ type: 'MARKET', side: 'BUY', amountBase: '0.03', reduceOnly: true, positionAction: 'CLOSE' });
    expect(await derivatives.positions()).toEqual([]);
    await user.setPositionMode(false);
    expect(await port.submit(intentOf({ type: 'MARKET', side: 'BUY', amountBase: '0.02' }))).toMatchObject({ kind: 'rejected', failure: { exchangeCode: '-4061' } });
    await user.close();
  });
});

describe('native stops', () => {
  const stop = (trigger: string): Partial<OrderIntent> => ({ type: 'MARKET', side: 'SELL', amountBase: '0.01', stop: { triggerPriceQuote: trigger, triggeredBy: 'last' }, reduceOnly: true, positionAction: 'CLOSE' });

  it('waits under our id, is listed, and can be cancelled', async () => {
    await accepted({ type: 'MARKET', side: 'BUY', amountBase: '0.01' });
    const waiting = await accepted(stop('48000'));
    expect(waiting.exchangeOrderId).toMatch(/^stop-/);
    expect(await port.lookUp(referenceOf(waiting))).toMatchObject({ kind: 'found', order: { state: 'open', executedBase: '0', stop: { triggerPriceQuote: '48000', triggeredBy: 'last' } } });
    expect((await port.openOrders(null)).map((order) => order.clientOrderId)).toContain(waiting.clientOrderId);
    expect(await port.tradesOf(PAIR, waiting.exchangeOrderId)).toEqual([]);
    expect(await port.cancel(referenceOf(waiting))).toMatchObject({ kind: 'cancelled' });
    expect(await port.lookUp(referenceOf(waiting))).toMatchObject({ kind: 'found', order: { state: 'cancelled', executedBase: '0' } });
    expect(await port.cancel(referenceOf(waiting))).toMatchObject({ kind: 'notOpen' });
    await flat();
  });

  it('one that fired is found under our id as the order it became, with its trades', async () => {
    const sinceMs = Date.now() - 1_000;
    await accepted({ type: 'MARKET', side: 'BUY', amountBase: '0.01' });
    const fired = await accepted(stop('49000'));
    await venue.control.setPrice(SYMBOL, '48990', '48990.1');
    const found = await port.lookUp(referenceOf(fired));
    if (found.kind !== 'found') throw new Error(JSON.stringify(found));
    expect(found.order).toMatchObject({ state: 'filled', executedBase: '0.01', clientOrderId: fired.clientOrderId, stop: { triggerPriceQuote: '49000' } });
    expect(await port.tradesOf(PAIR, found.order.exchangeOrderId)).toMatchObject([{ amountBase: '0.01', priceQuote: '48990' }]);
    const listed = (await port.ordersSince(PAIR, sinceMs)).filter((order) => order.clientOrderId === fired.clientOrderId);
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ state: 'filled', executedBase: '0.01', stop: { triggerPriceQuote: '49000' } });
    expect(await derivatives.positions()).toEqual([]);
  });

  it('the stream tells of the order a stop became, never that the stop ended with nothing', async () => {
    const recorder = new Recorder<AccountNews>();
    const leave = port.subscribeAccount(recorder.listen);
    await recorder.first((news) => news.kind === 'connected');
    await accepted({ type: 'MARKET', side: 'BUY', amountBase: '0.01' });
    const fired = await accepted(stop('49000'));
    await venue.control.setPrice(SYMBOL, '48990', '48990.1');
    await recorder.first((news) => news.kind === 'trade' && news.clientOrderId === fired.clientOrderId);
    await recorder.first((news) => news.kind === 'position' && news.reason === 'order');
    const ours = recorder.all.filter((news) => news.kind === 'order' && news.order.clientOrderId === fired.clientOrderId);
    for (const news of ours) if (news.kind === 'order' && news.order.state !== 'open') expect(news.order).toMatchObject({ state: 'filled', executedBase: '0.01' });
    leave();
  });
});

describe('funding, leverage and liquidation', () => {
  it('leverage is set, and setting it again is success', async () => {
    await derivatives.setLeverage(PAIR, 10);
    await derivatives.setLeverage(PAIR, 10);
    await expect(derivatives.setLeverage(PAIR, 126)).rejects.toMatchObject({ failure: { code: 'INVALID_ORDER' } });
  });

  it('settlements are listed once each, with their sign', async () => {
    const sinceMs = Date.now() - 1_000;
    await accepted({ type: 'MARKET', side: 'BUY', amountBase: '0.1' });
    await venue.control.settleFunding(SYMBOL);
    const payments = await derivatives.fundingPayments(PAIR, sinceMs);
    expect(payments).toHaveLength(1);
    expect(payments[0]).toMatchObject({ pair: PAIR, asset: 'USDT', amount: expect.stringMatching(/^-0\.5/) });
    await flat();
  });

  it('a liquidation is told and found with its trades', async () => {
    const sinceMs = Date.now() - 1_000;
    const recorder = new Recorder<AccountNews>();
    const leave = port.subscribeAccount(recorder.listen);
    await derivatives.setLeverage(PAIR, 50);
    const wallet = (await venue.control.perpetualWallets('paper'))[0];
    await accepted({ type: 'MARKET', side: 'BUY', amountBase: '40' });
    await venue.control.setPrice(SYMBOL, '47000', '47000.1');
    await recorder.first((news) => news.kind === 'liquidation');
    const found = await derivatives.liquidations(PAIR, sinceMs);
    expect(wallet).toBeDefined();
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.order).toMatchObject({ side: 'SELL', clientOrderId: expect.stringMatching(/^autoclose-/) });
    expect(found.flatMap(({ trades }) => trades).length).toBeGreaterThan(0);
    leave();
  });
});
