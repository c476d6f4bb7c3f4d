import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { auditOf, expectNoDifference } from './audited-run.js';
import { gridTrades, moved } from './grid-trades.js';
import { SYMBOL, gridConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;
const started: GridExecutorConfig[] = [];

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function start(change: Partial<GridExecutorConfig>): Promise<string> {
  const config = gridConfig(change);
  started.push(config);
  return run.start(config);
}

async function openPrices(): Promise<readonly string[]> {
  const orders = await run.paper.orders({ symbol: SYMBOL });
  return orders.filter((order) => order.state === 'new' || order.state === 'partially_filled').map((order) => order.priceQuote ?? 'market');
}

async function resting(...prices: readonly string[]): Promise<void> {
  await run.until(openPrices, (open) => [...open].sort().join() === [...prices].sort().join(), `${prices.join(', ')} rest`);
}

/** Sums of the report are those of the exchange, nothing rests, and what is kept is what was traded. */
async function expectExact(report: ExecutorReport): Promise<void> {
  const money = moved(await gridTrades(run.paper, report));
  expect(report).toMatchObject({ volume_quote: money.volumeQuote.toFixed(), fees_paid_quote: money.feesQuote.toFixed() });
  expect(await openPrices()).toEqual([]);
  if (report.close_type === 'POSITION_HOLD') {
    const state = await run.client.workflow.getHandle(`controller/${report.controller_id}`).query<ControllerState>('positions');
    expect(state.positions[0]?.held.netBase).toBe(money.base);
    return;
  }
  // Its profit and its dust are the audit's, at the end of this file.
  expect(report.hold).toBeNull();
}

async function stop(id: string, keepPosition: boolean): Promise<void> {
  await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: keepPosition }] });
}

describe.each(['BUY', 'SELL'] as const)('a %s grid', (side) => {
  const sign = side === 'BUY' ? -1 : 1;
  /** Bid and ask so far against the entries, as a fraction of 60000. */
  const against = async (fraction: number): Promise<void> => {
    const bid = 60000 * (1 + sign * fraction);
    await run.price(bid.toFixed(2), (bid + 0.01).toFixed(2));
  };
  /** The level beyond the price stands a safe spread behind the touch; the others at theirs. */
  const levels = side === 'BUY' ? ['59994', '59800', '59500', '59200'] : ['60006.02', '60200', '60500', '60800'];
  const takeProfitOfFirst = side === 'BUY' ? '60220.2' : '59780.2';
  const takeProfitOfSecond = side === 'BUY' ? '59919.6' : '60079.6';

  it('rests its levels, and their take profits once they are filled', async () => {
    await against(0);
    const id = await start({ side, limitPriceQuote: side === 'BUY' ? '50000' : '70000' });
    await resting(...levels);
    await against(0.0015);
    await resting(takeProfitOfFirst, ...levels.slice(1));
    await against(0.0035);
    await resting(takeProfitOfFirst, takeProfitOfSecond, ...levels.slice(2));
    // Its round trip is through and the level is out again.
    await against(0.001);
    await resting(takeProfitOfFirst, ...levels.slice(1));
    const live = await run.until(() => run.live(id), (report) => report.custom_info['round_trips'] === 1, 'one round trip is counted');
    expect(live.custom_info['levels_by_state']).toEqual({ NOT_ACTIVE: 0, OPEN_ORDER_PLACED: 3, OPEN_ORDER_FILLED: 0, CLOSE_ORDER_PLACED: 1, COMPLETE: 0 });
    expect(Number(live.custom_info['realized_pnl_quote'])).toBeGreaterThan(-0.5);
    await stop(id, false);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
    await expectExact(report);
  });

  it('stops the loss of what it holds, at market and as one', async () => {
    await against(0);
    const id = await start({ side, stopLossFraction: '0.005' });
    await resting(...levels);
    await against(0.0035);
    await resting(takeProfitOfFirst, takeProfitOfSecond, ...levels.slice(2));
    await against(0.0075);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
    expect(report.why.map(({ decision }) => decision)).toContain('exit fired: stop_loss');
    expect(report.why.map(({ decision }) => decision)).not.toContain('contradiction');
    expect(Number(report.net_pnl_quote)).toBeLessThan(0);
    await expectExact(report);
  });

  it.each([true, false])('ends at its limit price (keep_position: %s)', async (keepPosition) => {
    await against(0);
    const id = await start({ side, keepPosition, limitPriceQuote: side === 'BUY' ? '59600' : '60400', controllerId: `grid-limit-${side}-${String(keepPosition)}` });
    await resting(...levels);
    await against(0.0035);
    await resting(takeProfitOfFirst, takeProfitOfSecond, ...levels.slice(2));
    await against(0.007);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: keepPosition ? 'POSITION_HOLD' : 'STOP_LOSS', outcome: 'COMPLETED' });
    expect(report.why.map(({ decision }) => decision)).toContain('exit fired: limit_price');
    await expectExact(report);
  });

  it('takes profit when the price leaves its range', async () => {
    await against(0);
    const id = await start({ side });
    await resting(...levels);
    await against(0.0015);
    await resting(takeProfitOfFirst, ...levels.slice(1));
    await against(-0.0025);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED' });
    expect(Number(report.net_pnl_quote)).toBeGreaterThan(0);
    await expectExact(report);
  });

  it('trails what it holds', async () => {
    await against(0);
    const id = await start({ side, takeProfitFraction: '0.02', startPriceQuote: side === 'BUY' ? '59200' : '59000', endPriceQuote: side === 'BUY' ? '61000' : '60800', minSpreadFraction: '0.005', maxOpenOrders: 2, trailingStop: { activationFraction: '0.002', deltaFraction: '0.001' } });
    await run.until(openPrices, (open) => open.length === 2, 'two levels rest');
    await against(0.0015);
    await run.until(() => run.live(id), (report) => report.is_trading, 'a level is filled');
    await against(-0.004);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await against(-0.001);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TRAILING_STOP', outcome: 'COMPLETED' });
    await expectExact(report);
  });

  it.each([true, false])('ends at its time limit (with a fill: %s)', async (withFill) => {
    await against(0);
    const id = await start({ side, timeLimitSeconds: 4 });
    await resting(...levels);
    if (withFill) await against(0.0015);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TIME_LIMIT', outcome: withFill ? 'COMPLETED' : 'PARTIAL' });
    expect(report.volume_quote === '0').toBe(!withFill);
    await expectExact(report);
  });
});

