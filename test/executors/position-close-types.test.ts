import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutorReport } from '../../src/contract/report.js';
import { recompute, tradesOf } from './recomputed-money.js';
import { PAIR, SYMBOL, positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function armed(id: string, base = '0.01'): Promise<ExecutorReport> {
  return run.until(() => run.live(id), (report) => report.volume_quote !== '0' && (report.is_trading || base === '0'), `${id} is filled`);
}

/** The report's money equals the exchange's ledger to the last digit, and nothing is left open there. */
async function expectExactMoney(report: ExecutorReport): Promise<void> {
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, PAIR.split('-')[0] ?? '');
  expect({ net: report.net_pnl_quote, fees: report.fees_paid_quote, volume: report.volume_quote }).toEqual({ net: money.netPnlQuote, fees: money.feesQuote, volume: money.volumeQuote });
  const open = (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' || order.state === 'partially_filled');
  expect(open).toEqual([]);
}

describe.each(['BUY', 'SELL'] as const)('a %s position', (side) => {
  /** Price that moved by the fraction in favour of the position. */
  const at = (fraction: number): [string, string] => {
    const bid = 60000 * (1 + (side === 'BUY' ? fraction : -fraction));
    return [bid.toFixed(2), (bid + 0.01).toFixed(2)];
  };

  it('takes profit at market', async () => {
    await run.price(...at(0));
    const id = await run.start(positionConfig({ side }));
    await armed(id);
    await run.price(...at(0.03));
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED', status: 'SHUTTING_DOWN' === report.status ? 'SHUTTING_DOWN' : 'TERMINATED' });
    expect(Number(report.net_pnl_quote)).toBeGreaterThan(0);
    await expectExactMoney(report);
  });

  it('takes profit by a resting limit order', async () => {
    await run.price(...at(0));
    const id = await run.start(positionConfig({ side }, { takeProfitOrderType: 'LIMIT' }));
    await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.some((order) => order.state === 'new' && order.type === 'limit'), 'the take profit rests');
    await run.price(...at(0.03));
    const report = await run.closed(id);
    expect(report.close_type).toBe('TAKE_PROFIT');
    expect(report.orders.filter((order) => order.purpose === 'takeProfit' && order.totals.fillCount > 0)).toHaveLength(1);
    await expectExactMoney(report);
  });

  it('stops the loss', async () => {
    await run.price(...at(0));
    const id = await run.start(positionConfig({ side }));
    await armed(id);
    await run.price(...at(-0.03));
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
    expect(Number(report.net_pnl_quote)).toBeLessThan(0);
    await expectExactMoney(report);
  });

  it('trails', async () => {
    await run.price(...at(0));
    const id = await run.start(positionConfig({ side }, { takeProfitFraction: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } }));
    await armed(id);
    await run.armed(id);
    await run.price(...at(0.02));
    await run.price(...at(0.03));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await run.price(...at(0.022));
    const report = await run.closed(id);
    expect(report.close_type).toBe('TRAILING_STOP');
    expect(Number(report.net_pnl_quote)).toBeGreaterThan(0);
    await expectExactMoney(report);
  });

  it('ends at its time limit', async () => {
    await run.price(...at(0));
    const id = await run.start(positionConfig({ side }, { timeLimitSeconds: 3 }));
    const report = await run.closed(id);
    expect(report.close_type).toBe('TIME_LIMIT');
    await expectExactMoney(report);
  });

  it('closes on early_stop', async () => {
    await run.price(...at(0));
    const id = await run.start(positionConfig({ side }));
    await armed(id);
    await run.client.workflow.getHandle(id).signal('early_stop', { reason: 'test' });
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
    await expectExactMoney(report);
  });

  it('is handed over when it is kept', async () => {
    await run.price(...at(0));
    const controllerId = `keeper-${side}`;
    const id = await run.start(positionConfig({ side, controllerId }));
    await armed(id);
    const answer = await run.client.workflow.getHandle(id).executeUpdate<{ keep_position: boolean; quantity_to_hand_over_base: string }, [object]>('stop', { args: [{ keep_position: true }] });
    expect(answer).toMatchObject({ keep_position: true, quantity_to_hand_over_base: side === 'BUY' ? '0.00999' : '0.01' });
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', net_pnl_quote: '0', filled_amount_quote: '0' });
    const state = await run.client.workflow.getHandle(`controller/${controllerId}`).query<{ positions: { held: { netBase: string } }[] }>('positions');
    expect(state.positions.map((position) => position.held.netBase)).toEqual([side === 'BUY' ? '0.00999' : '-0.01']);
  });
});

it.each(['BUY', 'SELL'] as const)('a %s position does not start when its time limit is over', async (side) => {
  const before = (await run.paper.orders({ symbol: SYMBOL })).length;
  const report = await run.closed(await run.start(positionConfig({ side, createdAtMs: Date.now() - 10_000 }, { timeLimitSeconds: 5 })));
  expect(report).toMatchObject({ close_type: 'EXPIRED', outcome: 'REFUSED', volume_quote: '0' });
  expect((await run.paper.orders({ symbol: SYMBOL })).length).toBe(before);
});

it.each(['BUY', 'SELL'] as const)('a %s position does not start without funds', async (side) => {
  const before = (await run.paper.orders({ symbol: SYMBOL })).length;
  const report = await run.closed(await run.start(positionConfig({ side, amountBase: '50' })));
  expect(report).toMatchObject({ close_type: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED' });
  expect(report.last_error).toContain(side === 'BUY' ? 'USDT' : 'BTC');
  expect((await run.paper.orders({ symbol: SYMBOL })).length).toBe(before);
});

it.each(['BUY', 'SELL'] as const)('a %s position fails after its entry was refused too often', async (side) => {
  await run.price('60000', '60000.01');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await run.start(positionConfig({ side, entryPriceQuote: side === 'BUY' ? '59000' : '61000' }, { openOrderType: 'LIMIT' }));
  const seen = new Set<string>();
  const done = run.closed(id);
  let over = false;
  void done.then(() => (over = true));
  while (!over) {
    for (const order of await run.paper.orders({ symbol: SYMBOL })) {
      if (order.state !== 'new' || seen.has(order.clientOrderId)) continue;
      seen.add(order.clientOrderId);
      await run.paper.rejectOrder({ clientOrderId: order.clientOrderId });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  expect(await done).toMatchObject({ close_type: 'FAILED', outcome: 'FAILED', volume_quote: '0' });
  expect(seen.size).toBe(11);
});

it.each(['BUY', 'SELL'] as const)('protects a half-filled %s limit entry from its first fill', async (side) => {
  const entryPrice = side === 'BUY' ? '59990' : '60010';
  await run.price('60000', '60000.01');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await run.start(positionConfig({ side, entryPriceQuote: entryPrice }, { openOrderType: 'LIMIT' }));
  const [entry] = await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.some((order) => order.state === 'new'), 'the entry rests').then((orders) => orders.filter((order) => order.state === 'new'));
  await run.paper.fillOrder({ clientOrderId: entry?.clientOrderId ?? '', priceQuote: entryPrice, amountBase: '0.004' });
  await armed(id);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  await (side === 'BUY' ? run.price('58000', '58000.01') : run.price('62000', '62000.01'));
  const report = await run.closed(id);
  expect(report.close_type).toBe('STOP_LOSS');
  const { entry: bought, exit: sold } = await tradesOf(run.paper, report);
  expect(sold.length).toBeGreaterThan(0);
  expect(bought.length).toBeGreaterThan(0);
  await expectExactMoney(report);
});
