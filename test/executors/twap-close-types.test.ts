import { Decimal } from 'decimal.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import type { StopAnswer } from '../../src/contract/messages.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { TradeView } from '../../src/paper/control-client.js';
import { auditOf, expectNoDifference } from './audited-run.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { SYMBOL, runStack, twapConfig, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

const SIDES = ['BUY', 'SELL'] as const;
const started: TwapExecutorConfig[] = [];

async function start(change: Partial<TwapExecutorConfig>): Promise<string> {
  const config = twapConfig(change);
  started.push(config);
  return run.start(config);
}

async function netHeldBy(controllerId: string): Promise<string> {
  const state = await run.client.workflow.getHandle(`controller/${controllerId}`).query<ControllerState>('positions');
  return state.positions[0]?.held.netBase ?? 'nothing';
}

/** What trades moved in the account: a buy's fee in base never arrived. */
function moved(trades: readonly TradeView[]): string {
  const net = trades.reduce((sum, trade) => {
    const amount = new Decimal(trade.amountBase);
    const arrived = trade.feeAsset === 'BTC' ? amount.minus(trade.feeAmount) : amount;
    return trade.side === 'buy' ? sum.plus(arrived) : sum.minus(amount);
  }, new Decimal(0));
  return net.toFixed();
}

async function openOrders(): Promise<readonly string[]> {
  const orders = await run.paper.orders({ symbol: SYMBOL });
  return orders.filter((order) => order.state === 'new' || order.state === 'partially_filled').map((order) => order.clientOrderId);
}

/** Sums of the report are those of the exchange, nothing rests, and what is held is what was traded. */
async function expectExact(report: ExecutorReport): Promise<{ readonly entry: readonly TradeView[]; readonly exit: readonly TradeView[] }> {
  const trades = await tradesOf(run.paper, report);
  const money = recompute(trades.entry, trades.exit, 'BTC');
  expect(report).toMatchObject({ volume_quote: money.volumeQuote, fees_paid_quote: money.feesQuote });
  expect(report.custom_info['filled_amount_base']).toBe(money.entryBase);
  expect(await openOrders()).toEqual([]);
  if (report.close_type === 'POSITION_HOLD') expect(await netHeldBy(report.controller_id)).toBe(moved([...trades.entry, ...trades.exit]));
  else expect(report.hold).toBeNull();
  return trades;
}

async function stop(id: string, keepPosition: boolean): Promise<StopAnswer> {
  return run.client.workflow.getHandle(id).executeUpdate<StopAnswer, [object]>('stop', { args: [{ keep_position: keepPosition }] });
}

it.each(SIDES)('TAKER %s trades every slice at market and hands over exactly what was traded', async (side) => {
  await run.price('60000', '60000.01');
  const report = await run.closed(await start({ side, controllerId: `taker-${side}` }));
  const { entry } = await expectExact(report);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', net_pnl_quote: '0' });
  expect(entry).toHaveLength(3);
  // Whole steps of 300 at mid 60000.005, and not one step more.
  expect(report.custom_info['filled_amount_base']).toBe('0.00499');
  expect(report.custom_info['mark_price_at_end']).toBe('60000.005');
  const { orders } = report;
  expect(orders.map((order) => order.type)).toEqual(['MARKET', 'MARKET', 'MARKET']);
  const times = entry.map((trade) => trade.timeMs);
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_500);
});

