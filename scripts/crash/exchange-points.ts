import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultInput } from '../../src/paper/control/schemas.js';
import { holdsWithin, putOut, type BaitStop, type CrashScene } from './crash-scene.js';
import type { Bait } from './random-executors.js';

interface ExchangePoint {
  readonly name: string;
  readonly fault: FaultInput;
  readonly bait: Bait;
  readonly stop: BaitStop;
  /** Kill the exchange while it holds the request back; `after` waits until its ledger has the order. */
  readonly kill: 'no' | 'before commit' | 'after commit';
}

const ORDER = '/api/v3/order';
const REACH_MS = 25_000;
const HELD_MS = 1_500;

const POINTS: readonly ExchangePoint[] = [
  { name: 'order-answer-lost', fault: { kind: 'drop-after-commit', method: 'POST', route: ORDER }, bait: 'quick order', stop: null, kill: 'no' },
  { name: 'cancel-answer-lost', fault: { kind: 'drop-after-commit', method: 'DELETE', route: ORDER }, bait: 'resting order', stop: 'when it rests', kill: 'no' },
  { name: 'exchange-killed-before-commit', fault: { kind: 'delay-before-commit', delayMs: HELD_MS, method: 'POST', route: ORDER }, bait: 'quick order', stop: null, kill: 'before commit' },
  { name: 'exchange-killed-after-commit', fault: { kind: 'delay-after-commit', delayMs: HELD_MS, method: 'POST', route: ORDER }, bait: 'quick order', stop: null, kill: 'after commit' },
];

/** Loses answers, and the exchange itself, on either side of its commit. */
export async function crashAtExchangePoints(scene: CrashScene, rounds: number): Promise<void> {
  scene.tally.due(POINTS.map(({ name }) => name));
  for (let round = 0; round < rounds; round += 1) {
    for (const point of scene.random.shuffled(POINTS)) await strike(scene, point);
  }
}

async function strike(scene: CrashScene, point: ExchangePoint): Promise<void> {
  const { paper } = scene;
  const { id } = await paper.armFault(point.fault);
  const struck = holdsWithin(REACH_MS, async () => (await paper.faults()).some((fault) => fault.id === id && fault.hits > 0));
  const ordersBefore = (await paper.status()).lastEventSequence;
  await putOut(scene, point.bait, point.stop);
  if (!(await struck)) return scene.say(`no request met ${point.name}`);
  if (point.kill !== 'no') {
    const committed = point.kill === 'before commit' || (await holdsWithin(HELD_MS, async () => (await paper.events({ kind: 'order-new', after: ordersBefore })).events.length > 0));
    if (!committed) return scene.say(`${point.name}: the order was not committed in time`);
    await scene.exchange.kill();
    scene.tally.killed('paper');
    await sleep(scene.random.between(100, 1_500));
    await scene.exchange.restart();
  } else await paper.clearFault(id);
  scene.tally.hit(point.name);
  scene.say(`reached ${point.name}`);
}
