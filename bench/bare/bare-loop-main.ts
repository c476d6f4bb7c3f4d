/**
 * The other side of the comparison, in a process of its own: a ccxt client that watches best prices and, when a stop is
 * met, sends the order. No engine, no record, no recovery. It does with stock ccxt what a script would do.
 */
import type { CcxtClient, CcxtTrade } from '../../src/exchanges/ccxt-client.js';
import { type PacedRequest, RequestLimiter } from '../../src/exchanges/request-limiter.js';
import type { BareLoopSettings } from './bare-loop.js';
import { paceOfRequests } from '../stack/pace.js';
import { createBareClient } from './bare-client.js';
import type { BareAnswer, BareCommand, BareRest, BareStop } from './bare-messages.js';

const SETTINGS = JSON.parse(process.env['BARE_LOOP'] ?? '{}') as BareLoopSettings;

let symbol = '';
let stops: BareStop[] = [];
const resting = new Map<string, BareRest>();

function tell(answer: BareAnswer): void {
  if (process.connected) process.send?.(answer);
}

function fail(error: unknown): void {
  tell({ kind: 'failed', error: String(error) });
}

async function watchPrices(client: CcxtClient, watched: string): Promise<void> {
  while (symbol === watched) {
    const tickers = await client.watchBidsAsks([watched]);
    const bid = Number(tickers[watched]?.bid);
    const met = stops.filter((stop) => bid <= Number(stop.stopQuote));
    if (met.length === 0) continue;
    stops = stops.filter((stop) => bid > Number(stop.stopQuote));
    for (const stop of met) void sell(client, stop);
  }
}

async function sell(client: CcxtClient, stop: BareStop): Promise<void> {
  try {
    await Promise.all((stop.cancels ?? []).map((clientOrderId) => client.cancelOrder('', symbol, { clientOrderId })));
    await client.createOrder(symbol, 'market', 'sell', stop.amountBase, undefined, { newClientOrderId: stop.clientOrderId });
    tell({ kind: 'sold', clientOrderId: stop.clientOrderId });
  } catch (error) {
    fail(error);
  }
}

async function watchFills(client: CcxtClient): Promise<never> {
  for (;;) {
    for (const trade of await client.watchMyTrades()) heard(trade);
  }
}

function heard(trade: CcxtTrade): void {
  const clientOrderId = String((trade.info as { readonly c?: unknown }).c);
  const rest = resting.get(clientOrderId);
  if (rest === undefined) return;
  resting.delete(clientOrderId);
  stops.push({ clientOrderId: `${clientOrderId}s`, stopQuote: rest.stopQuote, amountBase: rest.amountBase });
  tell({ kind: 'armed', clientOrderId, armedAtMs: Date.now(), fillAtMs: trade.timestamp ?? Number.NaN });
}

async function rest(client: CcxtClient, orders: readonly BareRest[]): Promise<void> {
  for (const order of orders) resting.set(order.clientOrderId, order);
  for (let from = 0; from < orders.length; from += 50) {
    await Promise.all(
      orders.slice(from, from + 50).map((order) => client.createOrder(symbol, 'limit', 'buy', order.amountBase, order.priceQuote, { newClientOrderId: order.clientOrderId })),
    );
  }
}

/** Behind the limiter that our side waits for, in place of the library's. */
function limit(client: CcxtClient, requestsPerSecond: number): void {
  const limiter = new RequestLimiter({ limits: [paceOfRequests(requestsPerSecond)], connector: 'bare' });
  const request: PacedRequest = { cost: { weight: 1, orders: 1 }, priority: 'reduce', urgency: 0, maxWaitMs: null, signal: null, ended: null };
  client.enableRateLimit = true;
  client.throttle = async () => (await limiter.acquire('bare', request)).settled(true);
}

async function obey(client: CcxtClient, command: BareCommand): Promise<void> {
  switch (command.kind) {
    case 'watch':
      symbol = command.symbol;
      void watchPrices(client, symbol).catch(fail);
      break;
    case 'arm':
      stops.push(...command.stops);
      break;
    case 'rest':
      await rest(client, command.orders);
      break;
    case 'limit':
      limit(client, command.requestsPerSecond);
      break;
  }
  tell({ kind: 'done', command: command.kind });
}

const client = await createBareClient(SETTINGS);
void watchFills(client).catch(fail);
process.on('message', (command) => void obey(client, command as BareCommand).catch(fail));
process.on('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
