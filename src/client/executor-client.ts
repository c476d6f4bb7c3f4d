import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AmendAnswer, AmendmentRequest } from '../contract/amendment.js';
import type { ExecutorConfig } from '../contract/executor-config.js';
import type { ClearPosition, ControllerState } from '../contract/controller.js';
import { type EarlyStop, QUERIES, SIGNALS, type StopAnswer, UPDATES } from '../contract/messages.js';
import { accountWorkflowId, controllerWorkflowId } from '../contract/queues.js';
import type { ExecutorReport } from '../contract/report.js';
import { ExecutorError } from './executor-error.js';
import { type ExecutorSnapshot, executorSnapshot } from './executor-snapshot.js';
import { startOptions } from './start-options.js';
import { castTemporalError, grpcCode, isNotFoundStatus, isTimeout } from './temporal-errors.js';
import { executorByIdQuery, openExecutorsQuery, type OpenFilter } from './visibility-query.js';

export interface ExecutorClientOptions {
  /** Bound of every call to the server. */
  readonly callTimeoutMs?: number;
  /** Bound of what needs a worker: a query, an update. */
  readonly workerTimeoutMs?: number;
  /** Open executors one listing may hold in memory. */
  readonly maxOpen?: number;
}

export type StopResult =
  /** The workflow decided and says what it will do. */
  | { readonly kind: 'answered'; readonly answer: StopAnswer }
  /** No worker answered within the bound; the decision is in the workflow's history and holds when one comes back. */
  | { readonly kind: 'recorded' }
  | { readonly kind: 'notRunning' };

const VISIBILITY_TIMEOUT_MS = 2_000;
const VISIBILITY_POLL_MS = 10;
const PAGE_SIZE = 500;

/** Typed calls to executor workflows. Every method throws ExecutorError, SERVER_UNREACHABLE when the server is. */
export class ExecutorClient {
  readonly #client: Client;
  readonly #callTimeoutMs: number;
  readonly #workerTimeoutMs: number;
  readonly #maxOpen: number;

  constructor(client: Client, options: ExecutorClientOptions = {}) {
    this.#client = client;
    this.#callTimeoutMs = options.callTimeoutMs ?? 5_000;
    this.#workerTimeoutMs = options.workerTimeoutMs ?? 3_000;
    this.#maxOpen = options.maxOpen ?? 20_000;
  }

  /** Starts the executor; `exists` when its id was used before, whatever for. Durable when it answers. */
  async start(config: ExecutorConfig): Promise<'started' | 'exists'> {
    const { workflowType, options } = startOptions(config);
    try {
      await this.#call(() => this.#client.workflow.start(workflowType, options));
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists';
      throw error;
    }
  }

  /** Until lists show the executor, bounded; false when they do not within the bound. */
  async waitUntilListed(id: string): Promise<boolean> {
    const deadline = Date.now() + VISIBILITY_TIMEOUT_MS;
    const query = executorByIdQuery(id);
    do {
      const { count } = await this.#call(() => this.#client.workflow.count(query));
      if (count > 0) return true;
      await sleep(VISIBILITY_POLL_MS);
    } while (Date.now() < deadline);
    return false;
  }

