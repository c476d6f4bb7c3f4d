import { CancellationScope, allHandlersFinished, condition, defineQuery, setHandler } from '@temporalio/workflow';
import type { OrderExecutorConfig } from '../src/contract/executor-config.js';
import { isSessionCommand } from '../src/contract/check-messages.js';
import { QUERIES } from '../src/contract/messages.js';
import type { OrderPlan } from '../src/contract/order-plan.js';
import type { Decision, ExecutorReport } from '../src/contract/report.js';
import type { SessionResult } from '../src/contract/session-result.js';
import { OrderExecutor } from './runtime/order-executor.js';
import { adoptInventory } from './runtime/orphan.js';
import { firstRunId } from './runtime/session-call.js';
import { HEARD_ANYWAY, onSignal } from './runtime/checked-signal.js';
import { SessionRun, legCommandSignal } from './runtime/order-leg.js';
import { LegVoice, legTellAgainSignal } from './runtime/leg-voice.js';

const reportQuery = defineQuery<ExecutorReport>(QUERIES.report);
const whyQuery = defineQuery<readonly Decision[]>(QUERIES.why);

/** Input of the order workflow: an executor of its own, or the leg of a composite with its plan ready. */
export type OrderInput = { readonly kind: 'executor'; readonly config: OrderExecutorConfig } | { readonly kind: 'leg'; readonly plan: OrderPlan };

/** Every exchange order of the system lives in one of these. */
export async function order(input: OrderInput): Promise<ExecutorReport | SessionResult> {
  return input.kind === 'leg' ? orderLeg(input.plan) : orderExecutor(input.config);
}

async function orderExecutor(config: OrderExecutorConfig): Promise<ExecutorReport> {
  const executor = new OrderExecutor(config);
  setHandler(reportQuery, () => executor.report());
  setHandler(whyQuery, () => executor.decisions());
  // A cancellation of the workflow is a request to stop, heard elsewhere; it must not tear anything apart.
  return CancellationScope.nonCancellable(async () => {
    await executor.run();
    await condition(allHandlersFinished);
    return executor.report();
  });
}

async function orderLeg(given: OrderPlan): Promise<SessionResult> {
  // The executor says whether this is new; only the leg itself knows its run.
  const plan = { ...given, firstRunId: given.firstRunId === null ? null : firstRunId() };
  const voice = new LegVoice(plan, () => run.command({ kind: 'cancel', reason: 'its executor is gone' }));
  const run = new SessionRun(plan, { fills: (report) => voice.progress(report), attention: (report) => voice.attention(report) }, (missing) => voice.owner(missing));
  onSignal(HEARD_ANYWAY, legCommandSignal, isSessionCommand, (command) => run.command(command));
  setHandler(legTellAgainSignal, () => voice.again());
  void CancellationScope.current().cancelRequested.catch(() => run.command({ kind: 'cancel', reason: 'workflow cancelled' }));
  return CancellationScope.nonCancellable(async () => {
    const result = await run.run();
    if (!(await voice.end(result))) await adoptInventory(plan, result);
    await condition(allHandlersFinished);
    return result;
  });
}
