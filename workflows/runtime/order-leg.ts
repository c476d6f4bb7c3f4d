import { CancellationScope, condition, defineSignal } from '@temporalio/workflow';
import { isAttentionReport, isFillReport } from '../../src/contract/check-messages.js';
import { SIGNALS, type AttentionReport, type FillReport, type SessionCommand } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { LIMITS } from '../../src/domain/limits.js';
import { HEARD_ANYWAY, onSignal, type Hearing } from './checked-signal.js';
import { commandSession, workOrder, type OwnerWatch } from './session-call.js';

export const fillReportSignal = defineSignal<[FillReport]>(SIGNALS.fillReport);
export const attentionSignal = defineSignal<[AttentionReport]>(SIGNALS.attention);
export const legCommandSignal = defineSignal<[SessionCommand]>(SIGNALS.legCommand);

export interface SessionNews {
  /** Cumulative fills; only newer sequences arrive here. */
  fills(report: FillReport): void;
  attention(report: AttentionReport): void;
  /** A malformed signal came; optional, it is in the log anyway. */
  readonly ignored?: (signal: string) => void;
}

/**
 * Runs one order session to its end inside a workflow: its news, the commands to it, and nothing that a cancellation of
 * the workflow could tear apart.
 */
export class SessionRun {
  private lastSequence = 0;
  private phase: 'planned' | 'running' | 'over' = 'planned';
  private readonly latest = new Map<SessionCommand['kind'], SessionCommand>();
  private markOver: () => void = () => undefined;
  private readonly over = new Promise<void>((resolve) => (this.markOver = resolve));

  constructor(private readonly plan: OrderPlan, private readonly news: SessionNews, private readonly watch: OwnerWatch, hearing: Hearing = HEARD_ANYWAY) {
    onSignal(hearing, fillReportSignal, isFillReport, (report) => this.onFills(report), this.news.ignored);
    onSignal(hearing, attentionSignal, isAttentionReport, (report) => {
      if (this.phase !== 'over') this.news.attention(report);
    }, this.news.ignored);
  }

  async run(): Promise<SessionResult> {
    this.phase = 'running';
    try {
      return await CancellationScope.nonCancellable(() => workOrder(this.plan, this.plan, this.watch));
    } finally {
      this.phase = 'over';
      this.markOver();
    }
  }

  /** A report can be on its way while the session ends, and arrive after the result that knows more. */
  private onFills(report: FillReport): void {
    if (this.phase === 'over' || report.sequence <= this.lastSequence) return;
    this.lastSequence = report.sequence;
    this.news.fills(report);
  }

  /**
   * Delivers a command; a session that ended meanwhile no longer needs it. What was acknowledged is told again: a heartbeat
   * of before that arrives last makes the next attempt forget it.
   */
  async command(command: SessionCommand): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      // A command can be in history before the first task of its leg: it waits for the session it is meant for.
      await condition(() => this.phase !== 'planned');
      if (this.phase === 'over') return;
      this.latest.set(command.kind, command);
      // Raced with the end: a command to a session that answered meanwhile would wait for one that never comes back.
      await this.deliver(command);
      void this.tellAgain(command);
    });
  }

  private async deliver(command: SessionCommand): Promise<void> {
    await Promise.race([commandSession(this.plan, this.plan.path, command, this.watch), this.over]);
  }

  /** What ends a session until it has ended; all else once, later than any heartbeat of before can be on its way. */
  private async tellAgain(command: SessionCommand): Promise<void> {
    const ends = command.kind === 'fire' || command.kind === 'cancel';
    try {
      for (let pauseMs: number = LIMITS.firstTellAgainMs; ; pauseMs = Math.min(pauseMs * 2, LIMITS.longestTellAgainMs)) {
        if (await condition(() => this.phase === 'over', pauseMs)) return;
        // Each of a kind holds what those before it told.
        if (this.latest.get(command.kind) !== command) return;
        await this.deliver(command);
        if (!ends) return;
      }
    } catch {
      // It was delivered once: what refuses it now is a session that came after.
    }
  }
}