it('opens at most so many levels at once and in a batch, with pauses, nearest first', async () => {
  await run.price('60000', '60000.01');
  const id = await start({ maxOpenOrders: 3, maxOrdersPerBatch: 1, orderFrequencySeconds: 1 });
  await resting('59994', '59800', '59500');
  const opened = (await run.live(id)).why.filter(({ decision }) => decision === 'levels opened');
  expect(opened.map(({ evidence }) => evidence['levels'])).toEqual(['L3/1 at 59994', 'L2/1 at 59800', 'L1/1 at 59500']);
  expect((opened[2]?.atMs ?? 0) - (opened[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000);
  await stop(id, false);
  await run.closed(id);
});

it('keeps only the levels near mid out, and follows it', async () => {
  await run.price('60000', '60000.01');
  const id = await start({ activationBoundsFraction: '0.005' });
  await resting('59994', '59800');
  await run.price('59870', '59870.01');
  await run.until(openPrices, (open) => open.includes('59800') && open.includes('60220.2'), 'the first level is filled');
  await run.price('59790', '59790.01');
  await run.until(openPrices, (open) => open.includes('59500'), 'the third is near enough now');
  await run.price('60090', '60090.01');
  await run.until(openPrices, (open) => !open.includes('59500'), 'and not any more');
  await stop(id, false);
  await expectExact(await run.closed(id));
});

it('sends nothing when its time limit is over, a barrier is met at the start, or the budget is too small', async () => {
  await run.price('60000', '60000.01');
  const before = (await run.paper.orders({ symbol: SYMBOL })).length;
  expect(await run.closed(await start({ createdAtMs: Date.now() - 10_000, timeLimitSeconds: 5 }))).toMatchObject({ close_type: 'EXPIRED', outcome: 'REFUSED' });
  expect(await run.closed(await start({ startPriceQuote: '59000', endPriceQuote: '59900' }))).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED', volume_quote: '0' });
  const small = await run.closed(await start({ totalAmountQuote: '100' }));
  expect(small).toMatchObject({ close_type: 'FAILED', outcome: 'REFUSED' });
  expect(small.last_error).toContain('total_amount_quote: 100 is not allowed');
  expect((await run.paper.orders({ symbol: SYMBOL })).length).toBe(before);
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});
