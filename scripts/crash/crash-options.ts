import { parseArgs } from 'node:util';

export interface CrashOptions {
  readonly seed: number;
  /** Executors to start at random moments; the named points start those that they need beside them. */
  readonly executors: number;
  /** Kills at random moments beside the named points. */
  readonly randomKills: number;
  /** Keeps databases and logs here; undefined: a temporary folder that a run without differences removes. */
  readonly directory: string | undefined;
}

const LARGEST_SEED = 4_294_967_295;
const MOST_EXECUTORS = 2_000;
const DEFAULT_EXECUTORS = 60;

export const CRASH_USAGE = [
  'npm run crash -- [--seed N] [--executors K] [--kills M] [--data DIR]',
  '',
  '  --seed N       repeats the choices of an earlier run; default: a new one, printed first',
  `  --executors K  executors started at random, beside those the points need, default ${DEFAULT_EXECUTORS}`,
  '  --kills M      kills at random moments beside the named points, default K / 4',
  '  --data DIR     keep databases and logs in DIR',
].join('\n');

/** Throws an Error that names the flag, its value and the rule. */
export function parseCrashOptions(args: readonly string[]): CrashOptions {
  const flag = { type: 'string' } as const;
  const { seed, executors, kills, data } = parseArgs({ args: [...args], options: { seed: flag, executors: flag, kills: flag, data: flag } }).values;
  const count = executors === undefined ? DEFAULT_EXECUTORS : wholeNumber('--executors', executors, 1, MOST_EXECUTORS);
  return {
    seed: seed === undefined ? Math.floor(Math.random() * LARGEST_SEED) : wholeNumber('--seed', seed, 0, LARGEST_SEED),
    executors: count,
    randomKills: kills === undefined ? Math.ceil(count / 4) : wholeNumber('--kills', kills, 0, MOST_EXECUTORS),
    directory: data,
  };
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number < least || number > most) throw new Error(`${flag} ${text}: must be a whole number from ${least} to ${most}`);
  return number;
}
