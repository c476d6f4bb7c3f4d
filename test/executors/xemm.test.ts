import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { XemmExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { runTwoExchanges, xemmConfig, xemmMoney, type TwoExchanges } from './two-exchanges.js';
import { ExecutorClient } from '../../src/client/executor-client.js';
import { CONNECTOR } from './running-stack.js';

let run: TwoExchanges;

beforeAll(async () => {
  run = await runTwoExchanges();
});
afterAll(async () => {
  await run?.stop();
});

async function quoted(config: XemmExecutorConfig): Promise<{ readonly clientOrderId: string; readonly priceQuote: string | null }> {
  const paper = config.connector === CONNECTOR ? run.paper : run.second;
  const [order] = await run.until(() => run.openOn(paper), (open) => open.length === 1, 'the maker order rests');
  if (order === undefined) throw new Error('no order');
  return order;
}

/** The money of both exchanges' own ledgers is that of the report, and nothing is open. */
async function expectHedged(report: ExecutorReport): Promise<void> {
  const money = await xemmMoney(run, report);
  expect(report).toMatchObject({ net_pnl_quote: money.netPnlQuote, fees_paid_quote: money.feesQuote, volume_quote: money.volumeQuote, residue_base: money.owedBase });
  expect(report.custom_info).toMatchObject({ maker_filled_base: money.maker.base.toFixed(), hedge_filled_base: money.hedge.base.toFixed() });
  expect(await run.openOn(run.paper)).toEqual([]);
  expect(await run.openOn(run.second)).toEqual([]);
}

describe.each(['BUY', 'SELL'] as const)('a maker %s', (side) => {
  it('is quoted from the book of the hedge, hedged when it fills, and earns what both ledgers say', async () => {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    const config = xemmConfig({ side });
    await run.start(config);
    const order = await quoted(config);
    // Cost 0.002 and target 0.002: 60000 / 1.004 down, 60000.01 / 0.996 up, to the tick.
    expect(order.priceQuote).toBe(side === 'BUY' ? '59760.95' : '60240.98');
    await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.1' });
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED', residue_base: '0' });
    await expectHedged(report);
    expect(Number(report.net_pnl_pct)).toBeGreaterThan(0.0019);
    expect(Number(report.net_pnl_quote)).toBeGreaterThan(0);
  });
});

describe('the quote', () => {
  it('goes at once when its hedge pays less than the minimum, comes back at the new price, and goes when the book is too thin', async () => {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    const config = xemmConfig();
    await run.start(config);
    const first = await quoted(config);
    // 59910: the resting 59760.95 would earn 0.0005 after costs, the minimum is 0.001.
    await run.secondPrice('59910', '59910.01');
    const [second] = await run.until(() => run.openOn(run.paper), (open) => open.length === 1 && open[0]?.clientOrderId !== first.clientOrderId, 'quoted anew');
    expect(second?.priceQuote).toBe('59671.31');
    // A change inside the band moves nothing.
    await run.secondPrice('59915', '59915.01');
    await run.second.setPrice('BTCUSDT', '59910', '59910.01', { bidSize: '0.05', askSize: '1000' });
    await run.until(() => run.openOn(run.paper), (open) => open.length === 0, 'withdrawn: the book of the hedge holds half of it');
    await run.secondPrice('59910', '59910.01');
    const [third] = await run.until(() => run.openOn(run.paper), (open) => open.length === 1, 'quoted again');
    expect(third?.priceQuote).toBe('59671.31');
    await run.client.workflow.getHandle(config.id).executeUpdate('stop', { args: [{}] });
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
    await expectHedged(report);
  });

  it('is priced by all the levels that its amount would take', async () => {
    await run.price('60000', '60000.01');
    await run.second.setBook('BTCUSDT', { bids: [['60000', '0.05'], ['59900', '1']], asks: [['60001', '1']] });
    const config = xemmConfig();
    await run.start(config);
    // (60000 + 59900) / 2 / 1.004
    expect((await quoted(config)).priceQuote).toBe('59711.15');
    await run.client.workflow.getHandle(config.id).signal('early_stop', {});
    await expectHedged(await run.closed(config.id));
  });
});

describe('a part that fills', () => {
  it('is hedged at once, one too small waits for the next, and the rest of the order is quoted on', async () => {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    await run.paper.setMatching('BTCUSDT', { mode: 'manual' });
    const config = xemmConfig();
    await run.start(config);
    const order = await quoted(config);
    const fill = (amountBase: string): Promise<unknown> => run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase });
    const hedged = (base: string): Promise<unknown> => run.until(async () => (await xemmMoney(run, { executor_id: config.id, created_at_ms: config.createdAtMs, connector_name: CONNECTOR, side: 'BUY' } as ExecutorReport)).hedge.base.toFixed(), (now) => now === base, `hedged ${base}`);
    await fill('0.03');
    await hedged('0.03');
    // Worth less than 5 USDT.
    await fill('0.00005');
    await fill('0.00004');
    await hedged('0.03009');
    await run.client.workflow.getHandle(config.id).executeUpdate('stop', { args: [{}] });
    const report = await run.closed(config.id);
    await run.paper.setMatching('BTCUSDT', { mode: 'automatic' });
    expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', residue_base: '0' });
    await expectHedged(report);
  });

  it('that races the cancel of a stop is hedged too', async () => {
    await run.price('60000', '60000.01');
    const config = xemmConfig({ side: 'SELL' });
    await run.start(config);
    const order = await quoted(config);
    await run.paper.armFault({ kind: 'delay-before-commit', delayMs: 1_000, method: 'DELETE', route: '/api/v3/order' });
    await run.client.workflow.getHandle(config.id).signal('early_stop', {});
    await run.until(() => run.paper.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the cancel is on its way');
    await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.07' });
    const report = await run.closed(config.id);
    await run.paper.clearFaults();
    expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', residue_base: '0' });
    expect(report.custom_info['hedge_filled_base']).toBe('0.07');
    await expectHedged(report);
  });
});

