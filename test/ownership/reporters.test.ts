import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttentionReporter } from '../../activities/session/attention-reporter.js';
import { FillReporter } from '../../activities/session/fill-reporter.js';
import type { AttentionReport, FillReport, OpenOrder } from '../../src/contract/messages.js';
import { NO_FILLS, totalsRecord } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { ScriptedLink } from './scripted-link.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const NOTHING_YET = { openOrders: [], trigger: null, totals: totalsRecord(NO_FILLS) };

const WORKING: OpenOrder = { clientOrderId: 'one', purpose: 'work', side: 'BUY', type: 'LIMIT', amountBase: '1', priceQuote: '50000', triggerPriceQuote: null };

function fillBench(): { link: ScriptedLink; reporter: FillReporter; fill: () => void; open: (orders: readonly OpenOrder[]) => void; reports: () => FillReport[] } {
  const link = new ScriptedLink();
  let news: Omit<FillReport, 'sequence'> = NOTHING_YET;
  const reporter = new FillReporter('leg', link, () => news);
  return {
    link,
    reporter,
    fill: () => {
      news = { ...news, totals: { ...news.totals, fillCount: news.totals.fillCount + 1 } };
      reporter.noticed(false);
    },
    open: (openOrders) => {
      news = { ...news, openOrders };
      reporter.resting();
    },
    reports: () => link.sent.map((signal) => signal.payload as FillReport),
  };
}

describe('reports of fills', () => {
  it('tell the first soon, and then the sum of what came since', async () => {
    const { fill, reports } = fillBench();
    fill();
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportMs - 1);
    expect(reports()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(reports().map((report) => report.totals.fillCount)).toEqual([1]);
    fill();
    fill();
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportGapMs - 1);
    expect(reports()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(reports().map((report) => report.totals.fillCount)).toEqual([1, 3]);
  });

  it('tell of an order that stays out, of none that is over within a moment, and not for ever of one that moves', async () => {
    const { open, reports, reporter } = fillBench();
    open([WORKING]);
    open([]);
    await vi.advanceTimersByTimeAsync(LIMITS.restingReportMs * 2);
    expect(reports()).toEqual([]);
    open([WORKING]);
    await vi.advanceTimersByTimeAsync(LIMITS.restingReportMs);
    expect(reports().map((report) => report.openOrders)).toEqual([[WORKING]]);
    // Chased a hundred times, and out for a while in between.
    for (let price = 1; price <= 100; price += 1) {
      open([{ ...WORKING, clientOrderId: `moved-${price}` }]);
      await vi.advanceTimersByTimeAsync(40_000);
    }
    expect(reports()).toHaveLength(LIMITS.maxOpenOrderReports);
    reporter.close();
  });

  it('tell of each stop that rests at the exchange', async () => {
    const { open, reports, reporter } = fillBench();
    const stop = { ...WORKING, purpose: 'exchangeStop' as const };
    open([stop]);
    await vi.advanceTimersByTimeAsync(LIMITS.restingReportMs);
    open([{ ...stop, clientOrderId: 'moved' }]);
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportGapMs);
    expect(reports().map((report) => report.openOrders.map((order) => order.clientOrderId))).toEqual([['one'], ['moved']]);
    reporter.close();
  });

  it('come with doubling gaps up to the longest, whatever happens in between', async () => {
    const { fill, reports } = fillBench();
    const everyMs = 250;
    const times: number[] = [];
    for (let atMs = 0; atMs < 200_000; atMs += everyMs) {
      fill();
      await vi.advanceTimersByTimeAsync(everyMs);
      if (reports().length > times.length) times.push(atMs);
    }
    const gaps = times.slice(1).map((atMs, index) => Math.round((atMs - (times[index] ?? 0)) / 1_000));
    expect(gaps.slice(0, 5)).toEqual([2, 4, 8, 16, 30]);
    expect(Math.max(...gaps)).toBe(LIMITS.maxFillReportGapMs / 1_000);
  });

  it('are numbered upwards, also by the reporter of a later attempt', async () => {
    const first = fillBench();
    first.fill();
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportGapMs);
    first.fill();
    await vi.advanceTimersByTimeAsync(LIMITS.maxFillReportGapMs);
    const second = fillBench();
    second.fill();
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportMs);
    const sequences = [...first.reports(), ...second.reports()].map((report) => report.sequence);
    expect(sequences).toHaveLength(3);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(3);
  });

  it('say nothing twice, and that the exit fired without waiting out a gap', async () => {
    const { reporter, fill, reports } = fillBench();
    fill();
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportMs);
    reporter.noticed(true);
    await vi.advanceTimersByTimeAsync(LIMITS.triggerReportMs);
    expect(reports()).toHaveLength(1);
    const second = fillBench();
    second.fill();
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportMs);
    second.fill();
    second.reporter.noticed(true);
    await vi.advanceTimersByTimeAsync(LIMITS.triggerReportMs);
    expect(second.reports().map((report) => report.totals.fillCount)).toEqual([1, 2]);
  });

  it('say nothing of what is over before they are due: the result tells it', async () => {
    const { reporter, fill, reports } = fillBench();
    fill();
    reporter.noticed(true);
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportMs - 1);
    reporter.close();
    await vi.advanceTimersByTimeAsync(LIMITS.maxFillReportGapMs);
    expect(reports()).toEqual([]);
  });

  it('are sent again when nobody could be reached, and not after the end', async () => {
    const { link, reporter, fill, reports } = fillBench();
    link.answer = 'unreachable';
    fill();
    await vi.advanceTimersByTimeAsync(LIMITS.firstFillReportGapMs * 2);
    expect(reports()).toEqual([]);
    link.answer = 'delivered';
    await vi.advanceTimersByTimeAsync(LIMITS.maxFillReportGapMs);
    expect(reports().map((report) => report.totals.fillCount)).toEqual([1]);
    link.answer = 'unreachable';
    fill();
    await vi.advanceTimersByTimeAsync(LIMITS.maxFillReportGapMs);
    reporter.close();
    link.answer = 'delivered';
    await vi.advanceTimersByTimeAsync(LIMITS.maxFillReportGapMs * 2);
    expect(reports()).toHaveLength(1);
  });
});

