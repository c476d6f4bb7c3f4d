import { createHmac } from 'node:crypto';
import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LaunchedExchange } from './launched-exchange.js';

let exchange: LaunchedExchange;

beforeAll(async () => {
  exchange = await LaunchedExchange.start();
});
afterAll(() => exchange.end());

interface Answer {
  readonly status: number;
  readonly code: number | undefined;
  readonly msg: string | undefined;
}

async function call(method: string, path: string, query: string, body = '', key = 'paper-key'): Promise<Answer> {
  const url = `${exchange.process.restUrl}${path}${query === '' ? '' : `?${query}`}`;
  const init: RequestInit = { method, headers: { 'x-mbx-apikey': key, 'content-type': 'application/x-www-form-urlencoded' } };
  if (body !== '') init.body = body;
  const response = await fetch(url, init);
  const json = (await response.json()) as { code?: number; msg?: string };
  return { status: response.status, code: json.code, msg: json.msg };
}

function sign(text: string, secret = 'paper-secret'): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

function signed(text: string, secret?: string): string {
  return `${text}&signature=${sign(text, secret)}`;
}

describe('the stock client', () => {
  test('is let in with the right key and secret', async () => {
    const client = await exchange.client();
    expect((await client.fetchBalance())['USDT']?.free).toBe('100000.00000000');
  });

  test('gets AuthenticationError for a wrong secret and for an unknown key', async () => {
    for (const options of [{ secret: 'wrong' }, { apiKey: 'unknown' }]) {
      const client = await exchange.client(options);
      await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
    }
  });

  test('gets InvalidNonce when its clock is late or ahead', async () => {
    for (const offsetMs of [-60_000, 60_000]) {
      const client = await exchange.client();
      (client as unknown as { nonce: () => number }).nonce = () => Date.now() + offsetMs;
      await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.InvalidNonce);
    }
  });
});

describe('the signature', () => {
  test.each([
    ['wrong secret', () => signed(`timestamp=${Date.now()}`, 'wrong'), 'paper-key', -1022],
    ['unknown key', () => signed(`timestamp=${Date.now()}`), 'nobody', -2015],
    ['no key', () => signed(`timestamp=${Date.now()}`), '', -2014],
    ['no signature', () => `timestamp=${Date.now()}`, 'paper-key', -1102],
    ['a signature that is no hex', () => `timestamp=${Date.now()}&signature=zz`, 'paper-key', -1022],
    ['a changed parameter', () => signed(`timestamp=${Date.now()}`).replace('timestamp', 'recvWindow=4000&timestamp'), 'paper-key', -1022],
    ['no timestamp', () => signed('recvWindow=5000'), 'paper-key', -1102],
    ['a late timestamp', () => signed(`timestamp=${Date.now() - 5_500}`), 'paper-key', -1021],
    ['a timestamp within a wider window', () => signed(`recvWindow=20000&timestamp=${Date.now() - 5_500}`), 'paper-key', undefined],
    ['a timestamp ahead', () => signed(`timestamp=${Date.now() + 5_000}`), 'paper-key', -1021],
    ['a window that is too wide', () => signed(`recvWindow=60001&timestamp=${Date.now()}`), 'paper-key', -1131],
    ['all as it should be', () => signed(`timestamp=${Date.now()}`), 'paper-key', undefined],
  ])('%s', async (_name, query, key, code) => {
    const answer = await call('GET', '/api/v3/account', query(), '', key);
    expect([answer.status === 200, answer.code]).toEqual([code === undefined, code]);
  });

  test('is over query and body as they were sent, without anything between them', async () => {
    // Percent-encoding that a decoder and encoder would write differently: only the raw bytes verify.
    const query = 'symbol=%42TCUSDT&side=BUY&type=LIMIT&timeInForce=GTC';
    const body = `quantity=0.1&price=50000&newClientOrderId=%72aw-1&timestamp=${Date.now()}`;
    const answer = await call('POST', '/api/v3/order', query, `${body}&signature=${sign(query + body)}`);
    expect(answer).toEqual({ status: 200, code: undefined, msg: undefined });
    const [order] = await exchange.control.orders({ clientOrderId: 'raw-1' });
    expect([order?.symbol, order?.priceQuote]).toEqual(['BTCUSDT', '50000']);
    const joined = await call('POST', '/api/v3/order', query, `${body}&signature=${sign(`${query}&${body}`)}`);
    expect(joined.code).toBe(-1022);
  });
});

test('the user data socket checks signature, key and time in the same way', async () => {
  const socket = new WebSocket(`${exchange.process.websocketUrl}/ws-api/v3`);
  await new Promise((resolve) => socket.once('open', resolve));
  const subscribe = async (params: Record<string, unknown>): Promise<{ status: number; error?: { code: number } }> => {
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    socket.send(JSON.stringify({ id: 1, method: 'userDataStream.subscribe.signature', params }));
    return JSON.parse((await answer).toString()) as { status: number; error?: { code: number } };
  };
  const params = (timestamp: number, key = 'paper-key', secret?: string): Record<string, unknown> => {
    const payload = `apiKey=${key}&recvWindow=5000&timestamp=${timestamp}`;
    return { timestamp, apiKey: key, recvWindow: 5_000, signature: sign(payload, secret) };
  };
  expect((await subscribe(params(Date.now(), 'paper-key', 'wrong'))).error?.code).toBe(-1022);
  expect((await subscribe(params(Date.now(), 'nobody'))).error?.code).toBe(-2015);
  expect((await subscribe(params(Date.now() - 10_000))).error?.code).toBe(-1021);
  expect((await subscribe(params(Date.now()))).status).toBe(200);
  socket.terminate();
});

test('no secret and no signature appears in the log', async () => {
  const lines: string[] = [];
  const logging = await LaunchedExchange.start({ logLevel: 'trace', onLog: (line) => lines.push(line) });
  try {
    const client = await logging.client();
    await client.fetchBalance();
    const wrong = await logging.client({ secret: 'wrong-secret' });
    await wrong.fetchBalance().catch(() => undefined);
    await fetch(`${logging.process.restUrl}/api/v3/account?signature=abcdef`, { method: 'PATCH' });
  } finally {
    await logging.end();
  }
  expect(lines.join('\n')).toContain('stopping');
  expect(lines.join('\n')).not.toMatch(/secret|signature/);
});
