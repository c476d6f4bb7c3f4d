import { marketsOf, type ExecutorConfig } from '../contract/executor-config.js';
import type { ExecutorStatus } from '../domain/enumerations.js';
import type { ReportFilter } from '../ports/report-archive.js';

/** What lists are filtered by: any of the values of each field. */
export interface ExecutorFilter extends ReportFilter {
  readonly status?: ExecutorStatus | undefined;
}

/** Place in the order of lists: newest created first, then by id, by their bytes as SQL has it. */
export interface RowCursor {
  readonly createdAtMs: number;
  readonly id: string;
}

/** Negative when `left` comes first. */
export function compareRows(left: RowCursor, right: RowCursor): number {
  if (left.createdAtMs !== right.createdAtMs) return right.createdAtMs - left.createdAtMs;
  if (left.id === right.id) return 0;
  return left.id < right.id ? 1 : -1;
}

/** The part of a filter that visibility cannot apply. */
export function matchesMarket(config: ExecutorConfig, filter: ExecutorFilter): boolean {
  return marketsOf(config).some(({ connector, pair, account }) => includes(filter.connectors, connector) && includes(filter.pairs, pair) && includes(filter.accounts, account));
}

function includes(values: readonly string[] | undefined, value: string): boolean {
  return values === undefined || values.includes(value);
}
