import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountServices } from '../../activities/session/account-services.js';
import { commandSession } from '../../activities/session/commands.js';
import type { SessionCommand } from '../../src/contract/messages.js';
import { SIGNALS } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import { EXECUTORS_QUEUE } from '../../src/contract/queues.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { createExecutorId } from '../../src/schema/executor-id.js';
import { ACCOUNT, CONNECTOR, PAIR, SYMBOL, runStack, type RunningStack } from '../executors/running-stack.js';

const CANCEL: SessionCommand = { kind: 'cancel', reason: 'test' };

describe('a command to a session', () => {
  const path = { workflowId: 'w', rootId: 'w', rootCreatedAtMs: 0, path: 'order' };

  /** Services with one session, whose details the server takes or not. */
  function servicesWith(saved: boolean, heard: SessionCommand[]): AccountServices {
    const session = { command: (command: SessionCommand) => heard.push(command), save: () => Promise.resolve(saved) };
    return { lease: { lost: false }, registry: { get: () => session } } as unknown as AccountServices;
  }

  it('is acknowledged once it would survive the process', async () => {
    const heard: SessionCommand[] = [];
    await expect(commandSession(servicesWith(true, heard), path, CANCEL)).resolves.toBeUndefined();
    expect(heard).toEqual([CANCEL]);
  });

  it('is given again when it would not', async () => {
    const heard: SessionCommand[] = [];
    const failure: unknown = await commandSession(servicesWith(false, heard), path, CANCEL).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'NotSaved', nonRetryable: false });
    expect(heard).toEqual([CANCEL]);
  });
});

describe('on the stack', () => {
  let run: RunningStack;

  beforeAll(async () => {
    run = await runStack();
  });
  afterAll(async () => {
    await run?.stop();
  });

  async function restingPlan(workflowId: string): Promise<OrderPlan> {
    const { rules } = await run.paper.pair(SYMBOL);
    return {
      path: { workflowId, rootId: workflowId, rootCreatedAtMs: Date.now(), path: 'order' },
      role: 'order',
      controllerId: 'main',
      connector: CONNECTOR,
      account: ACCOUNT,
      pair: PAIR,
      rules: {
        pair: PAIR,
        base: 'BTC',
        quote: 'USDT',
        contract: 'spot',
        supportsStop: true,
        amountStepBase: String(rules['amountStepBase']),
        priceTickQuote: String(rules['priceTickQuote']),
        minAmountBase: String(rules['minAmountBase']),
        maxAmountBase: null,
        minNotionalQuote: String(rules['minNotionalQuote']),
        makerFeeFraction: '0.001',
        takerFeeFraction: '0.001',
      },
      side: 'BUY',
      amountBase: '0.01',
      strategy: 'LIMIT',
      priceQuote: '50000',
      chaser: null,
      positionAction: 'OPEN',
      leverage: 1,
      activationBounds: [],
      maxRetries: 10,
      guardedBy: null,
      parentId: null,
      firstRunId: null,
      arm: null,
    };
  }

  it('a command that is in history before its leg has begun is carried out', async () => {
    await run.stack.worker?.kill();
    const workflowId = createExecutorId();
    const handle = await run.client.workflow.start('order', { workflowId, taskQueue: EXECUTORS_QUEUE, args: [{ kind: 'leg', plan: await restingPlan(workflowId) }] });
    await handle.signal(SIGNALS.legCommand, CANCEL);
    await run.stack.worker?.restart();
    expect(((await handle.result()) as SessionResult).end).toEqual({ kind: 'stopped', reason: 'test' });
    expect((await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new')).toEqual([]);
  });

  it('a command survives a crash before the next heartbeat', async () => {
    const workflowId = createExecutorId();
    const handle = await run.client.workflow.start('order', { workflowId, taskQueue: EXECUTORS_QUEUE, args: [{ kind: 'leg', plan: await restingPlan(workflowId) }] });
    await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.some((order) => order.state === 'new'), 'the order rests');
    // The exchange takes the cancel and does not say so: the session is still at it when its process dies.
    await run.paper.armFault({ kind: 'drop-before-commit', method: 'DELETE', route: '/api/v3/order', count: null });
    await handle.signal(SIGNALS.legCommand, CANCEL);
    const commanded = async (): Promise<boolean> => ((await handle.fetchHistory()).events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length > 0;
    await run.until(commanded, (delivered) => delivered, 'the command is acknowledged');
    await run.stack.worker?.kill();
    await run.paper.clearFaults();
    await run.stack.worker?.restart();
    expect(((await handle.result()) as SessionResult).end).toEqual({ kind: 'stopped', reason: 'test' });
    expect((await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new')).toEqual([]);
  });

  it('a command that the next attempt knows nothing of, although it was acknowledged, is given again', async () => {
    const workflowId = createExecutorId();
    const handle = await run.client.workflow.start('order', { workflowId, taskQueue: EXECUTORS_QUEUE, args: [{ kind: 'leg', plan: await restingPlan(workflowId) }] });
    await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.some((order) => order.state === 'new'), 'the order rests');
    const session = async (): Promise<{ readonly activityId: string; readonly details: unknown }> => {
      const { raw } = await handle.describe();
      const pending = (raw.pendingActivities ?? []).find(({ activityType }) => activityType?.name === 'workOrder');
      return { activityId: pending?.activityId ?? '', details: pending?.heartbeatDetails?.payloads?.[0] ?? null };
    };
    const before = await run.until(session, ({ details }) => details !== null, 'a heartbeat has told of the session');
    await run.paper.armFault({ kind: 'drop-before-commit', method: 'DELETE', route: '/api/v3/order', count: null });
    await handle.signal(SIGNALS.legCommand, CANCEL);
    await run.until(async () => ((await handle.fetchHistory()).events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length, (count) => count > 0, 'the command is acknowledged');
    await run.stack.worker?.kill();
    // A heartbeat of before, that was on its way for long and arrives last.
    const { runId } = (await handle.describe()).raw.workflowExecutionInfo?.execution ?? {};
    await run.client.workflowService.recordActivityTaskHeartbeatById({ namespace: run.stack.temporal.namespace, workflowId, runId: runId ?? '', activityId: before.activityId, details: { payloads: [before.details as object] } });
    await run.paper.clearFaults();
    await run.stack.worker?.restart();
    expect(((await handle.result()) as SessionResult).end).toEqual({ kind: 'stopped', reason: 'test' });
    expect((await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new')).toEqual([]);
  }, 90_000);
});
