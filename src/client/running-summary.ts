import { decimal, exactly, toDecimalString, ZERO, type Decimal } from '../domain/money.js';
import type { LiveReport } from './live-report.js';

export interface RunningSums {
  readonly executors: number;
  readonly netPnlQuote: string;
  readonly volumeQuote: string;
  readonly byType: Readonly<Record<string, number>>;
  readonly byConnector: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
}

/** Counts and sums of running executors. Quote assets are added as they are, as the wire does. */
export function sumRunning(running: readonly LiveReport[]): RunningSums {
  const reports = running.map((live) => live.report);
  const total = (values: readonly string[]): string => toDecimalString(values.reduce<Decimal>((sum, value) => exactly.sum(sum, decimal(value)), ZERO));
  return {
    executors: reports.length,
    netPnlQuote: total(reports.map((report) => report.net_pnl_quote)),
    volumeQuote: total(reports.map((report) => report.filled_amount_quote)),
    byType: countBy(reports.map((report) => report.executor_type)),
    byConnector: countBy(reports.map((report) => report.connector_name)),
    byStatus: countBy(reports.map((report) => report.status)),
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
