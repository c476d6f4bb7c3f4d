import { hostname } from 'node:os';
import { ActivityNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { INVENTORY_MEMO, type CutExecutor, type InventoryPart } from '../src/contract/cut-executor.js';
import type { ExecutorConfig } from '../src/contract/executor-config.js';
import { LIMITS } from '../src/domain/limits.js';
import type { RunningRoot, WorkflowLink, WorkflowStatus } from '../src/ports/workflow-link.js';

const CALL_MS = 2_000;
const MAX_ROOTS = 20_000;
/** Of the server's task queue types. */
const ACTIVITY_QUEUE = 2;
/** A poller asks again within a minute; one that has not is no more. */
const POLLER_GONE_MS = 75_000;
/** A run that goes on in another can still be the one described while the other is being made. */
const LIVING: ReadonlySet<string> = new Set(['RUNNING', 'PAUSED', 'CONTINUED_AS_NEW']);

/** The Temporal server as sessions see it. Every call is bounded; not hearing from the server is an answer of its own. */
export class TemporalLink implements WorkflowLink {
  constructor(private readonly client: Client) {}

  async status(workflowId: string): Promise<WorkflowStatus> {
    try {
      const description = await this.bounded(() => this.client.workflow.getHandle(workflowId).describe());
      return LIVING.has(description.status.name) ? 'running' : 'closed';
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? 'missing' : 'unreachable';
    }
  }

  async signal(workflowId: string, name: string, payload: unknown): Promise<'delivered' | 'gone' | 'unreachable'> {
    try {
      await this.bounded(() => this.client.workflow.getHandle(workflowId).signal(name, payload));
      return 'delivered';
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? 'gone' : 'unreachable';
    }
  }

  async isPaused(workflowId: string): Promise<boolean | null> {
    try {
      const description = await this.bounded(() => this.client.workflow.getHandle(workflowId).describe());
      return (description.raw.pendingActivities ?? []).some((activity) => activity.paused === true);
    } catch {
      return null;
    }
  }

  async isBeating(workflowId: string): Promise<boolean> {
    try {
      const description = await this.bounded(() => this.client.workflow.getHandle(workflowId).describe());
      if (!LIVING.has(description.status.name)) return false;
      return (description.raw.pendingActivities ?? []).some(({ lastHeartbeatTime }) => lastHeartbeatTime != null && Date.now() - Number(lastHeartbeatTime.seconds) * 1_000 < LIMITS.sessionHeartbeatTimeoutMs);
    } catch {
      return false;
    }
  }

  async heartbeat(taskToken: Uint8Array, details: unknown): Promise<'accepted' | 'refused' | 'unanswered'> {
    try {
      await this.bounded(() => this.client.activity.heartbeat(taskToken, details));
      return 'accepted';
    } catch (error) {
      // Paused and cancelled are answers too: the server still knows this attempt.
      if (error instanceof ActivityNotFoundError) return 'refused';
      return error instanceof Error && /^Activity(Cancelled|Paused|Reset)Error$/.test(error.name) ? 'accepted' : 'unanswered';
    }
  }

  async othersPoll(queue: string): Promise<boolean | null> {
    try {
      const { namespace } = this.client.options;
      const { pollers } = await this.bounded(() => this.client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: queue }, taskQueueType: ACTIVITY_QUEUE }));
      const own = `${process.pid}@${hostname()}`;
      return (pollers ?? []).some(({ identity, lastAccessTime }) => identity !== own && Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLLER_GONE_MS);
    } catch {
      return null;
    }
  }

  async runningRoots(connector: string, account: string): Promise<readonly RunningRoot[] | null> {
    const roots = new Map<string, RunningRoot>();
    // A leg that outlived its executor still owns the orders of its root.
    const query = `ExecutorRole IN ('executor', 'leg') AND ExecutionStatus = 'Running'`;
    try {
      for await (const info of this.client.workflow.list({ query, pageSize: 500 })) {
        const config: unknown = info.memo?.['config'] ?? info.memo?.['root'];
        if (typeof config !== 'string') continue;
        const parsed = JSON.parse(config) as { readonly id?: unknown; readonly createdAtMs?: unknown; readonly connector?: unknown; readonly account?: unknown };
        if (parsed.connector !== connector || parsed.account !== account) continue;
        if (typeof parsed.id !== 'string' || typeof parsed.createdAtMs !== 'number') continue;
        roots.set(`${parsed.id}:${parsed.createdAtMs}`, { rootId: parsed.id, rootCreatedAtMs: parsed.createdAtMs });
        if (roots.size > MAX_ROOTS) return null;
      }
      return [...roots.values()];
    } catch {
      return null;
    }
  }

  async cutExecutors(connector: string, account: string): Promise<readonly CutExecutor[] | null> {
    const query = `ExecutorRole = 'executor' AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')`;
    const cut: CutExecutor[] = [];
    try {
      for await (const { memo, closeTime } of this.client.workflow.list({ query, pageSize: 500 })) {
        const config = parsed<ExecutorConfig>(memo?.['config']);
        const inventory = parsed<readonly InventoryPart[]>(memo?.[INVENTORY_MEMO]);
        if (config === null || inventory === null || inventory.length === 0) continue;
        if (config.connector !== connector || config.account !== account) continue;
        const funding: unknown = memo?.['funding_quote'];
        cut.push({ config, inventory, fundingQuote: typeof funding === 'string' ? funding : '0', closedAtMs: closeTime?.getTime() ?? Date.now() });
        if (cut.length > MAX_ROOTS) return null;
      }
      return cut;
    } catch {
      return null;
    }
  }

  private async bounded<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return this.client.connection.withDeadline(Date.now() + CALL_MS, call);
  }
}

/** A memo is text of JSON, as long as it was written by us. */
function parsed<Value>(text: unknown): Value | null {
  return typeof text === 'string' && text !== '' ? (JSON.parse(text) as Value) : null;
}