  /** Null when Temporal has no executor of that id (never, or not any more). */
  async describe(id: string): Promise<ExecutorSnapshot | null> {
    try {
      return executorSnapshot(await this.#call(() => this.#client.workflow.getHandle(id).describe()));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /**
   * Executors that run, and those whose workflow was cut off from outside and so never archived a report. One pass over
   * visibility, no query per executor. Throws ExecutorError when there are more than the bound.
   */
  async listOpen(filter: OpenFilter): Promise<readonly ExecutorSnapshot[]> {
    const byId = new Map<string, ExecutorSnapshot>();
    const query = openExecutorsQuery(filter);
    await this.#call(async () => {
      for await (const info of this.#client.workflow.list({ query, pageSize: PAGE_SIZE })) {
        const snapshot = executorSnapshot(info);
        // After a reset two runs share the id, and the running one is the executor.
        if (snapshot === null || (byId.has(info.workflowId) && snapshot.execution !== 'open')) continue;
        byId.set(info.workflowId, snapshot);
        if (byId.size > this.#maxOpen) throw new ExecutorError('LIST_TOO_LONG', `More than ${this.#maxOpen} executors are open.`);
      }
    });
    return [...byId.values()];
  }

  /** The live report; null when no worker answers within the bound or the executor is gone. */
  async report(id: string): Promise<ExecutorReport | null> {
    try {
      return await this.#workerCall(() => this.#client.workflow.getHandle(id).query<ExecutorReport>(QUERIES.report));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || error instanceof QueryNotRegisteredError || isTimeout(error) || isNotFoundStatus(error)) return null;
      // A failed precondition is how the server says that no worker polls; anything else with a status is the server's trouble.
      if (grpcCode(error) === FAILED_PRECONDITION) return null;
      throw castTemporalError(error);
    }
  }

  /**
   * Tells the executor to stop. Answered only when the decision is in the workflow's history: by the update when a worker
   * runs and can, else by the signal.
   */
  async stop(id: string, stop: EarlyStop): Promise<StopResult> {
    const handle = this.#client.workflow.getHandle(id);
    try {
      const answer = await this.#workerCall(() => handle.executeUpdate<StopAnswer, [EarlyStop]>(UPDATES.stop, { args: [stop] }));
      return { kind: 'answered', answer };
    } catch (error) {
      if (isGone(error)) return { kind: 'notRunning' };
      // Its tasks fail: what cannot be decided now is decided as soon as they no longer do.
      const stuck = grpcCode(error) === FAILED_PRECONDITION;
      if (!isUnanswered(error) && !stuck) throw castTemporalError(error);
    }
    try {
      await this.#call(() => handle.signal(SIGNALS.earlyStop, stop));
      return { kind: 'recorded' };
    } catch (error) {
      if (isGone(error)) return { kind: 'notRunning' };
      throw error;
    }
  }

  /**
   * Changes what of a running executor may change; null when none of that id runs. The same `amendmentId` again answers the
   * same amendment. Throws ExecutorError: AMENDMENT_REFUSED with field, value and rule; SERVER_UNREACHABLE when no answer
   * came, after which the same amendment can be sent again.
   */
  async amend(id: string, amendment: AmendmentRequest, amendmentId?: string): Promise<AmendAnswer | null> {
    try {
      const handle = this.#client.workflow.getHandle(id);
      const updateId = amendmentId === undefined ? {} : { updateId: amendmentId };
      return await this.#workerCall(() => handle.executeUpdate<AmendAnswer, [unknown]>(UPDATES.amend, { args: [amendment], ...updateId }));
    } catch (error) {
      if (isGone(error)) return null;
      const failure = error instanceof WorkflowUpdateFailedError ? error.cause : null;
      if (failure instanceof ApplicationFailure && failure.type === 'AMENDMENT_REFUSED') throw new ExecutorError('AMENDMENT_REFUSED', `${failure.message}.`);
      if (isUnanswered(error)) throw new ExecutorError('SERVER_UNREACHABLE', 'No worker answered the amendment.', { nextStep: 'Send the same amendment again: what is in force already changes nothing.', cause: error });
      throw castTemporalError(error);
    }
  }

  /** What a controller holds and has earned; null when it never got anything. Needs a worker, within a bound. */
  async controllerState(controllerId: string): Promise<ControllerState | null> {
    try {
      const handle = this.#client.workflow.getHandle(controllerWorkflowId(controllerId));
      return await this.#workerCall(() => handle.query<ControllerState>(QUERIES.positions));
    } catch (error) {
      if (isGone(error)) return null;
      if (isTimeout(error) || grpcCode(error) === FAILED_PRECONDITION) {
        throw new ExecutorError('SERVER_UNREACHABLE', `No worker answered for the positions of controller ${controllerId}.`, { nextStep: 'Check that a worker runs.', cause: error });
      }
      throw castTemporalError(error);
    }
  }

  /** Asks a controller to forget a held position; what came of it is in its state. Throws ExecutorError SERVER_UNREACHABLE. */
  async clearPosition(controllerId: string, clear: ClearPosition): Promise<void> {
    await this.#call(() => this.#client.workflow.getHandle(controllerWorkflowId(controllerId)).signal(SIGNALS.clearPosition, clear));
  }

  /** Ids of all controllers, in no order. Throws ExecutorError when there are more than the bound. */
  async controllerIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    const prefix = controllerWorkflowId('');
    await this.#call(async () => {
      for await (const info of this.#client.workflow.list({ query: CONTROLLERS_QUERY, pageSize: PAGE_SIZE })) {
        if (info.workflowId.startsWith(prefix)) ids.push(info.workflowId.slice(prefix.length));
        if (ids.length > MAX_CONTROLLERS) throw new ExecutorError('LIST_TOO_LONG', `More than ${MAX_CONTROLLERS} controllers exist.`);
      }
    });
    return ids;
  }

  /** True while a process holds the lease of the account: its `ownAccount` activity runs and the server still hears it. */
  async isAccountOwned(connector: string, account: string): Promise<boolean> {
    try {
      const description = await this.#call(() => this.#client.workflow.getHandle(accountWorkflowId(connector, account)).describe());
      if (description.status.name !== 'RUNNING') return false;
      const activities = description.raw.pendingActivities ?? [];
      return activities.some((activity) => activity.activityType?.name === 'ownAccount' && activity.state === PENDING_ACTIVITY_STARTED);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Answers when the server serves the namespace. */
  async ping(): Promise<void> {
    await this.#call(() => this.#client.workflow.count(executorByIdQuery('none')));
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.#client.withDeadline(Date.now() + this.#callTimeoutMs, call);
    } catch (error) {
      throw castTemporalError(error);
    }
  }

  async #workerCall<T>(call: () => Promise<T>): Promise<T> {
    return await this.#client.withDeadline(Date.now() + this.#workerTimeoutMs, call);
  }
}

const CONTROLLERS_QUERY = `WorkflowType = 'controller' AND ExecutionStatus = 'Running'`;
const MAX_CONTROLLERS = 1_000;
const FAILED_PRECONDITION = 9;
/** PENDING_ACTIVITY_STATE_STARTED of the API. */
const PENDING_ACTIVITY_STARTED = 2;

/** Also when the executor reached its end between taking the update and answering it. */
function isGone(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError || isNotFoundStatus(error)) return true;
  return error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.type === 'AcceptedUpdateCompletedWorkflow';
}

function isUnanswered(error: unknown): boolean {
  return isTimeout(error) || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
}
