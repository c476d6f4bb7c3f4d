import { Decimal } from 'decimal.js';
import type { ExpressionBuilder, ExpressionWrapper, Kysely, SqlBool } from 'kysely';
import type { ExecutorReport } from '../contract/report.js';
import { ReportConflictError, type ReportArchive, type ReportCursor, type ReportFilter, type ReportTotals } from '../ports/report-archive.js';
import type { ArchiveDatabase, ExecutorReportRow } from './archive-schema.js';
import { canonicalJson } from './canonical-json.js';

/** Parameters of one `in (...)`; SQLite allows 32,766 in a statement. */
const MAX_IDS_PER_QUERY = 500;
const ROWS_PER_SUM = 2_000;
const MAX_PAGE = 1_000;

/** Sums of any length without rounding. */
const Exact = Decimal.clone({ precision: 200 });

type Reports = ExpressionBuilder<ArchiveDatabase, 'executor_reports'>;

/** The report archive on any SQL database that Kysely speaks. */
export class SqlReportArchive implements ReportArchive {
  readonly #database: Kysely<ArchiveDatabase>;

  constructor(database: Kysely<ArchiveDatabase>) {
    this.#database = database;
  }

  async record(report: ExecutorReport): Promise<'recorded' | 'alreadyRecorded'> {
    const row = reportRow(report);
    const inserted = await this.#database
      .insertInto('executor_reports')
      .values(row)
      .onConflict((conflict) => conflict.column('executor_id').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return 'recorded';
    const stored = await this.find(report.executor_id);
    if (stored === null || canonicalJson(stored) !== canonicalJson(report)) throw new ReportConflictError(report.executor_id);
    return 'alreadyRecorded';
  }

  async find(executorId: string): Promise<ExecutorReport | null> {
    const row = await this.#database.selectFrom('executor_reports').select('report').where('executor_id', '=', executorId).executeTakeFirst();
    return row === undefined ? null : parseReport(row.report);
  }

  async archivedAmong(executorIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let start = 0; start < executorIds.length; start += MAX_IDS_PER_QUERY) {
      const ids = executorIds.slice(start, start + MAX_IDS_PER_QUERY);
      const rows = await this.#database.selectFrom('executor_reports').select('executor_id').where('executor_id', 'in', ids).execute();
      for (const row of rows) found.add(row.executor_id);
    }
    return found;
  }

  async search(filter: ReportFilter, limit: number, after: ReportCursor | null): Promise<readonly ExecutorReport[]> {
    const rows = await this.#database
      .selectFrom('executor_reports')
      .select('report')
      .where((reports) => reports.and([...conditions(reports, filter), ...olderThan(reports, after)]))
      .orderBy('created_at_ms', 'desc')
      .orderBy('executor_id', 'desc')
      .limit(Math.min(limit, MAX_PAGE + 1))
      .execute();
    return rows.map((row) => parseReport(row.report));
  }

  async count(filter: ReportFilter): Promise<number> {
    const row = await this.#database
      .selectFrom('executor_reports')
      .select((reports) => reports.fn.countAll().as('executors'))
      .where((reports) => reports.and(conditions(reports, filter)))
      .executeTakeFirstOrThrow();
    return Number(row.executors);
  }

  async totals(filter: ReportFilter): Promise<ReportTotals> {
    let [pnl, fees, volume] = [new Exact(0), new Exact(0), new Exact(0)];
    let executors = 0;
    const byCloseType: Record<string, number> = {};
    let after: ReportCursor | null = null;
    // Summed here and not in SQL: SQLite adds doubles. Page by page, so that memory stays bounded.
    for (;;) {
      const rows = await this.#sumRows(filter, after);
      for (const row of rows) {
        pnl = pnl.plus(row.net_pnl_quote);
        fees = fees.plus(row.fees_paid_quote);
        volume = volume.plus(row.volume_quote);
        const closeType = row.close_type ?? 'NONE';
        byCloseType[closeType] = (byCloseType[closeType] ?? 0) + 1;
      }
      executors += rows.length;
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_PER_SUM) break;
      after = { createdAtMs: Number(last.created_at_ms), id: last.executor_id };
    }
    return { executors, netPnlQuote: pnl.toFixed(), feesPaidQuote: fees.toFixed(), volumeQuote: volume.toFixed(), byCloseType };
  }

  #sumRows(filter: ReportFilter, after: ReportCursor | null) {
    return this.#database
      .selectFrom('executor_reports')
      .select(['executor_id', 'created_at_ms', 'close_type', 'net_pnl_quote', 'fees_paid_quote', 'volume_quote'])
      .where((reports) => reports.and([...conditions(reports, filter), ...olderThan(reports, after)]))
      .orderBy('created_at_ms', 'desc')
      .orderBy('executor_id', 'desc')
      .limit(ROWS_PER_SUM)
      .execute();
  }

  async close(): Promise<void> {
    await this.#database.destroy();
  }
}

function conditions(reports: Reports, filter: ReportFilter): ExpressionWrapper<ArchiveDatabase, 'executor_reports', SqlBool>[] {
  const columns = {
    executor_type: filter.executorTypes,
    controller_id: filter.controllerIds,
    account_name: filter.accounts,
    connector_name: filter.connectors,
    trading_pair: filter.pairs,
    close_type: filter.closeTypes,
  } as const;
  return Object.entries(columns).flatMap(([column, values]) =>
    values === undefined ? [] : [reports(column as keyof typeof columns, 'in', [...values])],
  );
}

function olderThan(reports: Reports, after: ReportCursor | null): ExpressionWrapper<ArchiveDatabase, 'executor_reports', SqlBool>[] {
  if (after === null) return [];
  const sameTime = reports.and([reports('created_at_ms', '=', after.createdAtMs), reports('executor_id', '<', after.id)]);
  return [reports.or([reports('created_at_ms', '<', after.createdAtMs), sameTime])];
}

function reportRow(report: ExecutorReport): ExecutorReportRow {
  return {
    executor_id: report.executor_id,
    executor_type: report.executor_type,
    controller_id: report.controller_id,
    account_name: report.account_name,
    connector_name: report.connector_name,
    trading_pair: report.trading_pair,
    side: report.side,
    close_type: report.close_type,
    outcome: report.outcome,
    created_at_ms: report.created_at_ms,
    closed_at_ms: report.closed_at_ms,
    net_pnl_quote: report.net_pnl_quote,
    fees_paid_quote: report.fees_paid_quote,
    volume_quote: report.volume_quote,
    report: JSON.stringify(report),
  };
}

function parseReport(text: string): ExecutorReport {
  return JSON.parse(text) as ExecutorReport;
}
