import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** The value once it is there (not undefined). Throws after the bound, naming what did not happen. */
export async function until<Value>(what: string, boundMs: number, read: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
  const deadline = Date.now() + boundMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what}: did not happen within ${boundMs} ms`);
    await sleep(POLL_MS);
  }
}

/** All of them, so many at a time, in order. */
export async function inParallel<Value>(count: number, atOnce: number, one: (index: number) => Promise<Value>): Promise<Value[]> {
  const values: Value[] = new Array<Value>(count);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) values[index] = await one(index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return values;
}
