import { CancellationScope, defineSignal, setHandler } from '@temporalio/workflow';
import { SIGNALS, type AttentionReport, type FillReport, type SessionCommand } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { commandSession, workOrder, type OwnerWatch } from './session-call.js';

export const fillReportSignal = defineSignal<[FillReport]>(SIGNALS.fillReport);
export const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);
export const legCommandSignal = defineSignal<[SessionCommand]>(SIGNALS.legCommand);

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
  private markOver: () => void = () => undefined;
  private readonly over = new Promise<void>((resolve) => (this.markOver = resolve));

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
      this.markOver();
    }
  }

  /** Delivers a command; a session that ended meanwhile no longer needs it. */
  async command(command: SessionCommand): Promise<void> {
    if (!this.running) return;
    // Raced with the end: a command to a session that answered meanwhile would wait for one that never comes back.
    await CancellationScope.nonCancellable(() => Promise.race([commandSession(this.plan, this.plan.path, command, this.watch), this.over]));
  }
}
