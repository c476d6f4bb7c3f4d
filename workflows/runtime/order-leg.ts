import { ApplicationFailure, CancellationScope, defineSignal, getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import { SIGNALS, type AttentionReport, type FillReport, type LegEnded, type LegProgress, type SessionCommand } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { commandSession, workOrder, type OwnerWatch } from './session-call.js';

export const fillReportSignal = defineSignal<[FillReport]>(SIGNALS.fillReport);
export const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);
export const legCommandSignal = defineSignal<[SessionCommand]>(SIGNALS.legCommand);
const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const legAttentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

export interface SessionNews {
  /** Cumulative fills; only newer sequences arrive here. */
  fills(report: FillReport): void;
  attention(report: AttentionReport): void;
}

/**
 * Runs one order session to its end inside a workflow: its news, the commands to it, and nothing that a cancellation of
 * the workflow could tear apart.
 */
export class SessionRun {
  private lastSequence = 0;
  private running = false;

  constructor(private readonly plan: OrderPlan, private readonly news: SessionNews, private readonly watch: OwnerWatch) {
    setHandler(fillReportSignal, (report) => {
      if (report.sequence <= this.lastSequence) return;
      this.lastSequence = report.sequence;
      this.news.fills(report);
    });
    setHandler(attentionSignal, (report) => this.news.attention(report));
  }

  async run(): Promise<SessionResult> {
    this.running = true;
    try {
      return await CancellationScope.nonCancellable(() => workOrder(this.plan, this.plan, this.watch));
    } finally {
      this.running = false;
    }
  }

  /** Delivers a command; a session that ended meanwhile no longer needs it. */
  async command(command: SessionCommand): Promise<void> {
    if (!this.running) return;
    await CancellationScope.nonCancellable(async () => {
      try {
        await commandSession(this.plan, this.plan.path, command, this.watch);
      } catch (error) {
        // Not retryable any more only when the session is gone for good, and then it answers itself.
        if (this.running) throw error;
      }
    });
  }
}

/** Tells the executor above about progress. Answers false when that executor is gone. */
export async function tellParent(parentId: string, news: LegProgress | AttentionReport): Promise<boolean> {
  const parent = getExternalWorkflowHandle(parentId);
  try {
    if ('leg' in news) await parent.signal(legProgressSignal, news);
    else await parent.signal(legAttentionSignal, news);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Reports the end to the executor above. Answers false when that executor is gone: the leg is an orphan. */
export async function reportToParent(parentId: string, result: SessionResult): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(parentId).signal(legEndedSignal, { leg: workflowInfo().workflowId, result });
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ApplicationFailure ? error.type === 'ExternalWorkflowExecutionNotFound' : error instanceof Error && /not found|already completed/i.test(error.message);
}
