import { Decimal } from 'decimal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import type { DcaExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { auditOf, expectNoDifference } from './audited-run.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { SYMBOL, dcaConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;
const started: DcaExecutorConfig[] = [];

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function start(change: Partial<DcaExecutorConfig>): Promise<string> {
  const config = dcaConfig(change);
  started.push(config);
  return run.start(config);
}

async function openPrices(): Promise<readonly string[]> {
  const orders = await run.paper.orders({ symbol: SYMBOL });
  return orders.filter((order) => order.state === 'new' || order.state === 'partially_filled').map((order) => order.priceQuote ?? 'market');
}

async function resting(count: number): Promise<readonly string[]> {
  return run.until(openPrices, (prices) => prices.length === count, `${count} levels rest`);
}

/** Until so many fills of levels are known to the executor. */
async function filled(id: string, base: string): Promise<void> {
  await run.until(() => run.live(id), (report) => report.custom_info['filled_amount'] === base, `${id} has ${base}`);
}

async function netHeldBy(controllerId: string): Promise<string> {
  const state = await run.client.workflow.getHandle(`controller/${controllerId}`).query<ControllerState>('positions');
  return state.positions[0]?.held.netBase ?? 'nothing';
}

/** The cost of what a buy's fee leaves to sell is a quotient, which is told with 40 digits. */
function digits(amount: string): string {
  return new Decimal(amount).toSignificantDigits(30).toFixed();
}

/** The report's money equals the exchange's ledger, and nothing is left open there. */
async function expectExactMoney(report: ExecutorReport): Promise<void> {
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, 'BTC');
  const net = report.close_type === 'POSITION_HOLD' ? '0' : digits(money.netPnlQuote);
  expect({ net: digits(report.net_pnl_quote), fees: report.fees_paid_quote, volume: report.volume_quote }).toEqual({ net, fees: money.feesQuote, volume: money.volumeQuote });
  expect(report.custom_info['filled_amount']).toBe(money.entryBase);
  expect(await openPrices()).toEqual([]);
}

