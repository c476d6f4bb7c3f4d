import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PROJECT_ROOT } from '../processes/program-command.js';

/** Where the paper exchange takes its prices from. */
export type PriceFeed =
  | { readonly kind: 'recorded'; readonly directory: string }
  /** Public prices of a real exchange, by its ccxt name. */
  | { readonly kind: 'live'; readonly exchange: string }
  | { readonly kind: 'synthetic'; readonly seed: number };

export interface ChosenFeed {
  readonly feed: PriceFeed;
  /** One sentence for the person who started it. */
  readonly sentence: string;
}

export interface PriceFeedOptions {
  /** A folder named by the user; it must hold recordings. */
  readonly directory?: string;
  readonly seed?: number;
  /** Where recordings lie when none were named. */
  readonly defaultDirectory?: string;
  /** Tells which exchange's public prices can be reached, if any. */
  readonly findReachableExchange?: () => Promise<string | undefined>;
}

const RECORDING_SUFFIX = '.jsonl.gz';
const REACH_TIMEOUT_MS = 2_000;
const DEFAULT_SEED = 1;

/** Exchanges whose public prices can stand in, in order of preference, with a small public address of each. */
const LIVE_SOURCES: readonly (readonly [exchange: string, address: string])[] = [
  ['binance', 'https://api.binance.com/api/v3/ping'],
  ['kraken', 'https://api.kraken.com/0/public/Time'],
  ['coinbase', 'https://api.coinbase.com/v2/time'],
];

/**
 * Chooses the prices: the named folder; else the recordings beside the project; else live public prices when a real
 * exchange answers within two seconds; else a seeded synthetic market. Throws when a named folder holds no recording.
 */
export async function choosePriceFeed(options: PriceFeedOptions = {}): Promise<ChosenFeed> {
  if (options.directory !== undefined) {
    const directory = resolve(options.directory);
    if (!holdsRecordings(directory)) {
      throw new Error(`--data ${options.directory}: must be a folder with recorded market data (files *${RECORDING_SUFFIX})`);
    }
    return recorded(directory);
  }
  const beside = options.defaultDirectory ?? resolve(PROJECT_ROOT, '..', 'shared', 'market-data');
  if (holdsRecordings(beside)) return recorded(beside);
  const exchange = await (options.findReachableExchange ?? findReachableExchange)();
  if (exchange !== undefined) {
    return { feed: { kind: 'live', exchange }, sentence: `Prices: live public prices of ${exchange}.` };
  }
  const seed = options.seed ?? DEFAULT_SEED;
  return {
    feed: { kind: 'synthetic', seed },
    sentence: `Prices: a synthetic market with seed ${seed} (no recordings, and no exchange answered within two seconds).`,
  };
}

function recorded(directory: string): ChosenFeed {
  return { feed: { kind: 'recorded', directory }, sentence: `Prices: recorded market data from ${directory}.` };
}

/** Whether recorded market data lies in the folder. */
export function holdsRecordings(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).some((name) => join(directory, name).endsWith(RECORDING_SUFFIX));
}

/** Asks all at once; the first in order of preference that answers within the bound. */
async function findReachableExchange(): Promise<string | undefined> {
  const signal = AbortSignal.timeout(REACH_TIMEOUT_MS);
  const answers = await Promise.all(
    LIVE_SOURCES.map(async ([, address]) => {
      try {
        return (await fetch(address, { signal })).ok;
      } catch {
        return false;
      }
    }),
  );
  const index = answers.indexOf(true);
  return LIVE_SOURCES[index]?.[0];
}
