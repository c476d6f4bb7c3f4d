import type { Client } from '@temporalio/client';
import type { TellController } from '../activities/record-close.js';
import { SIGNALS } from '../src/contract/messages.js';
import { EXECUTORS_QUEUE, controllerWorkflowId } from '../src/contract/queues.js';

/** Signal-with-start: the controller's workflow exists from its first closed executor on. */
export function tellController(client: Client): TellController {
  return async (controllerId, closed) => {
    await client.workflow.signalWithStart('controller', {
      workflowId: controllerWorkflowId(controllerId),
      taskQueue: EXECUTORS_QUEUE,
      args: [controllerId],
      signal: SIGNALS.executorClosed,
      signalArgs: [closed],
      staticSummary: `positions of controller ${controllerId}`,
    });
  };
}