describe('the other exchange', () => {
  it('that is down for a while is hedged on when it is back, and the executor waits for it', async () => {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    const config = xemmConfig();
    await run.start(config);
    const order = await quoted(config);
    await run.stack.secondPaper?.kill();
    await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.06' });
    await run.until(() => run.live(config.id), (live) => live.custom_info['hedge_obligation_base'] === '0.06', 'the fill is owed');
    await run.client.workflow.getHandle(config.id).signal('early_stop', {});
    await run.until(() => run.openOn(run.paper), (open) => open.length === 0, 'the maker order is gone');
    expect((await run.client.workflow.getHandle(config.id).describe()).status.name).toBe('RUNNING');
    await run.stack.secondPaper?.restart();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'EARLY_STOP', residue_base: '0' });
    expect(report.custom_info['hedge_filled_base']).toBe('0.06');
    await expectHedged(report);
  });

  it('that refuses the hedge keeps nothing from being handed over when that is asked for', async () => {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    const config = xemmConfig({ controllerId: 'kept' });
    await run.start(config);
    const order = await quoted(config);
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/api/v3/order', count: null });
    await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.04' });
    await run.until(() => run.second.faults(), (faults) => faults.some(({ hits }) => hits >= 2), 'the hedge is tried again');
    const answer = await run.client.workflow.getHandle(config.id).executeUpdate('stop', { args: [{ keep_position: true }] });
    expect(answer).toMatchObject({ keep_position: true, decided_now: true });
    const report = await run.closed(config.id);
    await run.second.clearFaults();
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'STOPPED', residue_base: '0' });
    expect(report.hold).toMatchObject({ connector: CONNECTOR, pair: 'BTC-USDT' });
    expect(report.hold?.orders.map(({ side, totals }) => [side, totals.filledBase])).toEqual([['BUY', '0.04']]);
    expect(await run.openOn(run.paper)).toEqual([]);
  });

  it('without the funds for the hedge: nothing is quoted at all', async () => {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    const { free = '0' } = (await run.second.balances('paper')).find(({ asset }) => asset === 'BTC') ?? {};
    await run.second.withdraw('paper', 'BTC', free);
    const config = xemmConfig();
    await run.start(config);
    const report = await run.closed(config.id);
    await run.second.deposit('paper', 'BTC', free);
    expect(report).toMatchObject({ close_type: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED', volume_quote: '0' });
    expect(report.last_error).toMatch(/needs 0.1 BTC, the account has 0 free/);
    expect(report.orders).toEqual([]);
  });
});

describe('a worker that is killed', () => {
  it('while the hedge is on its way sends it once', async () => {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    const config = xemmConfig();
    await run.start(config);
    const order = await quoted(config);
    await run.second.armFault({ kind: 'delay-after-commit', delayMs: 2_000, method: 'POST', route: '/api/v3/order' });
    await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.1' });
    await run.until(() => run.second.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the hedge is on its way');
    await run.stack.worker?.kill();
    await run.second.clearFaults();
    await run.stack.worker?.restart();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED' });
    expect((await xemmMoney(run, report)).hedge.trades).toHaveLength(1);
    await expectHedged(report);
  });

  it('before it heard of a fill hedges that when it is back', async () => {
    const config = xemmConfig({ side: 'SELL' });
    await run.start(config);
    const order = await quoted(config);
    await run.stack.worker?.kill();
    await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.1' });
    await run.stack.worker?.restart();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED' });
    await expectHedged(report);
  });
});

it('a time limit ends the quote, and what was filled is hedged', async () => {
  await run.price('60000', '60000.01');
  await run.secondPrice('60000', '60000.01');
  const config = xemmConfig({ timeLimitSeconds: 4 });
  await run.start(config);
  const order = await quoted(config);
  await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.02' });
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'TIME_LIMIT', outcome: 'PARTIAL', residue_base: '0' });
  await expectHedged(report);
});

it('that is terminated withdraws its quote, hedges what was filled, and both fills find their controller', async () => {
  await run.price('60000', '60000.01');
  await run.secondPrice('60000', '60000.01');
  const config = xemmConfig({ controllerId: 'cut-off' });
  await run.start(config);
  const order = await quoted(config);
  await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: '0.05' });
  await run.client.workflow.getHandle(config.id).terminate('by a test');
  await run.until(() => run.openOn(run.paper), (open) => open.length === 0, 'withdrawn', 80_000);
  const report = { executor_id: config.id, created_at_ms: config.createdAtMs, connector_name: CONNECTOR, side: 'BUY' } as ExecutorReport;
  await run.until(async () => (await xemmMoney(run, report)).owedBase, (owed) => owed === '0', 'hedged', 80_000);
  const client = new ExecutorClient(run.client);
  const held = async (): Promise<readonly (readonly [string, string])[]> => ((await client.controllerState('cut-off'))?.positions ?? []).map(({ connector, held: { netBase } }) => [connector, netBase] as const).sort();
  await run.until(held, (positions) => JSON.stringify(positions) === JSON.stringify([['binance_paper_trade', '0.04995'], ['kucoin_paper_trade', '-0.05']]), 'both legs are held, the one that bought less its fee', 80_000);
}, 180_000);
