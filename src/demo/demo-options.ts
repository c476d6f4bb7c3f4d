import { parseArgs } from 'node:util';
import { TWO_EXCHANGE_DEMOS, type TwoExchangeDemo } from './two-exchange-executors.js';

export interface DemoOptions {
  /** End by itself after the reports. */
  readonly exit: boolean;
  /** Standard output carries the reports alone, as a JSON array. */
  readonly json: boolean;
  /** Folder with recordings; undefined: chosen by what there is. */
  readonly directory: string | undefined;
  /** Seed of a synthetic market, which goes before everything else; undefined: chosen by what there is. */
  readonly seed: number | undefined;
  /** What to trade on two exchanges in place of the executors of one; empty: those of one. */
  readonly twoExchanges: readonly TwoExchangeDemo[];
  readonly help: boolean;
}

const LARGEST_SEED = 4_294_967_295;

export const DEMO_USAGE = [
  'npm run demo [-- FLAGS]',
  '',
  '  --exit       end by itself after the reports',
  '  --json       print the reports alone, as a JSON array, to standard output; implies --exit',
  '  --data DIR   prices from the recordings in DIR (files *.jsonl.gz)',
  '  --seed N     prices from a synthetic market with this seed',
  '  --xemm       on two paper exchanges: quotes on one, hedges on the other',
  '  --arbitrage  on two paper exchanges: buys on one, sells on the other; may go with --xemm',
  '  --help       this text',
].join('\n');

/** Throws an Error that names the flag, its value and the rule. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const { exit = false, json = false, data, seed, help = false, ...demos } = flags(args);
  if (data !== undefined && seed !== undefined) throw new Error(`--seed ${seed}: cannot go with --data ${data}; prices come from one place`);
  if (data === '') throw new Error('--data: must name a folder');
  return { exit: exit || json, json, directory: data, seed: seed === undefined ? undefined : readSeed(seed), twoExchanges: TWO_EXCHANGE_DEMOS.filter((demo) => demos[demo] === true), help };
}

interface Flags {
  readonly exit?: boolean;
  readonly json?: boolean;
  readonly help?: boolean;
  readonly xemm?: boolean;
  readonly arbitrage?: boolean;
  readonly data?: string;
  readonly seed?: string;
}

function flags(args: readonly string[]): Flags {
  const known = {
    exit: { type: 'boolean' },
    json: { type: 'boolean' },
    data: { type: 'string' },
    seed: { type: 'string' },
    xemm: { type: 'boolean' },
    arbitrage: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: false }).values;
  } catch (error) {
    // Node's message names the flag; its hint about positional arguments would mislead here.
    const reason = (error instanceof Error ? error.message : String(error)).split('. ')[0] ?? '';
    throw new Error(`${reason}. Flags: ${Object.keys(known).map((name) => `--${name}`).join(', ')}`, { cause: error });
  }
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d{1,10}$/.test(text) || seed > LARGEST_SEED) throw new Error(`--seed ${text}: must be a whole number from 0 to ${LARGEST_SEED}`);
  return seed;
}
