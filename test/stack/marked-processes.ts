import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Name of an environment variable that every process of one run inherits, however far down it is started. */
export const MARKER_VARIABLE = 'RUN_MARKER';

/** Command lines of the living processes that carry the marker, with their ids in front. */
export function markedProcesses(marker: string): string[] {
  const lines = execFileSync('ps', ['axeww', '-o', 'pid=,stat=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return lines
    .split('\n')
    .filter((line) => line.includes(`${MARKER_VARIABLE}=${marker}`) && !/^\s*\d+\s+Z/.test(line))
    .map((line) => line.trim().slice(0, 160));
}

/** Resolves when a marked process has `part` in its command line; throws after the bound. */
export async function waitForMarked(marker: string, part: string, timeoutMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(100)) {
    if (markedProcesses(marker).some((line) => line.includes(part))) return;
  }
  throw new Error(`no marked process with ${part} within ${timeoutMs} ms: ${markedProcesses(marker).join('\n')}`);
}

/** Resolves when no marked process is left; throws, naming those that are, after the bound. */
export async function waitUntilNoneMarked(marker: string, timeoutMs = 20_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(100)) {
    if (markedProcesses(marker).length === 0) return;
  }
  throw new Error(`still running after ${timeoutMs} ms:\n${markedProcesses(marker).join('\n')}`);
}
