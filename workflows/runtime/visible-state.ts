import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { marketKey } from '../../src/contract/search-attributes.js';
import { marketsOf, type ExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { Hearing } from './checked-signal.js';

/** Where the state of an executor is seen. */
export interface Visible {
  readonly hearing: Hearing;
  show(report: ExecutorReport, extra: Readonly<Record<string, string>>): void;
}

/**
 * What lists and the Web UI see of an executor: search attributes to filter by, a memo of flat strings that `describe`
 * shows without a worker, and current details in Markdown. Written only when something changed.
 */
export class VisibleState implements Visible {
  private lastAttributes = '';
  private lastMemo = '';
  private writes = 0;
  private signalsUnchanged = 0;

  constructor(private readonly config: ExecutorConfig) {}

  /**
   * Handles a signal, and counts it in the memo when it changed nothing that is shown. A workflow task without a single
   * command is taken together with the one after it by a worker that has the workflow not in memory, but not in a replay,
   * when an update follows: what runs between two such tasks would run in another order (temporalio/sdk-rust#1146).
   */
  readonly hearing: Hearing = (handle) => {
    const before = this.writes;
    try {
      return handle();
    } finally {
      if (this.writes === before) {
        this.signalsUnchanged += 1;
        upsertMemo({ signals_unchanged: String(this.signalsUnchanged) });
      }
    }
  };

  show(report: ExecutorReport, extra: Readonly<Record<string, string>>): void {
    // The start has told already that it runs and has done nothing yet.
    if (this.lastMemo === '' && isFresh(report)) {
      this.lastAttributes = JSON.stringify(this.attributes(report));
      this.lastMemo = memoKey(this.memo(report, extra));
    }
    this.showAttributes(report);
    this.showMemo(report, extra);
    setCurrentDetails(details(report, extra));
  }

  private attributes(report: ExecutorReport): Parameters<typeof upsertSearchAttributes>[0] {
    return {
      ExecutorType: [report.executor_type],
      ExecutorRole: ['executor'],
      ControllerId: [report.controller_id],
      Side: [report.side],
      ExecutorStatus: [report.status],
      NeedsAttention: [report.needs_attention],
      Markets: marketsOf(this.config).map(({ connector, pair, account }) => marketKey(connector, pair, account)),
      CreatedAt: [new Date(this.config.createdAtMs)],
      NetPnlQuote: [Number(report.net_pnl_quote)],
      VolumeQuote: [Number(report.volume_quote)],
      ...(report.close_type === null ? {} : { CloseType: [report.close_type] }),
      ...(report.outcome === null ? {} : { Outcome: [report.outcome] }),
    };
  }

  private showAttributes(report: ExecutorReport): void {
    const attributes = this.attributes(report);
    const key = JSON.stringify(attributes);
    if (key === this.lastAttributes) return;
    this.lastAttributes = key;
    this.writes += 1;
    upsertSearchAttributes(attributes);
  }

  private memo(report: ExecutorReport, extra: Readonly<Record<string, string>>): Record<string, string> {
    return {
      status: report.status,
      close_type: report.close_type ?? '',
      outcome: report.outcome ?? '',
      net_pnl_quote: report.net_pnl_quote,
      net_pnl_pct: report.net_pnl_pct,
      fees_paid_quote: report.fees_paid_quote,
      volume_quote: report.volume_quote,
      last_error: report.last_error ?? '',
      last_decision: report.why.at(-1)?.decision ?? '',
      ...extra,
    };
  }

  private showMemo(report: ExecutorReport, extra: Readonly<Record<string, string>>): void {
    const memo = this.memo(report, extra);
    const key = memoKey(memo);
    if (key === this.lastMemo) return;
    this.lastMemo = key;
    this.writes += 1;
    upsertMemo(memo);
  }
}

/** Started with its first state in view (`startOptions`), and still in it. */
function isFresh(report: ExecutorReport): boolean {
  return workflowInfo().memo?.['status'] === 'RUNNING' && report.status === 'RUNNING' && report.last_error === null && !report.needs_attention && !report.is_trading;
}

/** A decision that changed nothing else is in the details and in `why`; it is no event of its own. */
function memoKey({ last_decision: _, ...rest }: Readonly<Record<string, string>>): string {
  return JSON.stringify(rest);
}

function details(report: ExecutorReport, extra: Readonly<Record<string, string>>): string {
  const rows = [
    ['status', report.status],
    ['close type', report.close_type ?? '-'],
    ['net P&L', `${report.net_pnl_quote} (${report.net_pnl_pct})`],
    ['fees', report.fees_paid_quote],
    ['volume', report.volume_quote],
    ...Object.entries(extra).filter(([name]) => !name.endsWith('_totals') && name !== 'config' && name !== 'custom_info'),
    ...(report.last_error === null ? [] : [['last error', report.last_error]]),
  ];
  const title = `### ${report.executor_type} ${report.side} ${report.trading_pair} (${workflowInfo().workflowId.slice(0, 8)})`;
  const table = ['| what | value |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)];
  const story = report.why.slice(-10).map((entry) => `- ${new Date(entry.atMs).toISOString()} ${entry.decision}`);
  return [title, '', ...table, '', '#### last decisions', ...story].join('\n');
}
