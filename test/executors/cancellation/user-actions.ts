import { randomUUID } from 'node:crypto';
import { Decimal } from 'decimal.js';
import type { ControllerPosition, ControllerState } from '../../../src/contract/controller.js';
import type { ExecutorConfig } from '../../../src/contract/executor-config.js';
import { controllerWorkflowId, legWorkflowId } from '../../../src/contract/queues.js';
import { clientOrderIdFor } from '../../../src/exchanges/client-order-id.js';
import type { OrderView, TradeView } from '../../../src/paper/control-client.js';
import type { RunningStack } from '../running-stack.js';

const SEQUENCES = 40;
const LIVE: ReadonlySet<string> = new Set(['new', 'partially_filled']);

/** What the exchange knows of one path of an executor: by the ids it could have derived, nothing else. */
export interface PathTruth {
  readonly orders: readonly OrderView[];
  readonly open: readonly OrderView[];
  readonly trades: readonly TradeView[];
}

export async function truthOf(run: RunningStack, config: ExecutorConfig, path: string): Promise<PathTruth> {
  const symbol = config.pair.replace('-', '');
  const ids = new Set(
    Array.from({ length: SEQUENCES }, (_, index) => clientOrderIdFor({ workflowId: '', rootId: config.id, rootCreatedAtMs: config.createdAtMs, path }, index + 1)),
  );
  const orders = (await run.paper.orders({ symbol, limit: 10_000 })).filter((order) => ids.has(order.clientOrderId));
  const trades = (await run.paper.trades({ symbol, limit: 10_000 })).filter((trade) => ids.has(trade.clientOrderId));
  return { orders, open: orders.filter((order) => LIVE.has(order.state)), trades };
}

/** Base bought and not sold again, fees in base included, over all legs of a position. */
export async function openBase(run: RunningStack, config: ExecutorConfig): Promise<string> {
  const base = config.pair.split('-')[0] ?? '';
  let open = new Decimal(0);
  for (const path of ['order', 'entry/1', 'exit/1', 'exit/2', 'exit/3']) {
    for (const trade of (await truthOf(run, config, path)).trades) {
      open = trade.side === 'buy' ? open.plus(trade.amountBase) : open.minus(trade.amountBase);
      if (trade.feeAsset === base) open = open.minus(trade.feeAmount);
    }
  }
  return open.toFixed();
}

export async function nothingOpen(run: RunningStack, config: ExecutorConfig): Promise<boolean> {
  for (const path of ['order', 'entry/1', 'exit/1', 'exit/2', 'exit/3']) {
    if ((await truthOf(run, config, path)).open.length > 0) return false;
  }
  return true;
}

export function leg(config: ExecutorConfig, which: 'entry' | 'exit', counter = 1): string {
  return legWorkflowId(config.id, which, counter);
}

export async function workflowStatus(run: RunningStack, workflowId: string): Promise<string> {
  return (await run.client.workflow.getHandle(workflowId).describe()).status.name;
}

/** Until that workflow's order session runs as an activity, whichever attempt. */
export async function sessionStarted(run: RunningStack, workflowId: string): Promise<void> {
  await run.until(() => attemptOf(run, workflowId), (attempt) => attempt !== null, `${workflowId} has a running session`);
}

/** Attempt number of the running session activity, null while none runs. */
export async function attemptOf(run: RunningStack, workflowId: string): Promise<number | null> {
  const description = await run.client.workflow.getHandle(workflowId).describe().catch(() => null);
  const session = description?.raw.pendingActivities?.find((activity) => activity.activityType?.name === 'workOrder' && activity.lastStartedTime != null);
  return session?.attempt ?? null;
}

/** Names of the activities of a workflow that answered. */
export async function completedActivities(run: RunningStack, workflowId: string): Promise<readonly string[]> {
  const events = (await run.client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
  const names = new Map(events.map((event) => [String(event.eventId), event.activityTaskScheduledEventAttributes?.activityType?.name ?? '']));
  return events.flatMap((event) => (event.activityTaskCompletedEventAttributes == null ? [] : [names.get(String(event.activityTaskCompletedEventAttributes.scheduledEventId)) ?? '']));
}

/** What a person does with "Reset" in the Web UI: back to the first completed workflow task. */
export async function reset(run: RunningStack, workflowId: string): Promise<void> {
  const history = await run.client.workflow.getHandle(workflowId).fetchHistory();
  const task = (history.events ?? []).find((event) => event.workflowTaskCompletedEventAttributes != null);
  if (task?.eventId == null) throw new Error(`${workflowId} has no completed workflow task`);
  const described = await run.client.workflow.getHandle(workflowId).describe();
  await run.client.workflowService.resetWorkflowExecution({
    namespace: run.stack.temporal.namespace,
    workflowExecution: { workflowId, runId: described.runId },
    reason: 'test',
    workflowTaskFinishEventId: task.eventId,
    requestId: randomUUID(),
  });
}

export async function pauseActivities(run: RunningStack, workflowId: string, type: string): Promise<void> {
  await run.client.workflowService.pauseActivity({ namespace: run.stack.temporal.namespace, execution: { workflowId }, identity: 'test', type, reason: 'test', requestId: randomUUID() });
}

export async function pauseSession(run: RunningStack, workflowId: string): Promise<void> {
  await pauseActivities(run, workflowId, 'workOrder');
}

export async function unpauseSession(run: RunningStack, workflowId: string): Promise<void> {
  await run.client.workflowService.unpauseActivity({ namespace: run.stack.temporal.namespace, execution: { workflowId }, identity: 'test', type: 'workOrder' });
}

export async function heldBy(run: RunningStack, controllerId: string): Promise<readonly ControllerPosition[]> {
  const state = await run.client.workflow.getHandle(controllerWorkflowId(controllerId)).query<ControllerState>('positions').catch(() => null);
  return state?.positions ?? [];
}
