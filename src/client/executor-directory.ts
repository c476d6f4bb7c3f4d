import { compareRows, type ExecutorFilter, matchesMarket, type RowCursor } from './executor-filter.js';
import type { ExecutorClient } from './executor-client.js';
import type { ExecutorSnapshot } from './executor-snapshot.js';
import { type LiveReport, liveReport } from './live-report.js';
import type { MarketPrices } from './market-prices.js';
import type { ExecutorReport } from '../contract/report.js';
import type { ReportArchive } from '../ports/report-archive.js';

export interface ExecutorPage {
  readonly rows: readonly LiveReport[];
  /** Place of the last row; null when there are no more. */
  readonly next: RowCursor | null;
  readonly totalCount: number;
}

/**
 * All executors, running and closed, as one list: running ones from visibility, closed ones from the archive. One that is
 * in both is closed: the archive is written before the workflow ends.
 */
export class ExecutorDirectory {
  readonly #client: ExecutorClient;
  readonly #archive: ReportArchive;
  readonly #prices: MarketPrices;

  constructor(client: ExecutorClient, archive: ReportArchive, prices: MarketPrices) {
    this.#client = client;
    this.#archive = archive;
    this.#prices = prices;
  }

  /** Newest created first. */
  async search(filter: ExecutorFilter, limit: number, after: RowCursor | null): Promise<ExecutorPage> {
    // Visibility first: an executor that ends in between is then in both and not in neither.
    const open = await this.#openSnapshots(filter);
    const closed = filter.status === undefined || filter.status === 'TERMINATED';
    const archived = closed ? await this.#archive.search(filter, limit + 1, after) : [];
    const archivedCount = closed ? await this.#archive.count(filter) : 0;
    const archivedIds = new Set(archived.map((report) => report.executor_id));
    const current = open.filter((snapshot) => !archivedIds.has(snapshot.config.id));
    const rows = [
      ...current.map((snapshot) => ({ createdAtMs: snapshot.config.createdAtMs, id: snapshot.config.id, snapshot })),
      ...archived.map((report) => ({ createdAtMs: report.created_at_ms, id: report.executor_id, report })),
    ]
      .filter((row) => after === null || compareRows(row, after) > 0)
      .sort(compareRows);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      rows: await Promise.all(page.map((row) => ('report' in row ? { report: row.report, marked: true } : this.#mark(row.snapshot)))),
      next: last === undefined || rows.length <= limit ? null : { createdAtMs: last.createdAtMs, id: last.id },
      totalCount: current.length + archivedCount,
    };
  }

  /** Null when no executor has that id. A running one is asked itself, within a bound, for what only it knows. */
  async find(id: string): Promise<LiveReport | null> {
    const archived = await this.#archive.find(id);
    if (archived !== null) return { report: archived, marked: true };
    if ((await this.#client.describe(id))?.execution !== 'open') return await this.#findClosed(id);
    const own = await this.#client.report(id);
    // Read after the report, so that its numbers are never older than what the report adds.
    const snapshot = await this.#client.describe(id);
    if (snapshot?.execution !== 'open') return await this.#findClosed(id);
    const live = await this.#mark(snapshot);
    return own === null ? live : { marked: live.marked, report: completed(live.report, own) };
  }

  /** An executor that ended since the archive was read is archived now; one that was cut off has only its snapshot. */
  async #findClosed(id: string): Promise<LiveReport | null> {
    const archived = await this.#archive.find(id);
    if (archived !== null) return { report: archived, marked: true };
    const snapshot = await this.#client.describe(id);
    return snapshot === null ? null : await this.#mark(snapshot);
  }

  /** Running executors, marked. */
  async running(filter: ExecutorFilter): Promise<readonly LiveReport[]> {
    const open = await this.#openSnapshots(filter);
    return await Promise.all(open.filter((snapshot) => snapshot.execution === 'open').map((snapshot) => this.#mark(snapshot)));
  }

  async #openSnapshots(filter: ExecutorFilter): Promise<readonly ExecutorSnapshot[]> {
    const listed = (await this.#client.listOpen(filter)).filter((snapshot) => matchesMarket(snapshot.config, filter));
    const archived = await this.#archive.archivedAmong(listed.map((snapshot) => snapshot.config.id));
    return listed.filter((snapshot) => !archived.has(snapshot.config.id) && (filter.status === undefined || filter.status === snapshot.status));
  }

  async #mark(snapshot: ExecutorSnapshot): Promise<LiveReport> {
    const needsPrice = snapshot.execution === 'open' && snapshot.config.type !== 'order_executor';
    const market = needsPrice ? await this.#prices.view(snapshot.config.connector, snapshot.config.pair) : null;
    return liveReport(snapshot, market, Date.now());
  }
}

/** A report from visibility with what only the executor's own report has. */
function completed(live: ExecutorReport, own: ExecutorReport): ExecutorReport {
  const known = Object.fromEntries(Object.entries(live.custom_info).filter(([, value]) => value !== null));
  const { orders, hold, why, error_count, residue_base } = own;
  return { ...live, orders, hold, why, error_count, residue_base, custom_info: { ...own.custom_info, ...known } };
}
