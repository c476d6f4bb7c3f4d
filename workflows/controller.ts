import { allHandlersFinished, condition, continueAsNew, defineQuery, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ExecutorClosed } from '../src/contract/activities.js';
import { isExecutorClosed } from '../src/contract/check-messages.js';
import type { ControllerState } from '../src/contract/controller.js';
import { QUERIES, SIGNALS } from '../src/contract/messages.js';
import { onSignal } from './runtime/checked-signal.js';
import { countClosed } from './runtime/controller-ledger.js';

const executorClosedSignal = defineSignal<[ExecutorClosed]>(SIGNALS.executorClosed);
const positionsQuery = defineQuery<ControllerState>(QUERIES.positions);

/** What a controller holds and has earned. Fed by closed executors, never ends; a query sees every message accepted before it. */
export async function controller(controllerId: string, carried: ControllerState | null = null): Promise<never> {
  let state: ControllerState = carried ?? { controllerId, positions: [], byType: {}, seen: [] };
  onSignal(executorClosedSignal, isExecutorClosed, (closed) => {
    state = countClosed(state, closed);
  });
  setHandler(positionsQuery, () => state);
  await condition(() => workflowInfo().continueAsNewSuggested && allHandlersFinished());
  return continueAsNew<typeof controller>(controllerId, state);
}
