import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { archiveLocation } from '../../src/archive/open-archive.js';
import { loadConfig } from '../../src/config.js';
import { httpSettings } from '../../src/http/settings.js';
import { parseCommandLine } from '../../src/paper/command-line.js';
import { WORKER_NODE_ARGS } from '../../src/stack/start-executors.js';
import { loadTemporalConnectionConfig } from '../../src/temporal-server/connection-config.js';
import { DEV_SERVER_DYNAMIC_CONFIG } from '../../src/temporal-server/dynamic-config.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Readonly<Record<string, Service>> };
const OURS = ['paper', 'worker', 'http'] as const;

function service(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

/** What compose puts in place of `${NAME:-default}` and `${NAME:?message}`; a required name that is missing throws. */
function interpolate(value: string, given: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_whole, name: string, kind?: string, rest?: string) => {
    const set = given[name];
    if (set !== undefined) return set;
    if (kind === '-') return rest ?? '';
    throw new Error(`${name} is not set: ${rest ?? ''}`);
  });
}

function environmentOf(name: string, given: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(service(name).environment ?? {});
  return Object.fromEntries(entries.map(([variable, value]) => [variable, interpolate(String(value), given)]));
}

function sourceText(): string {
  const files = ['src', 'worker'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
  );
  return files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(file, 'utf8')).join('\n');
}

const PASSWORDS = { POSTGRES_PASSWORD: 'pg-word', PASSWORD: 'api-word' };

describe('docker-compose.yml', () => {
  it('has every part of the stack', () => {
    expect(Object.keys(services).sort()).toEqual(['http', 'paper', 'postgresql', 'temporal', 'temporal-ui', 'worker']);
  });

  it.each(OURS)('runs %s as the stack does: an existing program, with tsx', (name) => {
    const command = service(name).command ?? [];
    const start = ['node', ...(name === 'worker' ? WORKER_NODE_ARGS : []), '--import', 'tsx'];
    expect(command.slice(0, start.length)).toEqual(start);
    expect(existsSync(join(root, command[start.length] ?? 'absent'))).toBe(true);
    expect(service(name).build).toBe('.');
  });

  it('publishes ports on this machine only', () => {
    const published = Object.values(services).flatMap((each) => each.ports ?? []);
    expect(published.length).toBeGreaterThan(0);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(service('paper').ports).toBeUndefined();
    expect(service('postgresql').ports).toBeUndefined();
  });

  it('has no password of its own: both must be given', () => {
    for (const name of Object.keys(PASSWORDS)) expect(text).not.toMatch(new RegExp(`\\$\\{${name}(:-|\\})`));
    expect(() => environmentOf('http', { POSTGRES_PASSWORD: 'pg-word' })).toThrow('PASSWORD is not set');
    expect(() => environmentOf('postgresql', { PASSWORD: 'api-word' })).toThrow('POSTGRES_PASSWORD is not set');
    expect(environmentOf('postgresql', PASSWORDS)['POSTGRES_PASSWORD']).toBe('pg-word');
    expect(environmentOf('temporal', PASSWORDS)['POSTGRES_PWD']).toBe('pg-word');
  });

  it.each(['worker', 'http'] as const)('gives %s only variables that the programs read', (name) => {
    const source = sourceText();
    const unread = Object.keys(environmentOf(name, PASSWORDS))
      .filter((variable) => !['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'].includes(variable))
      .filter((variable) => !source.includes(`'${variable}'`));
    expect(unread).toEqual([]);
  });

  it('gives the worker a server, an archive and the accounts whose keys it has', () => {
    const env = environmentOf('worker', PASSWORDS);
    expect(loadTemporalConnectionConfig({ ...env, TEMPORAL_CONFIG_FILE: '/dev/null' })).toEqual({
      connectionOptions: { address: 'temporal:7233' },
      namespace: 'default',
    });
    expect(archiveLocation(env, 'file')).toEqual({
      kind: 'postgresql',
      url: 'postgresql://temporal:pg-word@postgresql:5432/executors',
    });
    const file = env['DURABLE_EXECUTORS_CONFIG']?.replace('/app/', root);
    const config = loadConfig({ ...env, DURABLE_EXECUTORS_CONFIG: file });
    for (const { credentials } of config.accounts) {
      if (credentials.kind !== 'environment') throw new Error('the accounts of the example take their keys from variables');
      expect(Object.keys(env)).toEqual(expect.arrayContaining([credentials.apiKeyEnv, credentials.secretEnv]));
      expect(Object.keys(environmentOf('http', PASSWORDS))).not.toContain(credentials.secretEnv);
    }
  });

  it('gives the HTTP facade settings that it accepts, and the default password is refused', () => {
    const env = environmentOf('http', PASSWORDS);
    expect(httpSettings(env)).toEqual({
      host: '0.0.0.0',
      port: 8000,
      credentials: { username: 'admin', password: 'api-word' },
    });
    expect(() => httpSettings({ ...env, PASSWORD: 'admin' })).toThrow('HTTP_HOST: 0.0.0.0');
  });

  it('starts the paper exchange where the configuration looks for it, with a volume under its ledger', () => {
    const { command = [], volumes } = service('paper');
    const options = parseCommandLine(command.slice(4).map((argument) => interpolate(argument, {})));
    expect(options).toMatchObject({ host: '0.0.0.0', port: 8101, databaseFile: '/data/paper.db', feed: 'synthetic:1' });
    expect(volumes).toEqual(['paper:/data']);
    const config = loadConfig({ DURABLE_EXECUTORS_CONFIG: join(root, 'docker', 'executors.json') });
    expect(config.connectors['binance_paper_trade']).toMatchObject({
      restUrl: `http://paper:${options.port}`,
      websocketUrl: `ws://paper:${options.port}`,
    });
    const [account] = options.accounts;
    const worker = environmentOf('worker', PASSWORDS);
    expect([worker['PAPER_API_KEY'], worker['PAPER_API_SECRET']]).toEqual([account?.apiKey, account?.secret]);
  });

  it('gives the server the same settings as the dev server, except the one for tests', () => {
    const file = parse(readFileSync(join(root, 'docker', 'temporal-dynamic-config.yaml'), 'utf8')) as Record<string, [{ value: unknown }]>;
    const wanted = Object.entries(DEV_SERVER_DYNAMIC_CONFIG).filter(([key]) => key !== 'system.namespaceCacheRefreshInterval');
    for (const [key, value] of wanted) expect(file[key]?.[0].value, key).toBe(value);
  });

  it('copies into the image every folder the programs import from', () => {
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
    for (const folder of ['src', 'workflows', 'activities', 'worker', 'docker']) {
      expect(dockerfile).toContain(`COPY ${folder} ./${folder}`);
    }
  });
});
