import { allHandlersFinished, condition, continueAsNew, defineQuery, defineSignal, log, setHandler, workflowInfo } from '@temporalio/workflow';
import { isClearPosition, isExecutorClosed, type Check } from '../src/contract/check-messages.js';
import type { ClearPosition, ControllerState } from '../src/contract/controller.js';
import { QUERIES, SIGNALS } from '../src/contract/messages.js';
import { HEARD_ANYWAY, onSignal } from './runtime/checked-signal.js';
import { clearPosition, countClosed } from './runtime/controller-ledger.js';

const executorClosedSignal = defineSignal<[unknown]>(SIGNALS.executorClosed);
const clearPositionSignal = defineSignal<[ClearPosition]>(SIGNALS.clearPosition);
const positionsQuery = defineQuery<ControllerState>(QUERIES.positions);

/** What a controller holds and has earned. Fed by closed executors, never ends; a query sees every message accepted before it. */
export async function controller(controllerId: string, carried: ControllerState | null = null): Promise<never> {
  let state: ControllerState = carried ?? { controllerId, positions: [], byType: {}, seen: [] };
  onSignal(HEARD_ANYWAY, executorClosedSignal, isNews, (news) => {
    // One that nobody can read must not cost the others their place in the books.
    for (const closed of Array.isArray(news) ? (news as readonly unknown[]) : [news]) {
      if (isExecutorClosed(closed)) state = countClosed(state, closed);
      else log.warn('a malformed closing is ignored', { controllerId });
    }
  });
  // Not an update: next to updates, silent signals are unsafe. Whoever clears reads afterwards what came of it.
  onSignal(HEARD_ANYWAY, clearPositionSignal, isClearPosition, (clear) => {
    state = clearPosition(state, { ...clear, positionSide: clear.positionSide ?? null }, Date.now());
  });
  setHandler(positionsQuery, () => state);
  await condition(() => workflowInfo().continueAsNewSuggested && allHandlersFinished());
  return continueAsNew<typeof controller>(controllerId, state);
}

/** One closed executor, or several that closed together. */
const isNews: Check<unknown> = (value): value is unknown => Array.isArray(value) || isExecutorClosed(value);
