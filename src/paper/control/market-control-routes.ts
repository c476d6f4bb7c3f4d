import type { FastifyInstance } from 'fastify';
import { printTrade, setBook, setRules, storedInstrument } from '../exchange/administration.js';
import type { Pair } from '../exchange/exchange-state.js';
import { setMatching } from '../exchange/manual-orders.js';
import { Decimal } from '../matching/exact-decimal.js';
import { type Instrument } from '../matching/instrument.js';
import type { LevelUpdate } from '../matching/market.js';
import type { VisibleLevel } from '../matching/visible-book.js';
import type { ControlDependencies } from './control-server.js';
import { InvalidInput, validate } from './control-validation.js';
import {
  bookLevelsSchema,
  feedSchema,
  matchingSchema,
  printSchema,
  rulesSchema,
  speedSchema,
  topOfBookSchema,
} from './schemas.js';

interface SymbolParams {
  readonly Params: { readonly symbol: string };
}

/** Prices, prints, rules, matching mode and feeds. */
export function marketControlRoutes(server: FastifyInstance, { state, feeds }: ControlDependencies): void {
  const describe = (pair: Pair): Record<string, unknown> => {
    const { bid, ask } = state.bestPrices(pair);
    const { symbol } = pair.instrument;
    return { symbol, bid: view(bid), ask: view(ask), matching: pair.matching, rules: storedInstrument(pair.instrument) };
  };

  server.get('/pairs', () => ({ pairs: [...state.pairs.values()].map(describe) }));

  server.get<SymbolParams>('/pairs/:symbol', (request) => describe(state.pair(request.params.symbol)));

  server.put<SymbolParams>('/pairs/:symbol/book', (request) => {
    const pair = state.pair(request.params.symbol);
    const { bids, asks } = parseBook(request.body);
    checkNotCrossed(bids, asks);
    feeds.detach(pair.instrument.symbol);
    setBook(state, pair, { kind: 'snapshot', bids, asks });
    return describe(pair);
  });

  server.post<SymbolParams>('/pairs/:symbol/prints', (request) => {
    const pair = state.pair(request.params.symbol);
    const { priceQuote, amountBase, buyerIsMaker } = validate(printSchema, request.body);
    printTrade(state, pair, { priceQuote: new Decimal(priceQuote), amountBase: new Decimal(amountBase), buyerIsMaker });
    return describe(pair);
  });

  server.put<SymbolParams>('/pairs/:symbol/rules', (request) => {
    const pair = state.pair(request.params.symbol);
    const rules = Object.entries(validate(rulesSchema, request.body)).filter(([, value]) => value !== undefined);
    const changed = rules.map(([name, value]) => [name, typeof value === 'string' ? new Decimal(value) : value]);
    setRules(state, pair, { ...pair.instrument, ...(Object.fromEntries(changed) as Partial<Instrument>) });
    return describe(pair);
  });

  server.put<SymbolParams>('/pairs/:symbol/matching', (request) => {
    const pair = state.pair(request.params.symbol);
    setMatching(state, pair, validate(matchingSchema, request.body));
    return describe(pair);
  });

  server.post<SymbolParams>('/pairs/:symbol/attach', (request) => {
    feeds.attach(request.params.symbol);
    return describe(state.pair(request.params.symbol));
  });

  server.get('/feed', () => feeds.status());
  server.put('/feed', async (request) => {
    const { feed, speed } = validate(feedSchema, request.body);
    await feeds.replace(feed, speed);
    return feeds.status();
  });
  server.post('/feed/pause', () => {
    feeds.pause();
    return feeds.status();
  });
  server.post('/feed/resume', () => {
    feeds.resume();
    return feeds.status();
  });
  server.put('/feed/speed', (request) => {
    feeds.setSpeed(validate(speedSchema, request.body).speed);
    return feeds.status();
  });
}

function parseBook(body: unknown): { bids: LevelUpdate[]; asks: LevelUpdate[] } {
  if (typeof body === 'object' && body !== null && ('bids' in body || 'asks' in body)) {
    const { bids, asks } = validate(bookLevelsSchema, body);
    return { bids: parseLevels(bids), asks: parseLevels(asks) };
  }
  const { bid, bidSize, ask, askSize } = validate(topOfBookSchema, body);
  return { bids: parseLevels([[bid, bidSize]]), asks: parseLevels([[ask, askSize]]) };
}

function parseLevels(levels: readonly (readonly string[])[]): LevelUpdate[] {
  return levels.map(([price = '', size = '']) => [new Decimal(price), new Decimal(size)]);
}

function checkNotCrossed(bids: readonly LevelUpdate[], asks: readonly LevelUpdate[]): void {
  const bestBid = bids.reduce<Decimal | undefined>((best, [price]) => (best?.gte(price) === true ? best : price), undefined);
  const bestAsk = asks.reduce<Decimal | undefined>((best, [price]) => (best?.lte(price) === true ? best : price), undefined);
  if (bestBid === undefined || bestAsk === undefined || bestBid.lt(bestAsk)) return;
  throw new InvalidInput([{ field: 'bid', value: bestBid.toFixed(), rule: `must be below the best ask ${bestAsk.toFixed()}` }]);
}

function view(level: VisibleLevel | undefined): { priceQuote: string; amountBase: string } | null {
  return level === undefined ? null : { priceQuote: level.priceQuote.toFixed(), amountBase: level.amountBase.toFixed() };
}
