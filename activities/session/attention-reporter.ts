import { SIGNALS, type AttentionReport } from '../../src/contract/messages.js';
import type { Attention } from '../../src/domain/session/session-state.js';
import type { WorkflowLink } from '../../src/ports/workflow-link.js';

const QUIET_MS = 5_000;
/** What comes and goes all day must not fill a history: the quiet time grows after these, up to the longest. */
const FREE_CHANGES = 6;
const LONGEST_QUIET_MS = 600_000;

/**
 * Tells the workflow that a person has to look, and when not any more; at most once per quiet time, and again while the
 * server cannot be reached.
 */
export class AttentionReporter {
  private told: Attention | null = null;
  private wanted: Attention | null = null;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;
  private changes = 0;

  constructor(private readonly workflowId: string, private readonly workflows: WorkflowLink) {}

  noticed(attention: Attention | null): void {
    this.wanted = attention;
    if (this.closed || this.timer !== null || this.told === attention) return;
    void this.tell();
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async tell(): Promise<void> {
    const quietMs = Math.min(QUIET_MS * 2 ** Math.min(Math.max(0, this.changes - FREE_CHANGES), 20), LONGEST_QUIET_MS);
    this.timer = setTimeout(() => this.onQuietOver(), quietMs).unref();
    const { wanted, told } = this;
    if (told !== null && told.code !== wanted?.code) {
      if (!(await this.send({ code: told.code, message: null, atMs: Date.now() }))) return;
      this.told = null;
    }
    if (wanted !== null && !(await this.send({ code: wanted.code, message: wanted.message, atMs: Date.now() }))) return;
    this.told = wanted;
    this.changes += 1;
  }

  private onQuietOver(): void {
    this.timer = null;
    if (!this.closed && this.told !== this.wanted) void this.tell();
  }

  /** False while nobody can be told; a workflow that is gone needs no alarm of its own. */
  private async send(report: AttentionReport): Promise<boolean> {
    return (await this.workflows.signal(this.workflowId, SIGNALS.attention, report)) !== 'unreachable';
  }
}
