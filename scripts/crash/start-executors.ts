import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashScene } from './crash-scene.js';

const LOOK_MS = 1_000;

/** Starts executors of every kind at random moments, beside those the points start; a third of them is stopped early. */
export async function startExecutors(scene: CrashScene, count: number, faults: { readonly over: boolean }): Promise<void> {
  const random = scene.random.fork();
  for (let started = 0; started < count; started += 1) {
    const config = scene.executors.any();
    await scene.fleet.start(config);
    if (random.chance(0.35)) scene.fleet.stopLater(config.id, sleep(random.between(100, 15_000)), { keep_position: random.chance(0.4), reason: 'crash run' });
    await sleep(faults.over ? 50 : random.between(200, 3_000));
  }
}

/** Keeps so many executors of every kind running until the faults are over; each is stopped some time. */
export async function keepExecutors(scene: CrashScene, count: number, faults: { readonly over: boolean }): Promise<void> {
  const random = scene.random.fork();
  while (!faults.over) {
    const running = await countRunning(scene);
    for (let missing = running === null ? 0 : Math.min(count - running, 5); missing > 0; missing -= 1) {
      const config = scene.executors.any();
      await scene.fleet.start(config);
      if (random.chance(0.3)) scene.fleet.amendLater(config.id, sleep(random.between(500, 8_000)), scene.executors.amendment(config));
      const due = random.chance(0.35) ? random.between(100, 15_000) : random.between(20_000, 90_000);
      scene.fleet.stopLater(config.id, sleep(due), { keep_position: random.chance(0.4), reason: 'crash run' });
    }
    await sleep(LOOK_MS);
  }
}

/** Null while the server does not tell. */
async function countRunning(scene: CrashScene): Promise<number | null> {
  try {
    return (await scene.temporal.client.workflow.count(`ExecutorRole = 'executor' AND ExecutionStatus = 'Running'`)).count;
  } catch {
    return null;
  }
}
