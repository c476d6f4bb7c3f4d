import { proxyActivities } from '@temporalio/workflow';
import type { OwnershipActivities } from '../src/contract/activities.js';
import { accountQueue } from '../src/contract/queues.js';
import { LIMITS } from '../src/domain/limits.js';

/**
 * Grants the lease of one account: whoever runs `ownAccount` owns it, and nobody else until the server has given the
 * lease up. Waiting for a candidate has no end.
 */
export async function account(connector: string, name: string): Promise<never> {
  const { ownAccount } = proxyActivities<OwnershipActivities>({
    taskQueue: accountQueue(connector, name),
    startToCloseTimeout: '3650 days',
    heartbeatTimeout: LIMITS.leaseTimeoutMs,
    retry: { initialInterval: '100 milliseconds', backoffCoefficient: 1 },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary: `lease of ${name} at ${connector}`,
  });
  return ownAccount(connector, name);
}
