import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import { WATCH_QUEUE } from '../../src/contract/queues.js';
import type { SpreadEvidence, SpreadPlan, WatchActivities } from '../../src/contract/spread-watch.js';

const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' } as const;

/** Until the spread pays; `giveUp` ends the watch without an answer: null. */
export async function watchSpread(plan: SpreadPlan, giveUp: Promise<void>): Promise<SpreadEvidence | null> {
  const scope = new CancellationScope({ cancellable: true });
  const { watchSpread: watch } = proxyActivities<WatchActivities>({
    taskQueue: WATCH_QUEUE,
    // A spread may not come for years; the watch's pulse is its heartbeat.
    startToCloseTimeout: '3650 days',
    heartbeatTimeout: '10 seconds',
    retry: RETRY,
    cancellationType: 'TRY_CANCEL',
    summary: `spread of ${plan.amountBase} ${plan.buying.pair}, ${plan.buying.connector} to ${plan.selling.connector}`,
  });
  const watched = scope.run(() => watch(plan));
  // It sends nothing: nobody waits for its end.
  const ended = watched.catch((error: unknown) => {
    if (isCancellation(error)) return null;
    throw error;
  });
  const first = await Promise.race([ended, giveUp.then(() => null)]);
  if (first === null) scope.cancel();
  return first;
}

/** The prices of now; null while they are not known, or a book does not hold the amount. */
export async function readSpread(plan: SpreadPlan): Promise<SpreadEvidence | null> {
  const { readSpread: read } = proxyActivities<WatchActivities>({ taskQueue: WATCH_QUEUE, startToCloseTimeout: '5 seconds', scheduleToCloseTimeout: '10 seconds', retry: { ...RETRY, maximumAttempts: 3 }, summary: 'prices of both legs' });
  return read(plan).catch(() => null);
}
