import type { CutExecutor } from '../contract/cut-executor.js';

/** What a session learns of the workflow it works for. `unreachable` proves nothing. */
export type WorkflowStatus = 'running' | 'closed' | 'missing' | 'unreachable';

/** An executor that runs on an account: what its client order ids start from. */
export interface RunningRoot {
  readonly rootId: string;
  readonly rootCreatedAtMs: number;
}

/** The Temporal server as seen from a process that owns an account. No method throws for an unreachable server. */
export interface WorkflowLink {
  /** Status of the latest run of a workflow. Bounded in time. */
  status(workflowId: string): Promise<WorkflowStatus>;
  /** `gone`: closed or never there. */
  signal(workflowId: string, name: string, payload: unknown): Promise<'delivered' | 'gone' | 'unreachable'>;
  /** Whether the long activity of that workflow is paused; null when the server does not tell. */
  isPaused(workflowId: string): Promise<boolean | null>;
  /** Whether the long activity of that workflow runs and was heard of lately; false when the server does not tell. */
  isBeating(workflowId: string): Promise<boolean>;
  /** Answered heartbeat of a long activity: the proof that this process still holds it. */
  heartbeat(taskToken: Uint8Array, details: unknown): Promise<'accepted' | 'refused' | 'unanswered'>;
  /** Whether another process asks for work of an activity queue; null when the server does not tell. */
  othersPoll(queue: string): Promise<boolean | null>;
  /** Executors on an account that run, or of which a leg still runs; null when the server does not tell. */
  runningRoots(connector: string, account: string): Promise<readonly RunningRoot[] | null>;
  /** Executors on an account whose workflow was ended from outside while it had inventory; null when the server does not tell. */
  cutExecutors(connector: string, account: string): Promise<readonly CutExecutor[] | null>;
}
