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
  private restTimer: NodeJS.Timeout | null = null;
  private openTellings: number = LIMITS.maxOpenOrderReports;
  private told: { readonly fills: string | null; readonly open: string } = { fills: '0:', open: '' };
  private closed = false;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly workflowId: string,
    private readonly workflows: WorkflowLink,
    private readonly current: () => Omit<FillReport, 'sequence'>,
    /** When a trigger may be told, unless the end tells it before. */
    private readonly afterTrigger: (() => Promise<void>) | null = null,
  ) {}

  /** Something may have changed; `urgent`: the exit fired, which does not wait for the end of a gap. */
  noticed(urgent: boolean): void {
    if (this.closed) return;
    if (urgent && !this.triggerTold) {
      this.triggerTimer ??= setTimeout(() => void this.onTrigger(), this.afterTrigger === null ? LIMITS.triggerReportMs : 0).unref();
      return;
    }
    const waitMs = Math.max(LIMITS.firstFillReportMs, this.nextAtMs - Date.now());
    this.timer ??= setTimeout(() => this.onTimer(), waitMs).unref();
  }

  /**
   * Other orders are out than before. Told when they stay, and only so often: an order that follows the price moves more
   * often than history could.
   */
  resting(): void {
    if (this.closed || this.restTimer !== null || this.openTellings === 0) return;
    this.restTimer = setTimeout(() => this.onRest(), Math.max(LIMITS.restingReportMs, this.nextAtMs - Date.now())).unref();
  }

  close(): void {
    this.closed = true;
    if (this.restTimer !== null) clearTimeout(this.restTimer);
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.triggerTimer !== null) clearTimeout(this.triggerTimer);
  }

  private async onTrigger(): Promise<void> {
    await this.afterTrigger?.();
    this.triggerTold = true;
    if (!this.closed) this.send(Date.now());
  }

  private onTimer(): void {
    this.timer = null;
    if (!this.closed) this.send(Date.now());
  }

  private onRest(): void {
    this.restTimer = null;
    const news = this.current();
    if (this.closed || openIds(news) === this.told.open) return;
    this.openTellings -= 1;
    this.tell(news, Date.now());
  }

  private send(nowMs: number): void {
    const news = this.current();
    if (fillsOf(news) !== this.told.fills) this.tell(news, nowMs);
  }

  private tell(news: Omit<FillReport, 'sequence'>, nowMs: number): void {
    this.told = { fills: fillsOf(news), open: openIds(news) };
    if (this.nextAtMs > 0) this.gapMs = Math.min(this.gapMs * 2, LIMITS.maxFillReportGapMs);
    this.nextAtMs = nowMs + this.gapMs;
    this.sequence += 1;
    const report: FillReport = { sequence: nowMs * 1000 + (this.sequence % 1000), ...news };
    this.sending = this.sending.then(async () => {
      const answer = await this.workflows.signal(this.workflowId, SIGNALS.fillReport, report);
      if (answer !== 'unreachable' || this.closed) return;
      // The next report is cumulative, so a lost one only has to be sent again if none follows.
      this.told = { ...this.told, fills: null };
      this.timer ??= setTimeout(() => this.onTimer(), this.gapMs).unref();
    });
  }
}

function fillsOf({ totals, trigger }: Omit<FillReport, 'sequence'>): string {
  return `${totals.fillCount}:${trigger?.trigger ?? ''}`;
}

function openIds({ openOrders }: Omit<FillReport, 'sequence'>): string {
  return openOrders.map((order) => order.clientOrderId).join();
}
