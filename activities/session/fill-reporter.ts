import { SIGNALS, type FillReport } from '../../src/contract/messages.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { WorkflowLink } from '../../src/ports/workflow-link.js';

/**
 * Tells the workflow about fills without filling its history: the first soon, then with doubling gaps, always cumulative
 * and numbered. A trigger is told beside the gaps. The end needs no report, the result carries all: what is over within
 * a moment is told once, and a crash of the whole market does not begin with a letter for each stop.
 */
export class FillReporter {
  private sequence = 0;
  private gapMs: number = LIMITS.firstFillReportGapMs;
  private nextAtMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private triggerTimer: NodeJS.Timeout | null = null;
  private triggerTold = false;
  private told = '';
  private closed = false;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly workflowId: string,
    private readonly workflows: WorkflowLink,
    private readonly current: () => Omit<FillReport, 'sequence'>,
  ) {}

  /** Something may have changed; `urgent`: the exit fired, which does not wait for the end of a gap. */
  noticed(urgent: boolean): void {
    if (this.closed) return;
    if (urgent && !this.triggerTold) {
      this.triggerTimer ??= setTimeout(() => this.onTrigger(), LIMITS.triggerReportMs).unref();
      return;
    }
    const waitMs = Math.max(LIMITS.firstFillReportMs, this.nextAtMs - Date.now());
    this.timer ??= setTimeout(() => this.onTimer(), waitMs).unref();
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.triggerTimer !== null) clearTimeout(this.triggerTimer);
  }

  private onTrigger(): void {
    this.triggerTold = true;
    if (!this.closed) this.send(Date.now());
  }

  private onTimer(): void {
    this.timer = null;
    if (!this.closed) this.send(Date.now());
  }

  private send(nowMs: number): void {
    const news = this.current();
    const key = `${news.totals.fillCount}:${news.trigger?.trigger ?? ''}`;
    if (key === this.told) return;
    this.told = key;
    if (this.nextAtMs > 0) this.gapMs = Math.min(this.gapMs * 2, LIMITS.maxFillReportGapMs);
    this.nextAtMs = nowMs + this.gapMs;
    this.sequence += 1;
    const report: FillReport = { sequence: nowMs * 1000 + (this.sequence % 1000), ...news };
    this.sending = this.sending.then(async () => {
      const answer = await this.workflows.signal(this.workflowId, SIGNALS.fillReport, report);
      if (answer !== 'unreachable' || this.closed) return;
      // The next report is cumulative, so a lost one only has to be sent again if none follows.
      this.told = '';
      this.timer ??= setTimeout(() => this.onTimer(), this.gapMs).unref();
    });
  }
}
