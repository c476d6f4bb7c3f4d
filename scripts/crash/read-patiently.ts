import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const RETRY_MS = 500;

/** Reads until an answer comes: a server that is busy with all that was restarted takes its time. Throws the last failure when none does. */
export async function readPatiently<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}