it.each(SIDES)('MAKER %s rests beside mid and trades when the price comes to it', async (side) => {
  await run.price('60000', '60000.01');
  const id = await start({ side, mode: 'MAKER', limitOrderBufferFraction: '0.001', controllerId: `maker-${side}` });
  const resting = await run.until(openOrders, (open) => open.length === 3, 'three slices rest');
  expect(resting).toHaveLength(3);
  const prices = (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new').map((order) => order.priceQuote);
  expect(new Set(prices)).toEqual(new Set([side === 'BUY' ? '59940' : '60060.01']));
  expect(await run.client.workflow.getHandle(id).describe()).toMatchObject({ status: { name: 'RUNNING' } });
  await (side === 'BUY' ? run.price('59900', '59939') : run.price('60061', '60100'));
  const report = await run.closed(id);
  await expectExact(report);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
  expect(report.orders.every((order) => order.type === 'LIMIT')).toBe(true);
});

it('withdraws a slice that rests too long and places its rest anew, with every partial fill counted', async () => {
  await run.price('60000', '60000.01');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await start({ mode: 'MAKER', limitOrderBufferFraction: '0.001', orderResubmissionSeconds: 2, totalDurationSeconds: 0, totalAmountQuote: '300', controllerId: 'resubmitted' });
  const first = (await run.until(openOrders, (open) => open.length === 1, 'the slice rests'))[0] ?? '';
  await run.paper.fillOrder({ clientOrderId: first, priceQuote: '59940', amountBase: '0.002' });
  const [second] = await run.until(openOrders, (open) => open.length === 1 && open[0] !== first, 'the rest is placed anew');
  const again = (await run.paper.orders({ symbol: SYMBOL })).find((order) => order.clientOrderId === second);
  // 300 - 0.002 * 59940 = 180.12; at mid 60000.005 that is 0.003 whole steps.
  expect(again?.amountBase).toBe('0.003');
  await run.paper.fillOrder({ clientOrderId: second ?? '', priceQuote: '59940', amountBase: '0.003' });
  const report = await run.closed(id);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  await expectExact(report);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
  expect(report.custom_info['filled_amount_base']).toBe('0.005');
  expect((report.custom_info['slices'] as readonly { origin: string }[]).map(({ origin }) => origin)).toEqual(['scheduled', 'resubmitted']);
});

const STATES = ['before anything filled', 'between two slices', 'with a slice that rests and filled a part'] as const;

it.each(SIDES.flatMap((side) => STATES.flatMap((state) => [true, false].map((keep) => ({ side, state, keep })))))('stopped $state, keep_position $keep, $side', async ({ side, state, keep }) => {
  await run.price('60000', '60000.01');
  const controllerId = `stop-${side}-${STATES.indexOf(state)}-${String(keep)}`;
  const maker = { mode: 'MAKER', limitOrderBufferFraction: '0.001' } as const;
  const long = { totalDurationSeconds: 600, orderIntervalSeconds: 300, totalAmountQuote: '900', side, controllerId };
  const id = await start(state === 'between two slices' ? long : { ...long, ...maker });
  if (state === 'between two slices') await run.until(() => run.live(id), (live) => live.custom_info['slices_done'] === 1, 'the first slice is done');
  else await run.until(openOrders, (open) => open.length === 1, 'the first slice rests');
  if (state === 'with a slice that rests and filled a part') {
    await run.paper.setMatching(SYMBOL, { mode: 'manual' });
    await run.paper.fillOrder({ clientOrderId: (await openOrders())[0] ?? '', priceQuote: side === 'BUY' ? '59940' : '60060.01', amountBase: '0.003' });
    await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  }
  const answer = await stop(id, keep);
  expect(answer).toMatchObject({ keep_position: keep, decided_now: true });
  const report = await run.closed(id);
  const { exit } = await expectExact(report);
  const filled = state !== 'before anything filled';
  expect(report).toMatchObject({ close_type: keep && filled ? 'POSITION_HOLD' : 'EARLY_STOP', outcome: 'STOPPED' });
  expect(exit.length > 0).toBe(filled && !keep);
  if (keep || !filled) return;
  const trades = await tradesOf(run.paper, report);
  expect(report.net_pnl_quote).toBe(recompute(trades.entry, trades.exit, 'BTC').netPnlQuote);
  const residue = side === 'BUY' ? moved([...trades.entry, ...trades.exit]) : '0';
  expect(report.residue_base).toBe(residue);
});

it('is stopped by a cancellation of its workflow, and hands over to another controller when told to', async () => {
  await run.price('60000', '60000.01');
  const long = { totalDurationSeconds: 600, orderIntervalSeconds: 300, totalAmountQuote: '900' } as const;
  const ids = [await start({ ...long, controllerId: 'cancelled' }), await start({ ...long, controllerId: 'testator' })];
  for (const id of ids) await run.until(() => run.live(id), (live) => live.custom_info['slices_done'] === 1, 'the first slice is done');
  await run.client.workflow.getHandle(ids[0] ?? '').cancel();
  await run.client.workflow.getHandle(ids[1] ?? '').signal('handover', { controller_id: 'heir' });
  const [cancelled, handedOver] = [await run.closed(ids[0] ?? ''), await run.closed(ids[1] ?? '')];
  expect(cancelled).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
  expect(handedOver).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'STOPPED' });
  expect(await netHeldBy('heir')).toBe(moved((await tradesOf(run.paper, handedOver)).entry));
});

