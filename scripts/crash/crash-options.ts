import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ExecutorType } from '../../src/contract/executor-config.js';
import { LIMITS } from '../../src/domain/limits.js';
import { holdsRecordings } from '../../src/stack/price-feed.js';
import { FAULT_GROUPS, type FaultGroup } from './fault-menu.js';

export interface CrashOptions {
  readonly seed: number;
  /** Executors to start at random moments; the named points start those that they need beside them. */
  readonly executors: number;
  /** Kills at random moments beside the named points. */
  readonly randomKills: number;
  /** Length of the storm, in minutes; null: named points and random kills alone. */
  readonly minutes: number | null;
  /** What the storm is made of. */
  readonly faults: readonly FaultGroup[];
  /** Types of the executors that are started at random; one that stands here twice is drawn twice as often. */
  readonly types: readonly ExecutorType[];
  /** Levels of every grid; null: as many as a small budget pays. */
  readonly gridLevels: number | null;
  /** Folder with recorded market data to trade on; null: random walks. */
  readonly recordings: string | null;
  /** Keeps databases and logs here; undefined: a temporary folder that a run without differences removes. */
  readonly directory: string | undefined;
}

const LARGEST_SEED = 4_294_967_295;
const MOST_EXECUTORS = 2_000;
const MOST_MINUTES = 1_440;
const DEFAULT_EXECUTORS = 60;
/** Positions have the most to lose, so they are drawn the most. */
export const ALL_TYPES: readonly ExecutorType[] = ['position_executor', 'position_executor', 'position_executor', 'order_executor', 'order_executor', 'twap_executor', 'dca_executor', 'grid_executor', 'xemm_executor', 'arbitrage_executor'];

export const CRASH_USAGE = [
  'npm run crash -- [--seed N] [--executors K] [--kills M] [--minutes T] [--faults GROUPS] [--types TYPES] [--levels N] [--recorded DIR] [--data DIR]',
  '',
  '  --seed N       repeats the choices of an earlier run; default: a new one, printed first',
  `  --executors K  executors started at random, beside those the points need, default ${DEFAULT_EXECUTORS}`,
  '  --kills M      kills at random moments beside the named points, default K / 4',
  '  --minutes T    instead of random kills a storm of T minutes in which K executors run at any time, on two workers',
  `  --faults LIST  what the storm is made of, of ${FAULT_GROUPS.join(', ')}; default all`,
  '  --types LIST   types of the random executors, of order, position, twap, dca, grid, xemm, arbitrage; default all',
  '  --levels N     levels of every grid; default: as many as a small budget pays',
  '  --recorded DIR trade spot on the recorded market data in DIR, twenty times as fast; default: random walks, spot and perpetual',
  '  --data DIR     keep databases and logs in DIR',
].join('\n');

/** Throws an Error that names the flag, its value and the rule. */
export function parseCrashOptions(args: readonly string[]): CrashOptions {
  const flag = { type: 'string' } as const;
  const options = { seed: flag, executors: flag, kills: flag, minutes: flag, faults: flag, types: flag, levels: flag, recorded: flag, data: flag };
  const { seed, executors, kills, minutes, faults, types, levels, recorded, data } = parseArgs({ args: [...args], options }).values;
  const count = executors === undefined ? DEFAULT_EXECUTORS : wholeNumber('--executors', executors, 1, MOST_EXECUTORS);
  return {
    seed: seed === undefined ? Math.floor(Math.random() * LARGEST_SEED) : wholeNumber('--seed', seed, 0, LARGEST_SEED),
    executors: count,
    randomKills: kills === undefined ? Math.ceil(count / 4) : wholeNumber('--kills', kills, 0, MOST_EXECUTORS),
    minutes: minutes === undefined ? null : wholeNumber('--minutes', minutes, 1, MOST_MINUTES),
    faults: faultGroups(faults ?? 'all'),
    types: types === undefined ? ALL_TYPES : executorTypes(types),
    gridLevels: levels === undefined ? null : wholeNumber('--levels', levels, 1, LIMITS.maxGridLevels),
    recordings: recorded === undefined ? null : recordingsIn(recorded),
    directory: data,
  };
}

function recordingsIn(folder: string): string {
  if (!holdsRecordings(resolve(folder))) throw new Error(`--recorded ${folder}: must be a folder with recorded market data`);
  return resolve(folder);
}

function executorTypes(text: string): readonly ExecutorType[] {
  return text.split(',').map((name) => {
    const type = ALL_TYPES.find((known) => known === `${name.trim()}_executor`);
    if (type === undefined) throw new Error(`--types ${text}: must be some of ${[...new Set(ALL_TYPES)].map((known) => known.replace('_executor', '')).join(', ')}`);
    return type;
  });
}

function faultGroups(text: string): readonly FaultGroup[] {
  if (text === 'all') return FAULT_GROUPS;
  return text.split(',').map((name) => {
    const group = FAULT_GROUPS.find((known) => known === name.trim());
    if (group === undefined) throw new Error(`--faults ${text}: must be all, or some of ${FAULT_GROUPS.join(', ')}`);
    return group;
  });
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number < least || number > most) throw new Error(`${flag} ${text}: must be a whole number from ${least} to ${most}`);
  return number;
}
