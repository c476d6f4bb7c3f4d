import { describe, expect, it } from 'vitest';
import { parseBenchOptions } from '../../bench/bench-options.js';
import { exitCode, table } from '../../bench/bench-report.js';
import { judge, type Bar, type Figure } from '../../bench/figure.js';
import { ROWS } from '../../bench/rows/index.js';
import { median, percentile } from '../../bench/statistics.js';

function figure(ours: number, bare: number | null, bar: Bar | null): Figure {
  return { name: 'row.figure', unit: 'ms', ours, bare, bar, samples: 3, note: 'a note' };
}

describe('a bar', () => {
  it.each([
    { bar: { kind: 'ratioAtMost', limit: 1.5 }, met: [15, 10], missed: [16, 10] },
    { bar: { kind: 'ratioAtLeast', limit: 0.5 }, met: [5, 10], missed: [4, 10] },
    { bar: { kind: 'differenceAtMost', limit: 50 }, met: [60, 10], missed: [61, 10] },
    { bar: { kind: 'atMost', limit: 50 }, met: [50, null], missed: [51, null] },
  ] as const)('of kind $bar.kind is met up to its limit and missed beyond', ({ bar, met, missed }) => {
    expect(judge(figure(met[0], met[1], bar)).met).toBe(true);
    expect(judge(figure(missed[0], missed[1], bar)).met).toBe(false);
  });

  it('is none for a figure that is only reported', () => {
    expect(judge(figure(7, null, null))).toMatchObject({ met: null, compared: null });
  });

  it('that compares needs something to compare with', () => {
    expect(() => judge(figure(7, null, { kind: 'ratioAtMost', limit: 2 }))).toThrow('row.figure: a bar of kind ratioAtMost needs a bare side');
  });
});

describe('the report', () => {
  it('shows both sides, the bar and whether it is met', () => {
    const text = table([judge(figure(16, 10, { kind: 'ratioAtMost', limit: 1.5 })), judge(figure(7, null, null))]);
    expect(text).toMatch(/row\.figure +16\.00 ms +10\.00 ms +1\.60x +at most 1\.5x +MISSED +3 +a note/);
    expect(text).toMatch(/row\.figure +7\.00 ms +- +- +reported/);
  });

  it('fails for a missed bar and for a row without figures', () => {
    expect(exitCode({ missed: [], failed: [] })).toBe(0);
    expect(exitCode({ missed: ['row.figure'], failed: [] })).toBe(1);
    expect(exitCode({ missed: [], failed: [{ row: 'row', error: 'no stack' }] })).toBe(1);
  });
});

describe('statistics', () => {
  it('are of the sorted samples, by nearest rank', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(percentile(Array.from({ length: 300 }, (_, index) => index + 1), 0.99)).toBe(297);
    expect(() => percentile([], 0.5)).toThrow('no samples');
  });
});

describe('the command line', () => {
  const rows = ROWS.map(({ id }) => id);

  it('runs every row without a choice, and the chosen ones in the order of the table', () => {
    expect(parseBenchOptions([], rows).rows).toEqual(rows);
    expect(parseBenchOptions(['--only', 'cold-start,stop-reaction'], rows).rows).toEqual(['stop-reaction', 'cold-start']);
  });

  it('takes other limits and another file', () => {
    const options = parseBenchOptions(['--quick', '--json', 'x.json', '--limit', 'recovery.sigkill=20'], rows);
    expect(options).toMatchObject({ quick: true, jsonFile: 'x.json' });
    expect([...options.limits]).toEqual([['recovery.sigkill', 20]]);
  });

  it.each([
    { args: ['--only', 'nothing'], says: '--only nothing: must be one of stop-reaction' },
    { args: ['--limit', 'recovery.sigkill'], says: '--limit recovery.sigkill: must be FIGURE=NUMBER' },
    { args: ['--limit', 'recovery.sigkill=soon'], says: '--limit recovery.sigkill=soon: must be FIGURE=NUMBER' },
  ])('refuses $args', ({ args, says }) => {
    expect(() => parseBenchOptions(args, rows)).toThrow(says);
  });
});
