import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReportConflictError, type ReportArchive, type ReportCursor } from '../../src/ports/report-archive.js';
import { sampleReport } from './sample-report.js';

const T0 = 1_760_000_000_000;

/** What every archive must do, whichever database it is on. `open` answers one on empty tables. */
export function archiveContract(name: string, open: () => Promise<ReportArchive>): void {
  describe(`report archive on ${name}`, () => {
    let archive: ReportArchive;
    beforeEach(async () => {
      archive = await open();
    });
    afterEach(async () => {
      await archive.close();
    });

    it('answers a report exactly as it was recorded', async () => {
      const report = sampleReport('exec-a', T0, { net_pnl_quote: '0.100000000000000000000000000001', last_error: 'ünïcode "quoted"' });
      expect(await archive.record(report)).toBe('recorded');
      expect(await archive.find('exec-a')).toEqual(report);
      expect(await archive.find('exec-b')).toBeNull();
    });

    it('takes the same report again without a change, whatever the order of its keys', async () => {
      const report = sampleReport('exec-a', T0);
      await archive.record(report);
      const reordered = Object.fromEntries(Object.entries(report).reverse()) as unknown as typeof report;
      expect(await archive.record(reordered)).toBe('alreadyRecorded');
      expect(await archive.count({})).toBe(1);
    });

    it('refuses a different report under the same id and keeps the first', async () => {
      await archive.record(sampleReport('exec-a', T0));
      await expect(archive.record(sampleReport('exec-a', T0, { net_pnl_quote: '99' }))).rejects.toThrow(ReportConflictError);
      expect((await archive.find('exec-a'))?.net_pnl_quote).toBe('1.25');
    });

    it('pages newest first, each row once, also through rows of the same millisecond', async () => {
      const ids = ['Zeta', 'alpha', 'beta', 'Beta', '9', '_x', '-y'];
      for (const [index, id] of ids.entries()) await archive.record(sampleReport(id, T0 + Math.floor(index / 3)));
      const seen: string[] = [];
      let after: ReportCursor | null = null;
      for (let page = 0; page < 10; page += 1) {
        const reports = await archive.search({}, 2, after);
        seen.push(...reports.map((report) => report.executor_id));
        const last = reports.at(-1);
        if (last === undefined) break;
        after = { createdAtMs: last.created_at_ms, id: last.executor_id };
      }
      const expected = ids
        .map((id, index) => ({ id, at: Math.floor(index / 3) }))
        .sort((left, right) => right.at - left.at || (left.id < right.id ? 1 : -1))
        .map((entry) => entry.id);
      expect(seen).toEqual(expected);
    });

    it('filters by any of several values of each field', async () => {
      await archive.record(sampleReport('one', T0, { controller_id: 'a', trading_pair: 'BTC-USDT' }));
      await archive.record(sampleReport('two', T0 + 1, { controller_id: 'b', trading_pair: 'ETH-USDT', executor_type: 'order_executor' }));
      await archive.record(sampleReport('three', T0 + 2, { controller_id: "c' or '1'='1", connector_name: 'other', account_name: 'second', close_type: 'STOP_LOSS' }));
      const found = async (filter: Parameters<ReportArchive['search']>[0]): Promise<string[]> => {
        const reports = await archive.search(filter, 10, null);
        expect(await archive.count(filter)).toBe(reports.length);
        return reports.map((report) => report.executor_id);
      };
      expect(await found({})).toEqual(['three', 'two', 'one']);
      expect(await found({ controllerIds: ['a', 'b'] })).toEqual(['two', 'one']);
      expect(await found({ controllerIds: ["c' or '1'='1"] })).toEqual(['three']);
      expect(await found({ pairs: ['ETH-USDT'] })).toEqual(['two']);
      expect(await found({ executorTypes: ['order_executor'] })).toEqual(['two']);
      expect(await found({ connectors: ['other'], accounts: ['second'] })).toEqual(['three']);
      expect(await found({ connectors: ['other'], accounts: ['master_account'] })).toEqual([]);
      expect(await found({ closeTypes: ['TAKE_PROFIT'] })).toEqual(['two', 'one']);
    });

    it('says which ids it holds', async () => {
      for (let index = 0; index < 5; index += 1) await archive.record(sampleReport(`id-${index}`, T0 + index));
      const asked = Array.from({ length: 1_200 }, (_, index) => `id-${index}`);
      expect([...(await archive.archivedAmong(asked))].sort()).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4']);
      expect((await archive.archivedAmong([])).size).toBe(0);
    });

    it('sums decimals without rounding', async () => {
      await archive.record(sampleReport('one', T0, { net_pnl_quote: '0.1', fees_paid_quote: '0.000000000000000001', volume_quote: '12345678901234567890.5' }));
      await archive.record(sampleReport('two', T0, { net_pnl_quote: '0.2', fees_paid_quote: '0.000000000000000002', volume_quote: '0.25', close_type: null }));
      await archive.record(sampleReport('three', T0, { net_pnl_quote: '-5', controller_id: 'other' }));
      expect(await archive.totals({ controllerIds: ['main'] })).toEqual({
        executors: 2,
        netPnlQuote: '0.3',
        feesPaidQuote: '0.000000000000000003',
        volumeQuote: '12345678901234567890.75',
        byCloseType: { TAKE_PROFIT: 1, NONE: 1 },
      });
      expect(await archive.totals({ pairs: ['none'] })).toMatchObject({ executors: 0, netPnlQuote: '0' });
    });

    it('records from several callers at once', async () => {
      const reports = Array.from({ length: 20 }, (_, index) => sampleReport(`many-${index % 10}`, T0 + (index % 10)));
      const answers = await Promise.all(reports.map((report) => archive.record(report)));
      expect(answers.filter((answer) => answer === 'recorded')).toHaveLength(10);
      expect(await archive.count({})).toBe(10);
    });
  });
}
