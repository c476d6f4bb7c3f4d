import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PositionExecutorConfig, TripleBarrierConfig } from '../../src/contract/executor-config.js';
import { positionConfig, runStack, type RunningStack } from '../executors/running-stack.js';

const SYMBOL = 'BTCUSDT_PERP';
const CONNECTOR = 'binance_perpetual_paper_trade';
let run: RunningStack;

beforeAll(async () => {
  run = await runStack({ perpetual: true });
});
afterAll(async () => {
  await run?.stop();
});

async function price(bid: string, ask: string): Promise<void> {
  await run.paper.setPrice(SYMBOL, bid, ask, { bidSize: '1000', askSize: '1000' });
}

async function held(): Promise<readonly string[]> {
  return (await run.paper.positions('paper')).map(({ amountBase }) => amountBase).filter((amount) => amount !== '0');
}

async function start(side: 'BUY' | 'SELL', barriers: Partial<TripleBarrierConfig> = {}): Promise<PositionExecutorConfig> {
  await price('60000', '60000.1');
  const config = positionConfig({ connector: CONNECTOR, side, leverage: 5 }, { takeProfitFraction: null, exchangeStop: { distanceFraction: '0.05', triggeredBy: 'last' }, ...barriers });
  await run.start(config);
  await run.until(stops, (open) => open.length === 1, 'the stop rests at the exchange');
  return config;
}

/** Conditional orders that wait. */
async function stops(): Promise<readonly { readonly state: string }[]> {
  return (await run.paper.conditionals({ account: 'paper', symbol: SYMBOL })).filter(({ state }) => state === 'new');
}

it.each([
  ['BUY', '58500', '58500.1'],
  ['SELL', '61500', '61500.1'],
] as const)('the stop of a %s position is off before the own stop closes', async (side, bid, ask) => {
  const config = await start(side);
  await price(bid, ask);
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
  expect(report.orders.map((order) => [order.purpose, order.totals.fillCount])).toEqual([['work', 1], ['exchangeStop', 0], ['close', 1]]);
  expect([await held(), await stops()]).toEqual([[], []]);
});

it('fires while nothing of ours runs, and is recognised afterwards', async () => {
  const config = await start('BUY');
  await run.stack.worker?.kill();
  await price('56900', '56900.1');
  await run.until(held, (amounts) => amounts.length === 0, 'the exchange fired it');
  await price('60000', '60000.1');
  await run.stack.worker?.restart();
  const report = await run.closed(config.id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', last_error: null });
  expect(report.orders.map((order) => [order.purpose, order.totals.filledBase])).toEqual([['work', '0.01'], ['exchangeStop', '0.01']]);
  expect([await held(), await stops()]).toEqual([[], []]);
}, 60_000);
