import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountConfig, findAccount, loadConfig, parseConfig } from '../../src/config.js';
import { LIMITS } from '../../src/domain/limits.js';
import { ConnectorError } from '../../src/exchanges/connector-error.js';
import { loadCredentials } from '../../src/exchanges/credentials.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';

const LIVE_KEYS = { apiKeyEnv: 'LIVE_KEY', secretEnv: 'LIVE_SECRET' };

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-test-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function file(name: string, content: string, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function refusal(input: unknown): InvalidConfigError {
  try {
    parseConfig(input);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('configuration', () => {
  it('is one paper account without a file', () => {
    const config = loadConfig({});
    expect(config).toEqual({
      accounts: [
        {
          name: 'master_account',
          connector: 'binance_paper_trade',
          credentials: { kind: 'environment', apiKeyEnv: 'PAPER_API_KEY', secretEnv: 'PAPER_API_SECRET' },
          maxSessions: LIMITS.maxSessionsPerAccount,
          strict: false,
        },
      ],
      connectors: { binance_paper_trade: { restUrl: 'http://127.0.0.1:8101', websocketUrl: 'ws://127.0.0.1:8101', recvWindowMs: 2000, rateLimited: false, rateLimits: null } },
      limits: { requestDeadlineMs: LIMITS.requestDeadlineMs, silentStreamMs: 5000, silentAccountStreamMs: 30000 },
    });
  });

  it('is read from the file that the environment names, and cannot be changed', () => {
    const path = file('ok.json', JSON.stringify({ accounts: [{ name: 'a', connector: 'binance', credentials: LIVE_KEYS, maxSessions: 7 }], connectors: { binance: {} } }));
    const config = loadConfig({ DURABLE_EXECUTORS_CONFIG: path });
    expect(config.accounts[0]).toMatchObject({ name: 'a', connector: 'binance', maxSessions: 7 });
    expect(config.connectors['binance']).toEqual({ restUrl: null, websocketUrl: null, recvWindowMs: 2000, rateLimited: true, rateLimits: null });
    expect(config.connectors['binance_paper_trade']).toBeDefined();
    expect(Object.isFrozen(config.accounts[0]?.credentials)).toBe(true);
    expect(() => {
      (config.accounts as AccountConfig[]).push({} as AccountConfig);
    }).toThrow(TypeError);
  });

  it('takes limits of its own for a connector, which are kept then even on paper', () => {
    const rateLimits = [{ unit: 'requests', limit: 5_000, intervalMs: 1_000 }];
    expect(parseConfig({ connectors: { binance_paper_trade: { rateLimits } } }).connectors['binance_paper_trade']).toMatchObject({ rateLimited: true, rateLimits });
  });

  const account = { name: 'a', connector: 'binance_paper_trade' };
  const broken: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['an unknown key', { account: [] }, 'account', /is not a field of .*did you mean accounts/],
    ['an unknown key of an account', { accounts: [{ ...account, connecter: 'x' }] }, 'accounts.0.connecter', /did you mean connector/],
    ['no account', { accounts: [] }, 'accounts', /at least one/],
    ['an account twice', { accounts: [account, account] }, 'accounts.1.name', /once/],
    ['a name that cannot be part of a queue', { accounts: [{ ...account, name: 'a/b' }] }, 'accounts.0.name', /letters/],
    ['a connector that does not exist', { accounts: [{ name: 'a', connector: 'binanse' }] }, 'accounts.0.connector', /configured connector: binance_paper_trade/],
    ['a connector that is not configured', { accounts: [{ name: 'a', connector: 'binance', credentials: LIVE_KEYS }] }, 'accounts.0.connector', /configured connector/],
    ['an unknown connector entry', { connectors: { nowhere: {} } }, 'connectors.nowhere', /must be one of .*binance_paper_trade/],
    ['a connector that is known but not available', { connectors: { bybit_perpetual: {} } }, 'connectors.bybit_perpetual', /not supported yet/],
    ['one address without the other', { connectors: { binance: { restUrl: 'http://127.0.0.1:1' } } }, 'connectors.binance', /together/],
    ['a limit of nothing', { connectors: { binance: { rateLimits: [{ unit: 'coins', limit: 1, intervalMs: 1_000 }] } } }, 'connectors.binance.rateLimits.0.unit', /weight, requests or orders/],
    ['limits that are not to be kept', { connectors: { binance: { rateLimited: false, rateLimits: [{ unit: 'orders', limit: 1, intervalMs: 1_000 }] } } }, 'connectors.binance.rateLimits', /rateLimited is false/],
    ['an address of the wrong kind', { connectors: { binance: { restUrl: 'ws://127.0.0.1:1', websocketUrl: 'ws://127.0.0.1:1' } } }, 'connectors.binance.restUrl', /http/],
    ['an address with a password', { connectors: { binance: { restUrl: 'http://me:pw@host', websocketUrl: 'ws://host' } } }, 'connectors.binance.restUrl', /password/],
    ['a live account without credentials', { accounts: [{ name: 'a', connector: 'binance' }], connectors: { binance: {} } }, 'accounts.0.credentials', /apiKeyEnv/],
    ['half of the credentials', { accounts: [{ ...account, credentials: { apiKeyEnv: 'A' } }] }, 'accounts.0.credentials', /apiKeyEnv and secretEnv/],
    ['two sources of credentials', { accounts: [{ ...account, credentials: { ...LIVE_KEYS, file: 'x' } }] }, 'accounts.0.credentials', /not both/],
    ['too many sessions', { accounts: [{ ...account, maxSessions: 1e9 }] }, 'accounts.0.maxSessions', /at most 5000/],
    ['a deadline of half the lease', { limits: { requestDeadlineMs: 2500 } }, 'limits.requestDeadlineMs', /at most 2499/],
    ['a limit that does not exist', { limits: { maxRetries: 1 } }, 'limits.maxRetries', /is not a field/],
    ['no object', [], 'configuration', /object/],
  ];
  it.each(broken)('refuses %s, naming field, value and rule', (_, input, field, rule) => {
    const error = refusal(input);
    expect(error.issues.map((issue) => issue.field)).toContain(field);
    expect(error.issues.find((issue) => issue.field === field)?.rule).toMatch(rule);
    expect(error.message).toContain(field);
  });

  it('tells everything that is wrong at once', () => {
    expect(refusal({ accounts: [{ name: '', connector: 'x', maxSessions: 0 }], other: 1 }).issues.length).toBeGreaterThanOrEqual(3);
  });

  it('never repeats a key that was written into the file', () => {
    const key = 'q8Zs0verySecretKey';
    for (const credentials of [{ apiKey: key, secret: key }, { apiKeyEnv: key, secretEnv: key }]) {
      expect(refusal({ accounts: [{ ...account, credentials }] }).message).not.toContain(key);
    }
  });

  it.each([
    ['is not there', 'missing.json', /ENOENT/],
    ['is not JSON', 'broken.json', /JSON file/],
  ])('refuses a file that %s, without quoting it', (_, name, rule) => {
    file('broken.json', '{"secret": "abc');
    expect(() => loadConfig({ DURABLE_EXECUTORS_CONFIG: join(directory, name) })).toThrow(rule);
    expect(() => loadConfig({ DURABLE_EXECUTORS_CONFIG: join(directory, name) })).not.toThrow(/abc/);
  });

  it('finds an account, or names those there are', () => {
    const config = loadConfig({});
    expect(findAccount(config, 'binance_paper_trade', 'master_account').name).toBe('master_account');
    expect(() => findAccount(config, 'binance_paper_trade', 'nobody')).toThrow(/"nobody".*master_account/);
    expect(() => findAccount(config, 'binance_paper_trade', 'nobody')).toThrow(ConnectorError);
  });
});

describe('credentials', () => {
  const paper = parseConfig({}).accounts[0] as AccountConfig;
  const live = (credentials: unknown): AccountConfig => parseConfig({ accounts: [{ name: 'a', connector: 'binance', credentials }], connectors: { binance: {} } }).accounts[0] as AccountConfig;

  it('come from the variables, and for a paper account from nowhere else but its fixed pair', () => {
    expect(loadCredentials(paper, {}).reveal()).toEqual({ apiKey: 'paper-key', secret: 'paper-secret', password: null });
    expect(loadCredentials(paper, { PAPER_API_KEY: 'k', PAPER_API_SECRET: 's' }).reveal()).toMatchObject({ apiKey: 'k', secret: 's' });
    expect(loadCredentials(live(LIVE_KEYS), { LIVE_KEY: 'k', LIVE_SECRET: 's' }).reveal()).toMatchObject({ apiKey: 'k', secret: 's' });
  });

  it('have no default on a live account, not even under the names of the paper pair', () => {
    expect(() => loadCredentials(live(LIVE_KEYS), { LIVE_KEY: 'k' })).toThrow(/LIVE_SECRET must be set/);
    expect(() => loadCredentials(live({ apiKeyEnv: 'PAPER_API_KEY', secretEnv: 'PAPER_API_SECRET' }), {})).toThrow(/PAPER_API_KEY must be set/);
  });

  it('come from a file only its owner can read', () => {
    const path = file('keys.json', JSON.stringify({ apiKey: 'k', secret: 's', password: 'p' }));
    expect(loadCredentials(live({ file: path }), {}).reveal()).toEqual({ apiKey: 'k', secret: 's', password: 'p' });
    for (const mode of [0o640, 0o604, 0o660, 0o610]) {
      chmodSync(path, mode);
      expect(() => loadCredentials(live({ file: path }), {})).toThrow(/group or others/);
    }
  });

  it.each([
    ['absent', 'none.json', null, /ENOENT/],
    ['not JSON', 'text.json', 'hush-hush', /must be JSON/],
    ['short of the secret', 'half.json', '{"apiKey":"hush-hush"}', /"secret"/],
    ['more than it may be', 'more.json', '{"apiKey":"k","secret":"hush-hush","extra":1}', /"secret"/],
  ])('refuse a file that is %s, without quoting it', (_, name, content, rule) => {
    const path = content === null ? join(directory, name) : file(name, content);
    expect(() => loadCredentials(live({ file: path }), {})).toThrow(rule);
    expect(() => loadCredentials(live({ file: path }), {})).not.toThrow(/hush-hush/);
  });

  it('print as nothing', () => {
    const credentials = loadCredentials(live(LIVE_KEYS), { LIVE_KEY: 'visible-key', LIVE_SECRET: 'visible-secret' });
    for (const text of [String(credentials), `${credentials}`, JSON.stringify({ credentials }), inspect(credentials), inspect({ deep: [credentials] }, { showHidden: true, depth: 9 })]) {
      expect(text).not.toContain('visible');
      expect(text).toContain('[credentials]');
    }
  });
});
