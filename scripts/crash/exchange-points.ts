import type { FaultInput } from '../../src/paper/control/schemas.js';
import { holdsWithin, killAndRestart, putOut, type BaitStop, type CrashScene } from './crash-scene.js';
import type { Bait } from './random-executors.js';

interface ExchangePoint {
  readonly name: string;
  faultAt(route: string): FaultInput;
  readonly bait: Bait;
  readonly stop: BaitStop;
  /** Kill the exchange while it holds the request back; `after` waits until its ledger has the order. */
  readonly kill: 'no' | 'before commit' | 'after commit';
}

const REACH_MS = 25_000;
const HELD_MS = 1_500;
const TRIES = 3;

const POINTS: readonly ExchangePoint[] = [
  { name: 'order-answer-lost', faultAt: (route) => ({ kind: 'drop-after-commit', method: 'POST', route }), bait: 'quick order', stop: null, kill: 'no' },
  { name: 'cancel-answer-lost', faultAt: (route) => ({ kind: 'drop-after-commit', method: 'DELETE', route }), bait: 'resting order', stop: 'when it rests', kill: 'no' },
  { name: 'exchange-killed-before-commit', faultAt: (route) => ({ kind: 'delay-before-commit', delayMs: HELD_MS, method: 'POST', route }), bait: 'quick order', stop: null, kill: 'before commit' },
  { name: 'exchange-killed-after-commit', faultAt: (route) => ({ kind: 'delay-after-commit', delayMs: HELD_MS, method: 'POST', route }), bait: 'quick order', stop: null, kill: 'after commit' },
];

/** Loses answers, and the exchange itself, on either side of its commit. */
export async function crashAtExchangePoints(scene: CrashScene, rounds: number): Promise<void> {
  scene.tally.due(POINTS.map(({ name }) => name));
  for (let round = 0; round < rounds; round += 1) {
    for (const point of scene.random.shuffled(POINTS)) {
      let struck = false;
      for (let attempt = 1; attempt <= TRIES && !struck; attempt += 1) struck = await strike(scene, point);
      if (struck) scene.tally.hit(point.name);
      scene.say(`${struck ? 'reached' : 'did not reach'} ${point.name}`);
    }
  }
}

async function strike(scene: CrashScene, point: ExchangePoint): Promise<boolean> {
  const { paper } = scene;
  const traded = scene.executors.anyPair();
  const { id } = await paper.armFault(point.faultAt(traded.orderRoute));
  const { lastEventSequence } = await paper.status();
  await putOut(scene, point.bait, point.stop, traded);
  const struck = await holdsWithin(REACH_MS, async () => (await paper.faults()).some((fault) => fault.id === id && fault.hits > 0));
  const ordered = async (): Promise<boolean> => (await paper.events({ kind: 'order-new', after: lastEventSequence })).events.length > 0;
  const reached = struck && (point.kill !== 'after commit' || (await holdsWithin(HELD_MS, ordered)));
  if (point.kill === 'no' || !reached) {
    await paper.clearFault(id);
    return reached;
  }
  await killAndRestart(scene, 'paper', scene.random.between(100, 1_500));
  return true;
}