const REFUSED = { code: 'INVALID_ORDER', message: 'refused' } as const;
const SILENT = { code: 'EXCHANGE_UNREACHABLE', message: 'no answer' } as const;

function attentionBench(): { link: ScriptedLink; reporter: AttentionReporter; told: () => (readonly [string, string | null])[] } {
  const link = new ScriptedLink();
  return {
    link,
    reporter: new AttentionReporter('leg', link),
    told: () => link.sent.map((signal) => signal.payload as AttentionReport).map(({ code, message }) => [code, message]),
  };
}

describe('calls for attention', () => {
  it('are told at once, and taken back', async () => {
    const { reporter, told } = attentionBench();
    reporter.noticed(null);
    reporter.noticed(REFUSED);
    await vi.advanceTimersByTimeAsync(0);
    expect(told()).toEqual([['INVALID_ORDER', 'refused']]);
    reporter.noticed(null);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told()).toEqual([['INVALID_ORDER', 'refused'], ['INVALID_ORDER', null]]);
  });

  it('that come and go quickly are told as they stand when the quiet time is over', async () => {
    const { reporter, told } = attentionBench();
    reporter.noticed(REFUSED);
    for (let turn = 0; turn < 20; turn += 1) {
      reporter.noticed(turn % 2 === 0 ? null : REFUSED);
      await vi.advanceTimersByTimeAsync(10);
    }
    reporter.noticed(SILENT);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told()).toEqual([['INVALID_ORDER', 'refused'], ['INVALID_ORDER', null], ['EXCHANGE_UNREACHABLE', 'no answer']]);
  });

  it('are told again until somebody hears them', async () => {
    const { link, reporter, told } = attentionBench();
    link.answer = 'unreachable';
    reporter.noticed(REFUSED);
    await vi.advanceTimersByTimeAsync(30_000);
    link.answer = 'delivered';
    await vi.advanceTimersByTimeAsync(6_000);
    expect(told()).toEqual([['INVALID_ORDER', 'refused']]);
    link.answer = 'unreachable';
    reporter.noticed(null);
    await vi.advanceTimersByTimeAsync(30_000);
    link.answer = 'delivered';
    await vi.advanceTimersByTimeAsync(6_000);
    expect(told()).toEqual([['INVALID_ORDER', 'refused'], ['INVALID_ORDER', null]]);
  });

  it('end with the session', async () => {
    const { reporter, told } = attentionBench();
    reporter.noticed(REFUSED);
    await vi.advanceTimersByTimeAsync(0);
    reporter.close();
    reporter.noticed(null);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told()).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
