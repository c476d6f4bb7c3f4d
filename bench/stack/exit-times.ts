import { setTimeout as sleep } from 'node:timers/promises';
import type { Timing } from '../../src/paper/control-client.js';
import type { BARE, BenchStack, OURS } from './bench-stack.js';
import { until } from './until.js';

/** Unix ms by the exchange's clock. */
export interface ExitTime {
  readonly frameAtMs: number;
  readonly acceptedAtMs: number;
}

/** Looking costs the exchange time too: the first look is late enough for one order to be over. */
const FIRST_LOOK_MS = 25;
const LONGEST_MS = 180_000;

/** The sales of one account after the first frame of its pair that was noted. The exchange must have begun to note times. */
export async function exitsSold(bench: BenchStack, side: typeof OURS | typeof BARE, count: number): Promise<ExitTime[]> {
  const seen: Timing[] = [];
  await sleep(FIRST_LOOK_MS * (1 + Math.min(20, count / 10)));
  return until(`${count} exits of ${side.account} are accepted`, LONGEST_MS, async () => {
    bench.bare.is(true);
    seen.push(...(await bench.paper.takeTimes()));
    const frame = seen.find((timing) => timing.kind === 'frame' && timing.symbol === side.symbol);
    const sales = seen.filter((timing) => timing.kind === 'accepted' && timing.account === side.account && timing.side === 'sell');
    if (frame === undefined || sales.length < count) return undefined;
    return sales.map((sale) => ({ frameAtMs: frame.atMs, acceptedAtMs: sale.atMs }));
  });
}

export function exitsAfter(times: readonly ExitTime[]): number[] {
  return times.map(({ frameAtMs, acceptedAtMs }) => acceptedAtMs - frameAtMs);
}
