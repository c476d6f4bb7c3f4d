import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOptions } from '../../src/client/start-options.js';
import { connectTemporal, type TemporalClient } from '../../src/client/temporal-connection.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { launchPaperExchange, type LaunchedPaperExchange } from '../../src/paper/launch.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';
import { DEFAULT_ACCOUNT, PAPER_CONNECTOR, type ConnectorEntry } from '../../src/stack/executors-configuration.js';
import type { Stack } from '../../src/stack/stack-options.js';
import { startStack } from '../../src/stack/start-stack.js';
import { BareLoop } from '../bare/bare-loop.js';
import { paceOfRequests } from './pace.js';
import { inParallel, until } from './until.js';
import { WorkerLog } from './worker-log.js';

/** Each side has an account and a pair of its own on the same exchange, so that no frame of one wakes the other. */
export const OURS = { account: 'executors', pair: 'BTC-USDT', symbol: 'BTCUSDT' } as const;
export const BARE = { account: 'bare', pair: 'ETH-USDT', symbol: 'ETHUSDT' } as const;
export const AMOUNT_BASE = '0.001';
/** Best bid of both pairs before something is measured. */
export const ENTRY_QUOTE = 60_000;

const KEYS = { executors: { apiKey: 'executors-key', secret: 'executors-secret' }, bare: { apiKey: 'bare-key', secret: 'bare-secret' } } as const;
const BALANCES = { USDT: '1000000000', BTC: '10000', ETH: '10000' };
const STARTS_AT_ONCE = 25;
const OWNED_WITHIN_MS = 60_000;

export interface BenchStackOptions {
  /** How fast requests may leave: as many a second, or by the limits of the real exchange. Default: as fast as they come. */
  readonly requestsPerSecond?: number | 'real';
  readonly workerEnv?: Readonly<Record<string, string>>;
  readonly restartWhenTheyDie?: boolean;
}

/** The stack, an exchange that tells its times, and the bare loop beside it. */
export interface BenchStack {
  readonly stack: Stack;
  readonly temporal: TemporalClient;
  readonly paper: PaperControlClient;
  readonly exchange: LaunchedPaperExchange;
  readonly bare: BareLoop;
  readonly log: WorkerLog;
  /** Puts the book of a pair there: this bid, the ask one tick above. */
  price(symbol: string, bidQuote: string): Promise<void>;
  /** Starts an executor from its wire config and answers its id. */
  start(config: Readonly<Record<string, unknown>>): Promise<string>;
  /** Starts positions with a market entry, until every one of them is armed. */
  armed(configs: readonly Readonly<Record<string, unknown>>[], boundMs?: number): Promise<string[]>;
  closed(id: string): Promise<ExecutorReport>;
  close(): Promise<void>;
}

export async function startBenchStack(options: BenchStackOptions = {}): Promise<BenchStack> {
  const directory = mkdtempSync(join(tmpdir(), 'executors-bench-'));
  const exchange = await launchExchange(directory);
  const connector = { restUrl: exchange.restUrl, websocketUrl: exchange.websocketUrl, ...paceOf(options.requestsPerSecond) };
  const stack = await startStack({
    dataDirectory: join(directory, 'stack'),
    processes: { paper: false, http: false },
    restartWhenTheyDie: options.restartWhenTheyDie ?? false,
    configure: () => ({ accounts: [account()], connectors: { [PAPER_CONNECTOR]: connector as ConnectorEntry } }),
    env: { PAPER_API_KEY: KEYS.executors.apiKey, PAPER_API_SECRET: KEYS.executors.secret, ...options.workerEnv },
  });
  const bare = await BareLoop.start({ ...KEYS.bare, restUrl: exchange.restUrl, websocketUrl: exchange.websocketUrl });
  const temporal = connectTemporal({ connectionOptions: { address: stack.temporal.address }, namespace: stack.temporal.namespace });
  const paper = new PaperControlClient(exchange.controlUrl);
  const log = new WorkerLog(join(stack.logDirectory, 'worker.log'));
  const close = async (): Promise<void> => {
    log.close();
    await bare.stop();
    await temporal.close();
    await stack.stop();
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  const bench = assemble({ stack, temporal, paper, exchange, bare, log, close });
  await bench.price(OURS.symbol, '60000');
  await bench.price(BARE.symbol, '60000');
  await until('the worker owns the account', OWNED_WITHIN_MS, async () => ((await paper.status()).subscriptions.userData.includes(OURS.account) ? true : undefined));
  return bench;
}

function paceOf(requestsPerSecond: number | 'real' | undefined): Readonly<Record<string, unknown>> {
  if (requestsPerSecond === undefined) return {};
  return requestsPerSecond === 'real' ? { rateLimited: true } : { rateLimits: [paceOfRequests(requestsPerSecond)] };
}

async function launchExchange(directory: string): Promise<LaunchedPaperExchange> {
  const accountsFile = join(directory, 'accounts.json');
  const accounts = [OURS, BARE].map(({ account: name }) => ({ name, ...KEYS[name], balances: BALANCES }));
  writeFileSync(accountsFile, JSON.stringify(accounts), { mode: 0o600 });
  return launchPaperExchange({ databaseFile: join(directory, 'exchange.db'), accountsFile });
}

function account(): { name: string; connector: string; credentials: { apiKeyEnv: string; secretEnv: string }; maxSessions: number } {
  return { name: DEFAULT_ACCOUNT, connector: PAPER_CONNECTOR, credentials: { apiKeyEnv: 'PAPER_API_KEY', secretEnv: 'PAPER_API_SECRET' }, maxSessions: 5_000 };
}

type Parts = Omit<BenchStack, 'price' | 'start' | 'armed' | 'closed'>;

function assemble(parts: Parts): BenchStack {
  const { paper, temporal, log } = parts;
  const start = async (wire: Readonly<Record<string, unknown>>): Promise<string> => {
    const { config } = parseExecutorConfig({ connector_name: PAPER_CONNECTOR, trading_pair: OURS.pair, ...wire }, { accountName: DEFAULT_ACCOUNT, nowMs: Date.now() });
    const { workflowType, options } = startOptions(config);
    await temporal.client.workflow.start(workflowType, options);
    return config.id;
  };
  return {
    ...parts,
    start,
    price: async (symbol, bidQuote) => {
      const ask = (Number(bidQuote) + 0.01).toFixed(2);
      await paper.setPrice(symbol, bidQuote, ask, { bidSize: '100000', askSize: '100000' });
    },
    armed: async (configs, boundMs = 60_000 + configs.length * 500) => {
      const ids = await inParallel(configs.length, STARTS_AT_ONCE, (index) => start(configs[index] ?? {}));
      await until(`${ids.length} positions are armed`, boundMs, () => (ids.every((id) => log.exits().has(id)) ? true : undefined));
      return ids;
    },
    closed: async (id) => (await temporal.client.workflow.getHandle(id).result()) as ExecutorReport,
  };
}

/** A long position with a market entry and a market stop. */
export function positionWire(stopLossFraction: string, change: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const barriers = { stop_loss: stopLossFraction, open_order_type: 'MARKET', stop_loss_order_type: 'MARKET' };
  return { type: 'position_executor', side: 'BUY', amount: AMOUNT_BASE, triple_barrier_config: barriers, ...change };
}

export async function resetPrices(bench: BenchStack): Promise<void> {
  await bench.price(OURS.symbol, ENTRY_QUOTE.toFixed(2));
  await bench.price(BARE.symbol, ENTRY_QUOTE.toFixed(2));
}
