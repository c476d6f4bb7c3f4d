import { ApplicationFailure, CancellationScope, defineSignal, getExternalWorkflowHandle, upsertSearchAttributes } from '@temporalio/workflow';
import { SIGNALS, type AttentionReport, type FillReport, type LegEnded, type LegProgress } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';

export const legTellAgainSignal = defineSignal(SIGNALS.legTellAgain);
const legProgressSignal = defineSignal<[LegProgress]>(SIGNALS.legProgress);
const legEndedSignal = defineSignal<[LegEnded]>(SIGNALS.legEnded);
const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);

/**
 * What a leg tells the executor above it. When that executor is gone the leg is an orphan: an entry ends, an exit stays
 * armed for what is filled, and the leg itself asks for attention.
 */
export class LegVoice {
  private last: FillReport | null = null;
  private ownerMissing = false;

  constructor(private readonly plan: OrderPlan, private readonly endEntry: () => Promise<void>) {}

  async progress(report: FillReport): Promise<void> {
    this.last = report;
    await this.tell(legProgressSignal, { leg: this.plan.path.workflowId, report });
  }

  /** For an executor that adopted this leg and may not have heard the last report. */
  async again(): Promise<void> {
    if (this.last !== null) await this.progress(this.last);
  }

  /** The code names the leg, so that two legs in the same trouble do not take each other's alarm back. */
  async attention(report: AttentionReport): Promise<void> {
    if (report.code === 'NO_ACCOUNT_OWNER') this.ownerMissing = report.message !== null;
    await this.tell(attentionSignal, { ...report, code: `${this.plan.path.path}:${report.code}` }, report.message !== null);
  }

  async owner(missing: boolean): Promise<void> {
    if (missing === this.ownerMissing) return;
    const message = missing ? `no process owns account ${this.plan.account} of ${this.plan.connector}` : null;
    await this.attention({ code: 'NO_ACCOUNT_OWNER', message, atMs: Date.now() });
  }

  /** Answers false when nobody hears it: the leg has to find an owner for what it traded. */
  async end(result: SessionResult): Promise<boolean> {
    return this.send(legEndedSignal, { leg: this.plan.path.workflowId, result });
  }

  private async tell<News>(signal: ReturnType<typeof defineSignal<[News]>>, news: News, alarming = false): Promise<void> {
    if (await this.send(signal, news)) return;
    if (alarming || this.plan.arm !== null) upsertSearchAttributes({ NeedsAttention: [true] });
    if (this.plan.role === 'entry') await this.endEntry();
  }

  /** Never cancelled: the executor has to hear of a leg that somebody cancelled. */
  private async send<News>(signal: ReturnType<typeof defineSignal<[News]>>, news: News): Promise<boolean> {
    const { parentId } = this.plan;
    if (parentId === null) return false;
    try {
      await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(parentId).signal(signal, news));
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }
}

/** Said of a workflow that is closed, or was never there. */
export function isGone(error: unknown): boolean {
  return error instanceof ApplicationFailure ? error.type === 'ExternalWorkflowExecutionNotFound' : error instanceof Error && /not found|already completed/i.test(error.message);
}
