import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Config, type ConnectorConfig, parseConfig } from '../../src/config.js';
import { hostsOf } from '../../src/exchanges/address-tree.js';
import { runCall } from '../../src/exchanges/call-context.js';
import { loadCcxtClass } from '../../src/exchanges/ccxt-class.js';
import { ConnectorError } from '../../src/exchanges/connector-error.js';
import { connectorDefinition, type ConnectorDefinition, connectorDefinitions, DEFAULT_CONNECTOR } from '../../src/exchanges/connector-registry.js';
import { createCcxtClient } from '../../src/exchanges/create-ccxt-client.js';
import { createExchange, createMarketData } from '../../src/exchanges/create-exchange.js';
import { SharedLimiters } from '../../src/exchanges/shared-limiters.js';
import { createLogger } from '../../src/logger.js';
import { NO_METRICS } from '../../src/ports/metrics.js';

const PAPER: ConnectorConfig = { restUrl: 'http://127.0.0.1:8101', websocketUrl: 'ws://127.0.0.1:8102', recvWindowMs: 1_000, rateLimited: false, rateLimits: null };
const DEFAULT = parseConfig({});

function definition(name: string): ConnectorDefinition {
  const found = connectorDefinition(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

async function open(name: string, config: ConnectorConfig = PAPER) {
  const pace = { limiters: new SharedLimiters(NO_METRICS), account: 'main', metrics: NO_METRICS };
  return await createCcxtClient(definition(name), config, null, pace, createLogger({ name: 'test', env: { LOG_LEVEL: 'silent' } }));
}

async function refusal(opening: Promise<unknown>): Promise<ConnectorError> {
  const error = await opening.then(() => null, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}

describe('connector registry', () => {
  it('knows the names of the ecosystem, each once, with a ccxt class that exists', async () => {
    const names = connectorDefinitions().map((entry) => entry.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of ['binance', 'binance_perpetual', 'binance_paper_trade', 'binance_perpetual_paper_trade', 'gate_io', 'kucoin', 'okx', 'kraken', 'coinbase_advanced_trade', 'hyperliquid_perpetual', 'dydx_v4_perpetual']) {
      expect(names).toContain(name);
    }
    const { pro, exchanges } = (await import('ccxt')).default;
    for (const entry of connectorDefinitions()) {
      expect(exchanges, entry.name).toContain(entry.ccxtId);
      if (entry.unavailable === null) expect(pro, entry.name).toHaveProperty(entry.ccxtId);
    }
  });

  it('keeps live, testnet and paper apart, with paper as the default', () => {
    expect(definition(DEFAULT_CONNECTOR)).toMatchObject({ kind: 'paper', unavailable: null });
    for (const entry of connectorDefinitions()) {
      expect(entry.kind, entry.name).toBe(entry.name.endsWith('_paper_trade') ? 'paper' : entry.name.endsWith('_testnet') ? 'testnet' : 'live');
    }
  });
});

describe('choosing a connector', () => {
  it.each([
    ['that does not exist', 'binanse', /is not a connector/],
    ['that is not configured', 'binance', /is not configured/],
    ['that is not available yet', 'bybit_perpetual', /not supported yet/],
    ['of the language', 'constructor', /is not a connector/],
  ])('refuses one %s and lists what there is', async (_, name, reason) => {
    for (const opening of [createMarketData(DEFAULT, name), createExchange(DEFAULT, { connector: name, account: 'master_account' })]) {
      const error = await refusal(opening);
      expect(error.code).toBe('UNKNOWN_CONNECTOR');
      expect(error.message).toMatch(reason);
      expect(error.message).toContain('Configured: binance_paper_trade.');
    }
  });

  it('refuses an account that is not configured and lists those there are', async () => {
    const error = await refusal(createExchange(DEFAULT, { connector: DEFAULT_CONNECTOR, account: 'nobody' }));
    expect(error.code).toBe('UNKNOWN_ACCOUNT');
    expect(error.message).toContain('master_account');
  });

  it('refuses an account without its keys', async () => {
    const config: Config = parseConfig({ accounts: [{ name: 'a', connector: 'binance', credentials: { apiKeyEnv: 'K', secretEnv: 'S' } }], connectors: { binance: {} } });
    expect((await refusal(createExchange(config, { connector: 'binance', account: 'a' }, { env: {} }))).code).toBe('CREDENTIALS_REFUSED');
  });
});

describe('a paper connector', () => {
  it('has no address left but the configured ones', async () => {
    const { client } = await open('binance_paper_trade');
    expect(hostsOf(client.urls['api'])).toEqual(new Set(['127.0.0.1:8101', '127.0.0.1:8102']));
    expect(client.urls['test']).toBeUndefined();
    expect(client.urls['demo']).toBeUndefined();
  });

  it.each([
    ['https://api.binance.com', 'wss://stream.binance.com:9443'],
    ['https://api1.binance.com', 'ws://127.0.0.1:8102'],
    ['https://testnet.binance.vision', 'ws://127.0.0.1:8102'],
    ['http://127.0.0.1:8101', 'wss://fstream.binance.com'],
  ])('cannot be pointed at the exchange it imitates: %s, %s', async (restUrl, websocketUrl) => {
    expect((await refusal(open('binance_paper_trade', { ...PAPER, restUrl, websocketUrl }))).message).toMatch(/must not reach/);
  });

  it('does not exist without an address', async () => {
    expect((await refusal(open('binance_paper_trade', { ...PAPER, restUrl: null, websocketUrl: null }))).message).toMatch(/no address/);
  });

  it('refuses a request or a socket to anywhere else at the last moment, whatever the client was told', async () => {
    const { client } = await open('binance_paper_trade');
    await expect(client.fetch('https://api.binance.com/api/v3/time', 'GET', undefined, undefined)).rejects.toThrow(/was about to reach api\.binance\.com/);
    expect(() => client.client('wss://stream.binance.com:9443/ws')).toThrow(/was about to reach stream\.binance\.com/);
  });
});

describe('a testnet connector', () => {
  it('goes to the test system and nowhere near the live one', async () => {
    const { client } = await open('binance_testnet', { ...PAPER, restUrl: null, websocketUrl: null });
    const hosts = [...hostsOf(client.urls['api'])];
    expect(hosts).toContain('testnet.binance.vision');
    const CcxtClass = await loadCcxtClass('binance');
    const live = hostsOf(new CcxtClass({}).urls['api']);
    expect(hosts.filter((host) => live.has(host))).toEqual([]);
    await expect(client.fetch('https://api.binance.com/api/v3/time', 'GET', undefined, undefined)).rejects.toThrow(/was about to reach/);
  });
});

describe('a live connector', () => {
  it('keeps the addresses of ccxt, unless the configuration names others', async () => {
    const live = { ...PAPER, restUrl: null, websocketUrl: null };
    expect(hostsOf((await open('binance', live)).client.urls['api'])).toContain('api.binance.com');
    expect(hostsOf((await open('binance', PAPER)).client.urls['api'])).toEqual(new Set(['127.0.0.1:8101', '127.0.0.1:8102']));
  });
});

describe('the client', () => {
  it('counts in text, repeats nothing by itself and keeps no answer', async () => {
    const { client } = await open('binance_paper_trade');
    expect(client.number).toBe(String);
    expect(client.options['maxRetriesOnFailure']).toBe(0);
    expect(client.enableLastHttpResponse).toBe(false);
  });

  it('knows the codes of its market by class, behind any address', async () => {
    const classOf = async (name: string, code: string): Promise<string | undefined> => {
      const { client } = await open(name);
      return (client.exceptions as { exact: Record<string, { name: string }> }).exact[code]?.name;
    };
    expect(await classOf('binance_paper_trade', '-2013')).toBe('OrderNotFound');
    expect(await classOf('binance_paper_trade', '-1099')).toBe('AuthenticationError');
    expect(await classOf('binance_perpetual_paper_trade', '-2019')).toBe('InsufficientFunds');
  });

  it('ends a request whose answer stalls half way, when its time is over', async () => {
    const sockets: Socket[] = [];
    const closed = new Set<Socket>();
    const server = createServer((request, response) => {
      sockets.push(request.socket);
      request.socket.once('close', () => closed.add(request.socket));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"half":');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { client } = await open('binance_paper_trade', { ...PAPER, restUrl });
    const options = { operation: 'read', priority: 'read', deadlineMs: 1_500, mustContain: null } as const;
    const result = await runCall(options, async () => await client.fetch(`${restUrl}/api/v3/time`, 'GET', {}, undefined));
    expect(result).toMatchObject({ ok: false, context: { sent: true, connectFailed: false } });
    while (closed.size < sockets.length || sockets.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuses a cancel or a look-up that does not carry the id it is about', async () => {
    const { client } = await open('binance_paper_trade');
    const options = { operation: 'cancel', priority: 'cancel', deadlineMs: 500, mustContain: 'd0123' } as const;
    const without = await runCall(options, async () => await client.fetch('http://127.0.0.1:8101/api/v3/openOrders?symbol=BTCUSDT', 'DELETE', {}, undefined));
    expect(without).toMatchObject({ ok: false, context: { sent: false } });
    expect(String(!without.ok && without.error)).toContain('does not carry the id');
    for (const [url, body] of [['http://127.0.0.1:1/api/v3/order?origClientOrderId=d0123', undefined], ['http://127.0.0.1:1/api/v3/order', 'origClientOrderId=d0123']]) {
      const { client: other } = await open('binance_paper_trade', { ...PAPER, restUrl: 'http://127.0.0.1:1' });
      expect(await runCall(options, async () => await other.fetch(url ?? '', 'DELETE', {}, body))).toMatchObject({ ok: false, context: { sent: true, connectFailed: true } });
    }
  });
});
