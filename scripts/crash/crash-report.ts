import { perpetualLine } from './perpetual-tally.js';
import type { CrashResult } from './run-crash.js';
import { twoMarketLine } from './two-market-tally.js';

/** Whether the run showed what it is for: nothing differs, nothing hung or died by itself, every point was reached. */
export function isSound({ audit, tally, faults }: CrashResult): boolean {
  return audit.differences.length === 0 && faults.length === 0 && tally.missed.length === 0;
}

/** What happened, line by line; everything that keeps the run from being sound is in it. */
export function crashReport(result: CrashResult, seed: number): readonly string[] {
  return [
    ...result.tally.lines(),
    perpetualLine(result.perpetuals),
    twoMarketLine(result.twoMarkets),
    ...result.faults.map((fault) => `fault: ${fault}`),
    ...result.audit.differences.map(({ kind, message }) => `difference (${kind}): ${message}`),
    `seed ${seed}: ${isSound(result) ? 'sound' : 'NOT sound'}`,
  ];
}

/** The last line of a run. */
export function countsLine({ audit, tally, faults }: CrashResult): string {
  const reached = tally.pointCount - tally.missed.length;
  return `executors=${audit.executors} orders=${audit.orders} fills=${audit.fills} kills=${tally.killCount} points=${reached}/${tally.pointCount} faults=${faults.length} differences=${audit.differences.length}`;
}
