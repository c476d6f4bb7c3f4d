import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programArguments } from '../processes/program-command.js';
import type { PaperExchangeAddress } from './paper-exchange.js';

export interface LaunchOptions {
  /** SQLite file; the same file continues the same exchange. */
  readonly databaseFile: string;
  /** 0 (default) takes a free port. A restart that must be found again names the port it had. */
  readonly port?: number;
  readonly controlPort?: number;
  readonly accountsFile?: string;
  readonly symbolsFile?: string;
  /** Perpetuals in place of BTC, ETH and BNB against USDT; an empty list serves none. */
  readonly perpetualsFile?: string;
  /** `scripted` (default), `recorded:DIR`, `synthetic:SEED` or `live:EXCHANGE`. */
  readonly feed?: string;
  readonly speed?: number;
  /** Fraction by which prices lie above those of the feed; negative: below. */
  readonly priceOffset?: string;
  readonly feedDelayMs?: number;
  readonly makerRate?: string;
  readonly takerRate?: string;
  readonly perpetualMakerRate?: string;
  readonly perpetualTakerRate?: string;
  /** Ends the exchange when this process ends, however it ends. Default true. */
  readonly exitWithParent?: boolean;
  readonly logLevel?: string;
  readonly readyTimeoutMs?: number;
  /** Receives the exchange's log lines; by default only the last ones are kept, for error messages. */
  readonly onLog?: (line: string) => void;
}

export interface LaunchedPaperExchange extends PaperExchangeAddress {
  /** Clean stop (SIGTERM); SIGKILL after ten seconds. Resolves when the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Settles when the process ends, whoever ended it. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const KEPT_LOG_LINES = 20;

/**
 * Starts a paper exchange in its own process and waits until it serves.
 * @throws Error with the last log lines when it ends or stays silent before it is ready.
 */
export async function launchPaperExchange(options: LaunchOptions): Promise<LaunchedPaperExchange> {
  const argv = [...programArguments('src/paper/main.ts'), ...argumentsOf(options)];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  const logLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    logLines.push(line);
    if (logLines.length > KEPT_LOG_LINES) logLines.shift();
    options.onLog?.(line);
  });
  // Writing to a process that has ended must not end this one.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  try {
    const address = await waitUntilReady(child, exited, options.readyTimeoutMs ?? READY_TIMEOUT_MS, logLines);
    return { ...address, exited, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}

function argumentsOf(options: LaunchOptions): string[] {
  const given: Record<string, string | number | undefined> = {
    database: options.databaseFile,
    port: options.port,
    'control-port': options.controlPort,
    accounts: options.accountsFile,
    symbols: options.symbolsFile,
    perpetuals: options.perpetualsFile,
    feed: options.feed,
    speed: options.speed,
    'price-offset': options.priceOffset,
    'feed-delay': options.feedDelayMs,
    'fee-maker': options.makerRate,
    'fee-taker': options.takerRate,
    'perpetual-fee-maker': options.perpetualMakerRate,
    'perpetual-fee-taker': options.perpetualTakerRate,
    'log-level': options.logLevel,
  };
  const pairs = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  return options.exitWithParent === false ? pairs : [...pairs, '--exit-with-parent'];
}

async function waitUntilReady(
  child: { readonly stdout: NodeJS.ReadableStream },
  exited: Promise<unknown>,
  timeoutMs: number,
  logLines: readonly string[],
): Promise<PaperExchangeAddress> {
  const describe = (what: string): Error => new Error(`paper exchange ${what}\n${logLines.join('\n')}`);
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<PaperExchangeAddress>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('READY ')) resolve(JSON.parse(line.slice('READY '.length)) as PaperExchangeAddress);
    });
    timer = setTimeout(() => {
      reject(describe(`was not ready within ${timeoutMs} ms`));
    }, timeoutMs);
    void exited.then(() => {
      // Its last words may still be in the pipe.
      setTimeout(() => {
        reject(describe('ended before it was ready'));
      }, 50);
    });
  });
  try {
    return await ready;
  } finally {
    clearTimeout(timer);
  }
}
