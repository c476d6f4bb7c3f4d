import { exactJsonText } from '../http/exact-json.js';
import type { ExecutorRow } from './executor-row.js';

/** The standard report, and beside it the names existing clients read the same numbers by. */
export const REPORT_FIELDS = [
  'executor_id',
  'executor_type',
  'controller_id',
  'status',
  'close_type',
  'outcome',
  'net_pnl_quote',
  'net_pnl_pct',
  'fees_paid_quote',
  'volume_quote',
  'duration_seconds',
  'cum_fees_quote',
  'filled_amount_quote',
  'account_name',
  'connector_name',
  'trading_pair',
  'side',
  'created_at',
  'closed_at',
  'error_count',
  'last_error',
] as const;

/** Fields of the row that a JSON report carries besides {@link REPORT_FIELDS}. */
const FURTHER_FIELDS = ['id', 'type', 'timestamp', 'close_timestamp', 'is_active', 'is_trading', 'residue_base', 'config', 'custom_info', 'orders'] as const;

/** A report for people: one field a line. */
export function reportText(name: string, row: ExecutorRow): string {
  const lines = REPORT_FIELDS.filter((field) => row.text(field) !== '').map((field) => `  ${field.padEnd(20)} ${row.text(field)}`);
  return [`${name}`, ...lines].join('\n');
}

/** All reports as one JSON array; money keeps its digits, as numbers and as `<name>_exact` text. */
export function reportsJson(rows: readonly ExecutorRow[]): string {
  return `[\n${rows.map((row) => `  ${exactJsonText(reportFields(row))}`).join(',\n')}\n]`;
}

function reportFields({ fields }: ExecutorRow): Readonly<Record<string, unknown>> {
  const report: Record<string, unknown> = {};
  for (const name of [...REPORT_FIELDS, ...FURTHER_FIELDS]) {
    report[name] = fields[name] ?? null;
    const exact = `${name}_exact`;
    if (exact in fields) report[exact] = fields[exact];
  }
  return report;
}

/** Where to look at an executor: the Web UI, and lines for the Temporal CLI. */
export function lookWithLines(id: string, uiUrl: string | undefined): readonly string[] {
  return [
    ...(uiUrl === undefined ? [] : [`Look at it in the Temporal Web UI: ${uiUrl}`]),
    'Or with the Temporal CLI, in another terminal:',
    '  npm run temporal -- workflow list',
    `  npm run temporal -- workflow describe -w ${id}`,
    `  npm run temporal -- workflow show -w ${id}`,
  ];
}
