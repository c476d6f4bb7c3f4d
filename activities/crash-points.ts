import { writeSync } from 'node:fs';

/**
 * Moments at which losing the process is hardest to survive:
 * - before-send: an order is decided and not yet sent
 * - after-commit: the exchange has the order, and nothing here has written that down
 * - during-cancel: the exchange has answered a cancel, and nobody has heard it
 * - before-heartbeat: what the session did since its last heartbeat is not told
 * - while-armed: an exit waits for its price
 * - between-exit-and-entry: the exit of a position has started, its entry has not; or a hedge, and not what it hedges
 * - after-return: a session ended, and its workflow has not heard how
 * - during-record-close: the hold is with the controller, the report not yet in the archive
 */
export const CRASH_POINTS = [
  'before-send',
  'after-commit',
  'during-cancel',
  'before-heartbeat',
  'while-armed',
  'between-exit-and-entry',
  'after-return',
  'during-record-close',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** `after-commit:3` ends the process with SIGKILL when it passes that point for the third time. Nothing: no point does anything. */
export const CRASH_POINT_VARIABLE = 'CRASH_POINT';

/** Written to standard error by a process that ends at a point, with the point's name behind it. */
export const CRASH_NOTICE = 'crash point reached: ';

interface Armed {
  readonly point: CrashPoint;
  passesLeft: number;
}

const armed = armedPoint(process.env[CRASH_POINT_VARIABLE]);

/** Marks a moment. Costs a comparison unless the environment arms that very point. */
export function crashPoint(point: CrashPoint): void {
  if (armed === null || armed.point !== point) return;
  armed.passesLeft -= 1;
  if (armed.passesLeft > 0) return;
  writeSync(2, `${CRASH_NOTICE}${point}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** Throws for a name or number it does not know: a crash test that silently tests nothing would pass. */
export function armedPoint(text: string | undefined): Armed | null {
  if (text === undefined || text === '') return null;
  const [name = '', count = '1'] = text.split(':');
  const point = CRASH_POINTS.find((known) => known === name);
  if (point === undefined || !/^[1-9]\d{0,5}$/.test(count)) {
    throw new Error(`${CRASH_POINT_VARIABLE}: ${JSON.stringify(text)} must be one of ${CRASH_POINTS.join(', ')}, with ":count" behind it if it is not the first time`);
  }
  return { point, passesLeft: Number(count) };
}
