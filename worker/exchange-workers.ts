import { Worker, type NativeConnection } from '@temporalio/worker';
import type { CommandActivities, SessionActivities } from '../src/contract/activities.js';
import type { PerpetualActivities } from '../src/contract/perpetual.js';
import { commandQueue, sessionQueue } from '../src/contract/queues.js';
import { LIMITS } from '../src/domain/limits.js';
import type { ExchangeWorkers, RunningWorkers } from '../src/ports/exchange-workers.js';

const COMMAND_SLOTS = 200;

/** Workers of an account's two queues; they exist only while this process holds the lease. */
export class AccountQueueWorkers implements ExchangeWorkers {
  constructor(private readonly connection: NativeConnection, private readonly namespace: string) {}

  async start(connector: string, account: string, maxSessions: number, activities: SessionActivities & CommandActivities & PerpetualActivities): Promise<RunningWorkers> {
    const { workOrder, commandSession, coverAmendment, readMarket, openContract, bookFunding } = activities;
    const shared = { connection: this.connection, namespace: this.namespace };
    const sessions = await Worker.create({
      ...shared,
      taskQueue: sessionQueue(connector, account),
      activities: { workOrder },
      // The default of 100 silently queues the 101st long activity.
      maxConcurrentActivityTaskExecutions: maxSessions,
      maxConcurrentActivityTaskPolls: 10,
      maxHeartbeatThrottleInterval: LIMITS.sessionHeartbeatMs,
      defaultHeartbeatThrottleInterval: LIMITS.sessionHeartbeatMs,
    });
    const commands = await Worker.create({
      ...shared,
      taskQueue: commandQueue(connector, account),
      activities: { commandSession, coverAmendment, readMarket, openContract, bookFunding },
      maxConcurrentActivityTaskExecutions: COMMAND_SLOTS,
      maxConcurrentActivityTaskPolls: 5,
    });
    return running([sessions, commands]);
  }
}

function running(workers: readonly Worker[]): RunningWorkers {
  let failed: (error: Error) => void = () => undefined;
  const failure = new Promise<Error>((resolve) => (failed = resolve));
  const runs = workers.map((worker) =>
    worker.run().catch((error: unknown) => {
      failed(error instanceof Error ? error : new Error(String(error)));
    }),
  );
  return {
    failed: failure,
    stop: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(runs);
    },
  };
}
