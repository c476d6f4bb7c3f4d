import { setTimeout as sleep } from 'node:timers/promises';
import { CRASH_POINTS, type CrashPoint } from '../../activities/crash-points.js';
import { putOut, type BaitStop, type CrashScene } from './crash-scene.js';
import type { Bait } from './random-executors.js';

interface PointBait {
  readonly bait: Bait;
  readonly stop: BaitStop;
}

const BAITS: Readonly<Record<CrashPoint, PointBait>> = {
  'before-send': { bait: 'quick order', stop: null },
  'after-commit': { bait: 'quick order', stop: null },
  'during-cancel': { bait: 'resting order', stop: 'when it rests' },
  'before-heartbeat': { bait: 'resting order', stop: 20_000 },
  'while-armed': { bait: 'armed position', stop: 15_000 },
  'between-exit-and-entry': { bait: 'armed position', stop: 10_000 },
  'after-return': { bait: 'quick order', stop: null },
  'during-record-close': { bait: 'quick order', stop: null },
};

/** A worker that was just killed gets its account back after the lease ran out, and then has to reach the point. */
const REACH_MS = 25_000;
const TRIES = 3;

/**
 * Lets the worker end itself at every point in turn. Each restart is armed for the next point already, so what the last
 * crash left behind is picked up by a process that crashes again.
 */
export async function crashAtWorkerPoints(scene: CrashScene, rounds: number): Promise<void> {
  const points = Array.from({ length: rounds }, () => scene.random.shuffled(CRASH_POINTS)).flat();
  scene.tally.due(CRASH_POINTS);
  for (const point of points) await crashAt(scene, point, rounds === 1 ? 1 : scene.random.whole(1, 2));
  await scene.worker.launch();
}

async function crashAt(scene: CrashScene, point: CrashPoint, count: number): Promise<void> {
  const { ended } = await scene.worker.launch(point, count);
  let over = false;
  void ended.then(() => (over = true));
  const { bait, stop } = BAITS[point];
  for (let attempt = 1; attempt <= TRIES && !over; attempt += 1) {
    for (let started = 0; started < count && !over; started += 1) await putOut(scene, bait, stop);
    await Promise.race([ended, sleep(REACH_MS)]);
  }
  if (over) {
    scene.tally.hit(point);
    scene.say(`worker ended itself at ${point}`);
  } else {
    scene.say(`worker did not reach ${point}`);
    await scene.worker.kill();
  }
  scene.tally.killed('worker');
  await sleep(scene.random.between(0, 800));
}
