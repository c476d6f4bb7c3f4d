import { SIGNALS, type FillReport } from '../../src/contract/messages.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { WorkflowLink } from '../../src/ports/workflow-link.js';

/**
 * Tells the workflow about fills without filling its history: the first at once, then with doubling gaps, always
 * cumulative and numbered. The end needs no report, the result carries it. A trigger is told at once.
 */
export class FillReporter {
  private sequence = 0;
  private gapMs: number = LIMITS.firstFillReportGapMs;
  private nextAtMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private told = '';
  private closed = false;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly workflowId: string,
    private readonly workflows: WorkflowLink,
    private readonly current: () => Omit<FillReport, 'sequence'>,
  ) {}

  /** Something may have changed; `urgent` skips the gap. */
  noticed(urgent: boolean): void {
    if (this.closed) return;
    const nowMs = Date.now();
    if (urgent || nowMs >= this.nextAtMs) this.send(nowMs);
    else this.timer ??= setTimeout(() => this.onTimer(), this.nextAtMs - nowMs).unref();
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
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
