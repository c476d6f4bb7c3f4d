import { setTimeout as sleep } from 'node:timers/promises';
import { holdsWithin, killAndRestart, putOut, type CrashScene } from './crash-scene.js';

const REACH_MS = 25_000;
const TRIES = 3;

const POINTS = ['server-killed-while-armed', 'server-killed-at-close', 'everything-killed'] as const;

/** Loses the Temporal server while stops are armed, while results are on their way, and together with all the rest. */
export async function crashAtServerPoints(scene: CrashScene, rounds: number): Promise<void> {
  scene.tally.due(POINTS);
  for (let round = 0; round < rounds; round += 1) {
    await go(scene, 'server-killed-while-armed', () => whileArmed(scene, round));
    await go(scene, 'server-killed-at-close', () => atClose(scene));
    await go(scene, 'everything-killed', () => everything(scene));
  }
}

async function go(scene: CrashScene, point: (typeof POINTS)[number], strike: () => Promise<boolean>): Promise<void> {
  let struck = false;
  for (let attempt = 1; attempt <= TRIES && !struck; attempt += 1) struck = await strike();
  if (struck) scene.tally.hit(point);
  scene.say(`${struck ? 'reached' : 'did not reach'} ${point}`);
}

async function whileArmed(scene: CrashScene, round: number): Promise<boolean> {
  const id = await putOut(scene, 'armed position', 20_000);
  const armed = await holdsWithin(REACH_MS, async () => (await scene.client.report(id))?.is_trading === true);
  if (!armed) return false;
  // Every second outage is longer than the heartbeat timeout of sessions and of the lease.
  await killAndRestart(scene, 'temporal', round % 2 === 0 ? scene.random.between(200, 2_000) : scene.random.between(11_000, 14_000));
  return true;
}

/** The exchange has traded, so the session is about to answer its workflow. */
async function atClose(scene: CrashScene): Promise<boolean> {
  const { lastEventSequence } = await scene.paper.status();
  await putOut(scene, 'quick order');
  const traded = await holdsWithin(REACH_MS, async () => (await scene.paper.events({ kind: 'order-trade', after: lastEventSequence })).events.length > 0);
  if (!traded) return false;
  await killAndRestart(scene, 'temporal', scene.random.between(200, 2_000));
  return true;
}

/** A power cut: all at once, and back in the order a supervisor starts them. */
async function everything(scene: CrashScene): Promise<boolean> {
  await putOut(scene, 'armed position', 15_000);
  await putOut(scene, 'quick order');
  await sleep(scene.random.between(0, 400));
  await Promise.all([scene.worker.kill(), scene.server.kill(), scene.exchange.kill(), scene.second.process.kill()]);
  for (const target of ['worker', 'temporal', 'paper', 'second paper'] as const) scene.tally.killed(target);
  await sleep(scene.random.between(0, 1_000));
  await Promise.all([scene.server.restart(), scene.exchange.restart(), scene.second.process.restart()]);
  await scene.worker.launch();
  return true;
}
