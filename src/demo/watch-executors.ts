import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorApi } from './executor-api.js';
import type { ExecutorRow } from './executor-row.js';
import type { LiveScreen } from './live-screen.js';
import { progressLines } from './progress-lines.js';

const POLL_MS = 250;

export interface Watch {
  readonly api: ExecutorApi;
  readonly screen: LiveScreen;
  /** The first decides how long: when it is over, the others are stopped. */
  readonly ids: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Shows the executors until all are over; answers their last rows in the order of the ids. Throws when they are not over
 * within the time, and the abort's reason when it is interrupted.
 */
export async function watchExecutors({ api, screen, ids, timeoutMs, signal }: Watch): Promise<readonly ExecutorRow[]> {
  const deadline = Date.now() + timeoutMs;
  const stopped = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const rows = await Promise.all(ids.map(async (id) => await api.get(id)));
    const lines = rows.flatMap(progressLines);
    if (rows.every((row) => row.isOver)) {
      screen.end(lines, Date.now());
      return rows;
    }
    screen.show(lines, Date.now());
    if (Date.now() >= deadline) {
      const open = rows.filter((row) => !row.isOver).map((row) => `${row.id} is ${row.text('status')} (last error: ${row.text('last_error') || 'none'})`);
      throw new Error(`not over within ${Math.round(timeoutMs / 1000)} s: ${open.join('; ')}`);
    }
    if (rows[0]?.isOver === true) {
      for (const row of rows) {
        if (row.isOver || stopped.has(row.id)) continue;
        stopped.add(row.id);
        await api.stop(row.id);
      }
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}
