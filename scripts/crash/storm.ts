import { setTimeout as sleep } from 'node:timers/promises';
import { killAndRestart, type CrashScene } from './crash-scene.js';
import type { CrashingWorker } from './crashing-worker.js';
import { EXCHANGE_FAULTS, type ExchangeFault, type FaultGroup } from './fault-menu.js';
import type { RandomChoice } from './random-choice.js';

/** One thing that happens in a storm. */
interface Blow {
  readonly name: string;
  readonly group: FaultGroup;
  strike(scene: CrashScene, random: RandomChoice): Promise<void>;
}

/** Most of what runs trades on the first exchange. */
const SECOND_SHARE = 0.35;
const PAUSE_MS = { least: 300, most: 4_000 } as const;

/**
 * Blow after blow until the time is over: worker processes killed and frozen, server and exchange killed, and every
 * trouble an exchange can make, which may overlap. Each blow draws from choices of its own, so that a run that leaves
 * groups out repeats the others.
 */
export async function storm(scene: CrashScene, untilMs: number, groups: ReadonlySet<FaultGroup>): Promise<void> {
  const ends: Promise<void>[] = [];
  for (let count = 1; Date.now() < untilMs; count += 1) {
    const random = scene.random.fork();
    await sleep(random.between(PAUSE_MS.least, PAUSE_MS.most));
    const blow = random.of(BLOWS);
    if (!groups.has(blow.group)) continue;
    scene.say(`blow ${count}: ${blow.name}`);
    scene.tally.struck(blow.group);
    if (blow.group === 'workers' || blow.group === 'restarts') await blow.strike(scene, random);
    else ends.push(blow.strike(scene, random));
  }
  await Promise.all(ends);
  scene.say(`the storm is over`);
}

const WORKER_BLOWS: readonly Blow[] = [
  blow('workers', 'worker killed', (scene, random) => killed(scene, scene.worker, downMs(random))),
  blow('workers', 'second worker killed', (scene, random) => killed(scene, scene.standby, downMs(random))),
  blow('workers', 'both workers killed', async (scene, random) => {
    await Promise.all([killed(scene, scene.worker, downMs(random)), killed(scene, scene.standby, downMs(random))]);
  }),
  blow('workers', 'worker frozen', (scene, random) => frozen(scene.worker, random)),
  blow('workers', 'second worker frozen', (scene, random) => frozen(scene.standby, random)),
];

const RESTART_BLOWS: readonly Blow[] = [
  blow('restarts', 'server killed', (scene, random) => killAndRestart(scene, 'temporal', downMs(random))),
  blow('restarts', 'exchange killed', (scene, random) => killAndRestart(scene, 'paper', exchangeDownMs(random))),
  blow('restarts', 'second exchange killed', (scene, random) => killAndRestart(scene, 'second paper', exchangeDownMs(random))),
];

/** Deaths of processes are as likely together as all troubles of the exchange. */
const BLOWS: readonly Blow[] = [
  ...WORKER_BLOWS,
  ...WORKER_BLOWS,
  ...RESTART_BLOWS,
  ...RESTART_BLOWS,
  ...EXCHANGE_FAULTS.map((fault) => blow(fault.group, fault.name, (scene, random) => troubled(scene, fault, random))),
];

function blow(group: FaultGroup, name: string, strike: Blow['strike']): Blow {
  return { name, group, strike };
}

/** Sometimes longer than the timeouts of lease and sessions. */
function downMs(random: RandomChoice): number {
  return random.chance(0.25) ? random.between(6_000, 13_000) : random.between(0, 2_000);
}

function exchangeDownMs(random: RandomChoice): number {
  return random.chance(0.2) ? random.between(3_000, 8_000) : random.between(0, 1_500);
}

async function killed(scene: CrashScene, worker: CrashingWorker, forMs: number): Promise<void> {
  await worker.kill();
  scene.tally.killed('worker');
  await sleep(forMs);
  await worker.launch();
}

/** Up to past the lease, so that another process may own the account when it goes on. */
async function frozen(worker: CrashingWorker, random: RandomChoice): Promise<void> {
  worker.signal('SIGSTOP');
  await sleep(random.between(500, 9_000));
  worker.signal('SIGCONT');
}

/** An exchange that is down has no trouble of its own, and a restarted one has forgotten what it was told to do. */
async function troubled(scene: CrashScene, fault: ExchangeFault, random: RandomChoice): Promise<void> {
  const forMs = random.between(1_000, 8_000);
  try {
    const end = await fault.begin(random.chance(SECOND_SHARE) ? scene.second.paper : scene.paper, random);
    await sleep(forMs);
    await end();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
