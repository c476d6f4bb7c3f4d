import { CancellationScope, proxyActivities } from '@temporalio/workflow';
import type { ClosingRecord, RecordActivities } from '../../src/contract/activities.js';
import { EXECUTORS_QUEUE } from '../../src/contract/queues.js';

/** Hands the hold over and archives the report; nothing ends before that is done, so it is tried without limit. */
export async function recordClose(closing: ClosingRecord): Promise<void> {
  const { recordClose: record } = proxyActivities<RecordActivities>({
    taskQueue: EXECUTORS_QUEUE,
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
    summary: `record ${closing.report.close_type ?? 'end'} of ${closing.report.executor_id.slice(0, 8)}`,
  });
  await CancellationScope.nonCancellable(() => record(closing));
}
