import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOrderBook } from '../../src/exchanges/read-order-book.js';
import type { ExchangePort, MarketDataPort, OrderBook } from '../../src/ports/exchange.js';
import { PaperVenue, PERPETUAL_CONNECTOR, SYMBOL } from './paper-venue.js';
import { PAIR, Recorder } from './port-inputs.js';

let venue: PaperVenue;
let spot: MarketDataPort;
let perpetual: ExchangePort;

/** More prices than one side of text sorted as text would keep in order. */
const BOOK = { bids: [['9999', '1'], ['10000.5', '0.25'], ['9998.99', '3']], asks: [['10001', '0.5'], ['100000', '2'], ['10002.01', '1']] } as const;
const BIDS = [['10000.5', '0.25'], ['9999', '1'], ['9998.99', '3']];
const ASKS = [['10001', '0.5'], ['10002.01', '1'], ['100000', '2']];

beforeAll(async () => {
  venue = await PaperVenue.start();
  spot = await venue.marketData();
  perpetual = await venue.exchange({}, {}, PERPETUAL_CONNECTOR);
});
afterAll(async () => await venue?.stop());

async function setBook(symbol: string, { bids, asks }: { bids: readonly (readonly [string, string])[]; asks: readonly (readonly [string, string])[] }): Promise<void> {
  await venue.control.setBook(symbol, { bids: bids.map(([price, size]) => [price, size]), asks: asks.map(([price, size]) => [price, size]) });
}

describe.each([
  ['spot', SYMBOL, () => spot],
  ['a perpetual', 'BTCUSDT_PERP', () => perpetual],
] as const)('the book of %s', (_name, symbol, port) => {
  it('is read with its depth, best first, in digits', async () => {
    await setBook(symbol, BOOK);
    expect(await port().orderBook(PAIR)).toMatchObject({ bids: BIDS, asks: ASKS, bidQuote: '10000.5', askQuote: '10001' });
  });

  it('is followed: every change, and a level that is gone', async () => {
    await setBook(symbol, BOOK);
    const books = new Recorder<OrderBook>();
    const stop = port().subscribeOrderBook(PAIR, books.listen);
    await books.first((book) => JSON.stringify(book.bids) === JSON.stringify(BIDS));
    await setBook(symbol, { bids: [['9999', '1.5'], ['9998.9', '3']], asks: BOOK.asks });
    await books.first((book) => JSON.stringify(book.bids) === JSON.stringify([['9999', '1.5'], ['9998.9', '3']]) && JSON.stringify(book.asks) === JSON.stringify(ASKS));
    await setBook(symbol, { bids: [], asks: [['10000.1', '7']] });
    const last = await books.first((book) => book.bidQuote === null && book.askQuote === '10000.1');
    expect(last).toMatchObject({ bids: [], asks: [['10000.1', '7']] });
    stop();
    await setBook(symbol, BOOK);
  });
});

it('a stream that was cut is made anew, and the book is right again', async () => {
  await setBook(SYMBOL, BOOK);
  const books = new Recorder<OrderBook>();
  const stop = spot.subscribeOrderBook(PAIR, books.listen);
  await books.first((book) => book.bidQuote === '10000.5');
  await venue.control.killSockets({});
  await setBook(SYMBOL, { bids: [['9000', '1']], asks: [['9001', '2']] });
  await books.first((book) => book.bidQuote === '9000' && book.askQuote === '9001' && book.asks.length === 1);
  stop();
});

it('amounts that passed through doubles are told in digits, and nothing that is not there', () => {
  const book = readOrderBook({ bids: [[0.1, 1e-7], [0.3, 0], ['0.2', '5']], asks: [[100000.01, 123456.789]], timestamp: undefined }, 7);
  expect(book).toEqual({ bids: [['0.2', '5'], ['0.1', '0.0000001']], asks: [['100000.01', '123456.789']], bidQuote: '0.2', askQuote: '100000.01', atMs: 7 });
});