describe.each(['BUY', 'SELL'] as const)('a %s DCA', (side) => {
  const sign = side === 'BUY' ? -1 : 1;
  /** Bid and ask so far against the entries, as a fraction of 60000. */
  const against = async (fraction: number): Promise<void> => {
    const bid = 60000 * (1 + sign * fraction);
    await run.price(bid.toFixed(2), (bid + 0.01).toFixed(2));
  };
  const levels = side === 'BUY' ? ['59700', '59400', '59100'] : ['60300', '60600', '60900'];
  /** Whole steps of 300 at the prices of the levels. */
  const steps = side === 'BUY' ? ['0.00502', '0.01007', '0.01514'] : ['0.00497', '0.00992', '0.01484'];

  it('rests all levels at once and takes profit on what is filled of them', async () => {
    await against(0);
    const id = await start({ side });
    expect([...(await resting(3))].sort()).toEqual([...levels].sort());
    await against(0.0051);
    await filled(id, steps[0] ?? '');
    await against(-0.008);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED', custom_info: { n_levels: 3, close_type: 'TAKE_PROFIT' } });
    expect((report.custom_info['levels'] as readonly { state: string; filled_base: string }[]).map(({ filled_base }) => filled_base === '0')).toEqual([false, true, true]);
    await expectExactMoney(report);
  });

  it('stops the loss at the average of what is filled, from the first fill on', async () => {
    await against(0);
    const id = await start({ side, stopLossFraction: '0.008' });
    await resting(3);
    await against(0.0101);
    await filled(id, steps[1] ?? '');
    // 0.75 % below 60000 is the average of both; 0.8 % of it is lost at 1.55 %, before the third level at 1.5 % is all.
    await against(0.0165);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
    expect(report.custom_info['filled_amount']).toBe(steps[2]);
    expect(Number(report.net_pnl_quote)).toBeLessThan(0);
    await expectExactMoney(report);
  });

  it('trails', async () => {
    await against(0);
    const id = await start({ side, takeProfitFraction: null, trailingStop: { activationFraction: '0.005', deltaFraction: '0.003' } });
    await resting(3);
    await against(0.0051);
    await filled(id, steps[0] ?? '');
    await run.armed(id);
    await against(-0.005);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await against(0.0005);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TRAILING_STOP', outcome: 'COMPLETED' });
    expect(report.custom_info['trailing_stop_trigger_pct']).not.toBeNull();
    await expectExactMoney(report);
  });

  it.each([true, false])('ends at its time limit (with a fill: %s)', async (withFill) => {
    await against(0);
    const id = await start({ side, timeLimitSeconds: 5 });
    await resting(3);
    if (withFill) await against(0.0051);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TIME_LIMIT', outcome: withFill ? 'COMPLETED' : 'PARTIAL' });
    expect(report.volume_quote === '0').toBe(!withFill);
    await expectExactMoney(report);
  });

  it.each([[true, true], [true, false], [false, true], [false, false]])('is stopped (keep_position: %s, with a fill: %s)', async (keep, withFill) => {
    await against(0);
    const controllerId = `dca-${side}-${String(keep)}-${String(withFill)}`;
    const id = await start({ side, controllerId });
    await resting(3);
    if (withFill) await against(0.0051);
    if (withFill) await filled(id, steps[0] ?? '');
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: keep }] });
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: keep && withFill ? 'POSITION_HOLD' : 'EARLY_STOP', outcome: 'STOPPED' });
    await expectExactMoney(report);
    // What a buy's fee took of the base never arrived.
    if (keep && withFill) expect(await netHeldBy(controllerId)).toBe(side === 'BUY' ? '0.00501498' : '-0.00497');
  });

  it('TAKER sends each level at market when the price comes to it, in their order', async () => {
    await against(0);
    const prices = side === 'BUY' ? ['59700', '59820'] : ['60300', '60180'];
    const id = await start({ side, mode: 'TAKER', activationBounds: ['0.0001', '0.0005'], amountsQuote: ['300', '300'], pricesQuote: prices, stopLossFraction: '0.05', takeProfitFraction: '0.05' });
    await run.until(async () => (await run.live(id)).why.map(({ decision }) => decision), (why) => why.includes('legs started'), 'the levels are started');
    // At the second level, which the first has to be sent before.
    await against(0.003);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await run.live(id)).volume_quote).toBe('0');
    await against(0.005);
    await run.until(() => run.live(id), (report) => report.custom_info['order_ids'] !== undefined && (report.custom_info['order_ids'] as readonly string[]).length === 1, 'the first level is bought');
    await against(0.003);
    await run.until(() => run.live(id), (report) => (report.custom_info['order_ids'] as readonly string[]).length === 2, 'the second level is bought');
    await run.client.workflow.getHandle(id).signal('early_stop');
    const report = await run.closed(id);
    expect(report.orders.map((order) => order.type)).toEqual(['MARKET', 'MARKET', 'MARKET']);
    await expectExactMoney(report);
  });

  it('holds a level out of its bounds back, and with it those behind it', async () => {
    await against(0);
    const prices = side === 'BUY' ? ['59400', '59700'] : ['60600', '60300'];
    const id = await start({ side, activationBounds: ['0.006'], amountsQuote: ['300', '300'], pricesQuote: prices });
    await run.until(async () => (await run.live(id)).why.map(({ decision }) => decision), (why) => why.includes('legs started'), 'the levels are started');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // The second is near enough by itself.
    expect(await openPrices()).toEqual([]);
    await against(0.0045);
    await run.until(openPrices, (open) => [...open].sort().join() === [...prices].sort().join(), 'both rest');
    await run.client.workflow.getHandle(id).signal('early_stop');
    expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0' });
  });

  it('goes on without a level that the account cannot pay, barriers included', async () => {
    await against(0);
    const id = await start({ side, amountsQuote: ['300', '2900000', '300'] });
    await resting(2);
    await against(0.0051);
    await filled(id, steps[0] ?? '');
    await against(0.03);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
    const told = report.custom_info['levels'] as readonly { state: string; refusal: string | null }[];
    expect(told.map(({ refusal }) => refusal !== null)).toEqual([false, true, false]);
    expect(report.why.map(({ decision }) => decision)).toContain('level 1 insufficientBalance');
    await expectExactMoney(report);
  });

  it('with last_level does not stop before every level is done, then at once', async () => {
    await against(0);
    const id = await start({ side, stopLossFraction: '0.003', stopLossReference: 'last_level', takeProfitFraction: null });
    await resting(3);
    await against(0.0141);
    await filled(id, steps[1] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // A loss of 0.66 % on the average of two levels.
    expect(await run.live(id)).toMatchObject({ status: 'RUNNING' });
    await against(0.0151);
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
    expect(report.custom_info['filled_amount']).toBe(steps[2]);
    await expectExactMoney(report);
  });
});

it('sends nothing when its time limit is over, or a level is against the rules', async () => {
  const before = (await run.paper.orders({ symbol: SYMBOL })).length;
  const expired = await run.closed(await start({ createdAtMs: Date.now() - 10_000, timeLimitSeconds: 5 }));
  expect(expired).toMatchObject({ close_type: 'EXPIRED', outcome: 'REFUSED' });
  const small = await run.closed(await start({ amountsQuote: ['300', '5', '300'] }));
  expect(small).toMatchObject({ close_type: 'FAILED', outcome: 'REFUSED' });
  expect(small.last_error).toMatch(/^amounts_quote\.1: 5 is not allowed, it must be at least 5\.\d+ USDT at 59400/);
  expect((await run.paper.orders({ symbol: SYMBOL })).length).toBe(before);
});

it('ends INSUFFICIENT_BALANCE when the account can pay no level', async () => {
  await run.price('60000', '60000.01');
  const report = await run.closed(await start({ amountsQuote: ['2900000', '2900000', '2900000'] }));
  expect(report).toMatchObject({ close_type: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED', volume_quote: '0' });
});

it('takes no amendment', async () => {
  const id = await start({});
  await resting(3);
  const amended = run.client.workflow.getHandle(id).executeUpdate('amend', { args: [{ price: '1' }] });
  await expect(amended).rejects.toMatchObject({ cause: { message: expect.stringContaining('takes no amendments') as string } });
  await run.client.workflow.getHandle(id).signal('early_stop');
  await run.closed(id);
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});
