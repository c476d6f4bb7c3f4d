import { setTimeout as sleep } from 'node:timers/promises';
import { holdsWithin, killAndRestart, putOut, type CrashScene } from './crash-scene.js';

const REACH_MS = 25_000;

const POINTS = ['server-killed-while-armed', 'server-killed-at-close', 'everything-killed'] as const;

/** Loses the Temporal server while stops are armed, while results are on their way, and together with all the rest. */
export async function crashAtServerPoints(scene: CrashScene, rounds: number): Promise<void> {
  scene.tally.due(POINTS);
  for (let round = 0; round < rounds; round += 1) {
    await whileArmed(scene, round);
    await atClose(scene);
    await everything(scene);
  }
}

async function whileArmed(scene: CrashScene, round: number): Promise<void> {
  const id = await putOut(scene, 'armed position', 20_000);
  const armed = await holdsWithin(REACH_MS, async () => (await scene.client.report(id))?.is_trading === true);
  if (!armed) return scene.say('no position was armed in time');
  // Every second outage is longer than the heartbeat timeout of sessions and of the lease.
  await killAndRestart(scene, 'temporal', round % 2 === 0 ? scene.random.between(200, 2_000) : scene.random.between(11_000, 14_000));
  reached(scene, 'server-killed-while-armed');
}

/** The exchange has traded, so the session is about to answer its workflow. */
async function atClose(scene: CrashScene): Promise<void> {
  const { lastEventSequence } = await scene.paper.status();
  await putOut(scene, 'quick order');
  const traded = await holdsWithin(REACH_MS, async () => (await scene.paper.events({ kind: 'order-trade', after: lastEventSequence })).events.length > 0);
  if (!traded) return scene.say('nothing traded in time');
  await killAndRestart(scene, 'temporal', scene.random.between(200, 2_000));
  reached(scene, 'server-killed-at-close');
}

/** A power cut: all three at once, and back in the order a supervisor starts them. */
async function everything(scene: CrashScene): Promise<void> {
  await putOut(scene, 'armed position', 15_000);
  await putOut(scene, 'quick order');
  await sleep(scene.random.between(0, 400));
  await Promise.all([scene.worker.kill(), scene.server.kill(), scene.exchange.kill()]);
  for (const target of ['worker', 'temporal', 'paper'] as const) scene.tally.killed(target);
  await sleep(scene.random.between(0, 1_000));
  await Promise.all([scene.server.restart(), scene.exchange.restart()]);
  await scene.worker.launch();
  reached(scene, 'everything-killed');
}

function reached(scene: CrashScene, point: (typeof POINTS)[number]): void {
  scene.tally.hit(point);
  scene.say(`reached ${point}`);
}