it('takes no amendment, and says so', async () => {
  const id = await start({ totalDurationSeconds: 600, orderIntervalSeconds: 300, totalAmountQuote: '900', controllerId: 'unamended' });
  await run.until(() => run.live(id), (live) => live.custom_info['slices_done'] === 1, 'the first slice is done');
  const refused = await run.client.workflow.getHandle(id).executeUpdate('amend', { args: [{ amount: '1' }] }).catch((error: unknown) => error);
  expect(String((refused as Error).cause)).toContain('takes no amendments');
  await stop(id, true);
  await expectExact(await run.closed(id));
});

it('sends nothing while one side of the book is empty, says so, and goes on when it is not', async () => {
  await run.price('60000', '60000.01');
  await run.paper.setBook(SYMBOL, { bids: [['60000', '1000']], asks: [] });
  const id = await start({ totalDurationSeconds: 0, controllerId: 'empty-book' });
  await run.until(() => run.live(id), (live) => live.needs_attention, 'it asks for attention');
  expect((await run.live(id)).last_error).toContain('no price to plan by');
  const stopped = await start({ controllerId: 'empty-book' });
  await run.until(() => run.live(stopped), (live) => live.needs_attention, 'the other one asks too');
  await stop(stopped, false);
  expect(await run.closed(stopped)).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
  await run.price('60000', '60000.01');
  const report = await run.closed(id);
  await expectExact(report);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', needs_attention: false });
});

it('a budget that the account does not have is refused by each slice, and nothing reaches the exchange', async () => {
  const before = (await run.paper.orders({ symbol: SYMBOL })).length;
  const report = await run.closed(await start({ totalAmountQuote: '5900000', totalDurationSeconds: 0, side: 'BUY', controllerId: 'poor' }));
  expect(report).toMatchObject({ close_type: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED', volume_quote: '0', hold: null });
  expect((await run.paper.orders({ symbol: SYMBOL })).length).toBe(before);
});

it('a budget that became too small between the request and the plan is refused with the smallest one that works', async () => {
  await run.price('60000', '60000.01');
  const report = await run.closed(await start({ totalAmountQuote: '12', controllerId: 'small' }));
  expect(report).toMatchObject({ close_type: 'FAILED', outcome: 'REFUSED', volume_quote: '0' });
  expect(report.last_error).toMatch(/^total_amount_quote: 12 is not allowed, it must be at least [0-9.]+ USDT for 3 slices/);
});

it('what cannot be closed is handed over, after attempts that closed nothing', async () => {
  await run.price('60000', '60000.01');
  const id = await start({ totalDurationSeconds: 600, orderIntervalSeconds: 300, totalAmountQuote: '900', controllerId: 'unsellable' });
  await run.until(() => run.live(id), (live) => live.custom_info['slices_done'] === 1, 'the first slice is done');
  const free = (await run.paper.balances('paper')).find((balance) => balance.asset === 'BTC')?.free ?? '0';
  await run.paper.withdraw('paper', 'BTC', free);
  await stop(id, false);
  const report = await run.closed(id);
  await run.paper.deposit('paper', 'BTC', free);
  await expectExact(report);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'STOPPED' });
  expect(report.last_error).not.toBeNull();
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});
