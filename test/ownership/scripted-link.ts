import type { CutExecutor } from '../../src/contract/cut-executor.js';
import type { RunningRoot, WorkflowLink, WorkflowStatus } from '../../src/ports/workflow-link.js';

export interface SentSignal {
  readonly workflowId: string;
  readonly name: string;
  readonly payload: unknown;
}

/** A server that answers what the test says and remembers what it was told. */
export class ScriptedLink implements WorkflowLink {
  readonly sent: SentSignal[] = [];
  readonly statuses = new Map<string, WorkflowStatus>();
  answer: 'delivered' | 'gone' | 'unreachable' = 'delivered';
  roots: readonly RunningRoot[] | null = [];
  cut: readonly CutExecutor[] | null = [];

  async status(workflowId: string): Promise<WorkflowStatus> {
    return this.statuses.get(workflowId) ?? 'running';
  }

  async signal(workflowId: string, name: string, payload: unknown): Promise<'delivered' | 'gone' | 'unreachable'> {
    if (this.answer === 'delivered') this.sent.push({ workflowId, name, payload });
    return this.answer;
  }

  async isBeating(): Promise<boolean> {
    return false;
  }

  async isPaused(): Promise<boolean | null> {
    return null;
  }

  async heartbeat(): Promise<'accepted' | 'refused' | 'unanswered'> {
    return 'accepted';
  }

  async othersPoll(): Promise<boolean | null> {
    return false;
  }

  async runningRoots(): Promise<readonly RunningRoot[] | null> {
    return this.roots;
  }

  async cutExecutors(): Promise<readonly CutExecutor[] | null> {
    return this.cut;
  }
}
