import type { CommandActivities, SessionActivities } from '../contract/activities.js';
import type { PerpetualActivities } from '../contract/perpetual.js';

/** Workers for the account's queues, which exist only while this process owns it. */
export interface ExchangeWorkers {
  start(connector: string, account: string, maxSessions: number, activities: SessionActivities & CommandActivities & PerpetualActivities): Promise<RunningWorkers>;
}

export interface RunningWorkers {
  /** Stops taking work; running activities are told that the worker is shutting down. */
  stop(): Promise<void>;
  /** Settles when they ended for another reason. */
  readonly failed: Promise<Error>;
}
