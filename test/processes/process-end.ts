import { setTimeout as sleep } from 'node:timers/promises';

/** True while the process exists and is not merely waiting to be collected by its parent. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the process is gone; throws when it still exists after the bound. */
export async function waitUntilGone(pid: number, timeoutMs = 15_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50)) {
    if (!isAlive(pid)) return;
  }
  throw new Error(`process ${pid} still exists after ${timeoutMs} ms`);
}
