import type { ExecutorReport } from '../contract/report.js';
import type { CloseType } from '../domain/enumerations.js';

/** Closed executors are asked for by any of the given values; an absent list filters nothing. */
export interface ReportFilter {
  readonly executorTypes?: readonly string[] | undefined;
  readonly controllerIds?: readonly string[] | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly connectors?: readonly string[] | undefined;
  readonly pairs?: readonly string[] | undefined;
  readonly closeTypes?: readonly CloseType[] | undefined;
}

/** Position in the order (created, id), newest first; rows after it are older. */
export interface ReportCursor {
  readonly createdAtMs: number;
  readonly id: string;
}

/** Sums over closed executors; decimals in digits. */
export interface ReportTotals {
  readonly executors: number;
  readonly netPnlQuote: string;
  readonly feesPaidQuote: string;
  readonly volumeQuote: string;
  /** Close type -> number of executors; `NONE` for those without one. */
  readonly byCloseType: Readonly<Record<string, number>>;
}

/** The archive holds another report under the same id: an executor ended twice. Never overwritten. */
export class ReportConflictError extends Error {
  override readonly name = 'ReportConflictError';
  readonly executorId: string;

  constructor(executorId: string) {
    super(`executor ${executorId} is already archived with a different report`);
    this.executorId = executorId;
  }
}

/** Reports of closed executors. They outlive the workflow execution, its deletion and the namespace's retention. */
export interface ReportArchive {
  /**
   * Stores the report, durable when it answers. The same report again changes nothing; another one under the same id
   * throws ReportConflictError.
   */
  record(report: ExecutorReport): Promise<'recorded' | 'alreadyRecorded'>;
  find(executorId: string): Promise<ExecutorReport | null>;
  /** Which of these executors are archived. */
  archivedAmong(executorIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** At most `limit` reports after the cursor, newest created first. */
  search(filter: ReportFilter, limit: number, after: ReportCursor | null): Promise<readonly ExecutorReport[]>;
  count(filter: ReportFilter): Promise<number>;
  totals(filter: ReportFilter): Promise<ReportTotals>;
  close(): Promise<void>;
}
