import { CancellationScope, TemporalFailure, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ClosingRecord, RecordActivities } from '../../src/contract/activities.js';
import { EXECUTORS_QUEUE } from '../../src/contract/queues.js';

/** In the worker that runs the workflow, without a way through the server: one event, and none of waiting. */
const { recordClose: recordHere } = proxyLocalActivities<RecordActivities>({
  startToCloseTimeout: '2 seconds',
  retry: { initialInterval: '100 milliseconds', maximumAttempts: 2 },
});

/**
 * Hands the hold over and archives the report; nothing ends before that is done, so it is tried without limit. `delayed`
 * is called when it does not succeed at once.
 */
export async function recordClose(closing: ClosingRecord, delayed: () => void = () => undefined): Promise<void> {
  const { recordClose: record } = proxyActivities<RecordActivities>({
    taskQueue: EXECUTORS_QUEUE,
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
    summary: `record ${closing.report.close_type ?? 'end'} of ${closing.report.executor_id.slice(0, 8)}`,
  });
  await CancellationScope.nonCancellable(async () => {
    try {
      await recordHere(closing);
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error;
      delayed();
      await record(closing);
    }
  });
}
