import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL_TYPES, parseCrashOptions } from '../../scripts/crash/crash-options.js';
import { FAULT_GROUPS } from '../../scripts/crash/fault-menu.js';
import { countsLine, crashReport, isSound } from '../../scripts/crash/crash-report.js';
import { CrashTally } from '../../scripts/crash/crash-tally.js';
import type { CrashResult } from '../../scripts/crash/run-crash.js';

const RECORDINGS = resolve(import.meta.dirname, '../../../shared/market-data');

function result(change: Partial<CrashResult> = {}): CrashResult {
  const tally = new CrashTally();
  tally.due(['one', 'two']);
  tally.hit('one');
  tally.hit('two');
  tally.killed('worker');
  tally.killed('worker');
  tally.killed('paper');
  return { audit: { executors: 3, orders: 5, fills: 7, differences: [] }, perpetuals: { executors: 1, fills: 2, fundingPayments: 1, liquidations: 0 }, twoMarkets: { executors: 2, tradedOnBoth: 1, handedOver: 1 }, tally, faults: [], ...change };
}

describe('a crash run', () => {
  it('is sound when nothing differs, and says so in its counts', () => {
    expect(isSound(result())).toBe(true);
    expect(countsLine(result())).toBe('executors=3 orders=5 fills=7 kills=3 points=2/2 faults=0 differences=0');
    expect(crashReport(result(), 4)).toEqual(['kills: worker 2, paper 1', 'point one: hit once', 'point two: hit once', 'perpetuals: executors 1, fills 2, funding payments 1, liquidations 0', 'two exchanges: executors 2, traded on both 1, handed over 1', 'seed 4: sound']);
  });

  it('is not sound with a difference, and names it', () => {
    const differing = result({ audit: { executors: 3, orders: 5, fills: 7, differences: [{ kind: 'overclosed', message: 'executor x' }] } });
    expect(isSound(differing)).toBe(false);
    expect(crashReport(differing, 4)).toContain('difference (overclosed): executor x');
    expect(countsLine(differing)).toMatch(/differences=1$/);
  });

  it('is not sound with a point that was not reached', () => {
    const missing = result();
    missing.tally.due(['three']);
    expect(isSound(missing)).toBe(false);
    expect(crashReport(missing, 4)).toContain('point three: MISSED');
    expect(countsLine(missing)).toContain('points=2/3');
  });

  it('is not sound with an executor that hangs', () => {
    const hung = result({ faults: ['executor x still runs'] });
    expect(isSound(hung)).toBe(false);
    expect(crashReport(hung, 4)).toContain('fault: executor x still runs');
  });
});

describe('its flags', () => {
  it('have defaults, and one seed for one run', () => {
    expect(parseCrashOptions(['--seed', '5', '--executors', '100'])).toEqual({ seed: 5, executors: 100, randomKills: 25, minutes: null, faults: FAULT_GROUPS, types: ALL_TYPES, gridLevels: null, recordings: null, directory: undefined });
    expect(parseCrashOptions([]).seed).not.toBe(parseCrashOptions([]).seed);
  });

  it('choose what a storm is made of', () => {
    expect(parseCrashOptions(['--minutes', '30', '--faults', 'workers, streams'])).toMatchObject({ minutes: 30, faults: ['workers', 'streams'] });
    expect(parseCrashOptions(['--types', 'twap, order']).types).toEqual(['twap_executor', 'order_executor']);
    expect(() => parseCrashOptions(['--types', 'martingale'])).toThrow('--types martingale: must be some of position, order, twap, dca, grid');
    expect(() => parseCrashOptions(['--faults', 'weather'])).toThrow('--faults weather: must be all, or some of workers,');
  });

  it('put grids of so many levels on recorded prices', () => {
    expect(parseCrashOptions(['--levels', '50', '--recorded', RECORDINGS])).toMatchObject({ gridLevels: 50, recordings: RECORDINGS });
    expect(() => parseCrashOptions(['--recorded', 'src'])).toThrow('--recorded src: must be a folder with recorded market data');
  });

  it.each([['--seed', '-1'], ['--levels', '0'], ['--levels', '1001'], ['--seed', '1.5'], ['--executors', '0'], ['--executors', 'many'], ['--kills', '1e9'], ['--minutes', '0']])('refuse %s %s', (flag, value) => {
    expect(() => parseCrashOptions([`${flag}=${value}`])).toThrow(`${flag} ${value}: must be a whole number`);
  });
});
