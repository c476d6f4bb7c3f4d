import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorClient } from '../../src/client/executor-client.js';
import type { TemporalClient } from '../../src/client/temporal-connection.js';
import { rootPrefix } from '../../src/exchanges/client-order-id.js';
import type { PaperControlClient } from '../../src/paper/control-client.js';
import type { Stack, StackProcess } from '../../src/stack/stack-options.js';
import type { CrashMarket } from './crash-market.js';
import type { CrashTally, KillTarget } from './crash-tally.js';
import type { CrashingWorker } from './crashing-worker.js';
import type { ExecutorFleet } from './executor-fleet.js';
import type { RandomChoice } from './random-choice.js';
import type { Bait, RandomExecutors } from './random-executors.js';
import type { TradedPair } from './traded-pairs.js';

/** The other side of what trades on two exchanges. */
export interface SecondExchange {
  readonly process: StackProcess;
  readonly paper: PaperControlClient;
  readonly market: CrashMarket;
}

/** All that a crash run plays with. */
export interface CrashScene {
  readonly stack: Stack;
  readonly server: StackProcess;
  readonly exchange: StackProcess;
  readonly second: SecondExchange;
  readonly worker: CrashingWorker;
  /** Waits for the lease of the first one, and the other way round; runs in a storm only. */
  readonly standby: CrashingWorker;
  readonly temporal: TemporalClient;
  readonly client: ExecutorClient;
  readonly paper: PaperControlClient;
  readonly market: CrashMarket;
  readonly fleet: ExecutorFleet;
  readonly executors: RandomExecutors;
  readonly random: RandomChoice;
  readonly tally: CrashTally;
  say(message: string): void;
}

/** When an executor that was put out is stopped: never, after a time, or once an order of it rests at the exchange. */
export type BaitStop = null | number | 'when it rests';

/** An account without an owner gets one within this. */
const REST_WITHIN_MS = 30_000;

/** Starts the executor that a point needs, and has it stopped if it would not end by itself. */
export async function putOut(scene: CrashScene, bait: Bait, stop: BaitStop = null, traded: TradedPair = scene.executors.anyPair()): Promise<string> {
  const config = scene.executors.bait(bait, traded);
  await scene.fleet.start(config);
  if (stop === null) return config.id;
  const prefix = rootPrefix(config.id, config.createdAtMs);
  const rests = async (): Promise<boolean> => (await scene.paper.orders({ state: 'new' })).some((order) => order.clientOrderId.startsWith(prefix));
  const due = stop === 'when it rests' ? holdsWithin(REST_WITHIN_MS, rests) : sleep(stop);
  scene.fleet.stopLater(config.id, due, { keep_position: scene.random.chance(0.3), reason: 'crash run' });
  return config.id;
}

/** Ends a process, leaves it down for a random while, and starts it again on its data. */
export async function killAndRestart(scene: CrashScene, target: Exclude<KillTarget, 'worker'>, downMs: number): Promise<void> {
  const process = { temporal: scene.server, paper: scene.exchange, 'second paper': scene.second.process }[target];
  await process.kill();
  scene.tally.killed(target);
  await sleep(downMs);
  await process.restart();
}

/** Until the condition holds; false when it does not within the bound. Reads that fail meanwhile count as "not yet". */
export async function holdsWithin(boundMs: number, condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + boundMs;
  for (;;) {
    if (await condition().catch(() => false)) return true;
    if (Date.now() > deadline) return false;
    await sleep(40);
  }
}
