import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { auditOf, expectNoDifference } from '../executors/audited-run.js';
import { gridTrades, moved } from '../executors/grid-trades.js';
import { gridConfig, runStack, type RunningStack } from '../executors/running-stack.js';

const SYMBOL = 'BTCUSDT_PERP';
let run: RunningStack;
const started: GridExecutorConfig[] = [];

beforeAll(async () => {
  run = await runStack({ perpetual: true });
});
afterAll(async () => {
  await run?.stop();
});

async function price(bid: number): Promise<void> {
  await run.paper.setPrice(SYMBOL, bid.toFixed(1), (bid + 0.1).toFixed(1), { bidSize: '1000', askSize: '1000' });
}

async function resting(): Promise<number> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter(({ state }) => state === 'new').length;
}

async function held(): Promise<number> {
  return (await run.paper.positions('paper')).reduce((sum, { amountBase }) => sum + Number(amountBase), 0);
}

async function settled(id: string, count: number): Promise<ExecutorReport> {
  await run.paper.settleFunding(SYMBOL);
  return run.until(() => run.live(id), ({ custom_info: told }) => told['funding_settlements'] === count, `funding ${count} is booked`);
}

it.each([
  ['BUY', -1],
  ['SELL', 1],
] as const)('%s with leverage books funding for the net of its levels, once, and stops flat', async (side, sign) => {
  const at = (fraction: number): Promise<void> => price(60_000 * (1 + sign * fraction));
  await at(0);
  const config = gridConfig({ connector: 'binance_perpetual_paper_trade', leverage: 5, side, controllerId: `grid-perp-${side}`, stopLossFraction: '0.008', totalAmountQuote: '4000', minOrderAmountQuote: '900' });
  started.push(config);
  const id = await run.start(config);
  await run.until(resting, (count) => count === 4, 'all levels rest');
  await at(0.0015);
  await run.until(() => run.live(id), (live) => live.is_trading, 'a level is filled');
  await settled(id, 1);
  await at(0.0035);
  await run.until(() => run.live(id), (live) => Number(live.volume_quote) > 1_500, 'two are');
  const two = await held();
  expect(Math.sign(two)).toBe(-sign);
  await settled(id, 2);
  await at(0.001);
  await run.until(() => run.live(id), (live) => live.custom_info['round_trips'] === 1, 'one round trip is through');
  expect(Math.abs(await held())).toBeLessThan(Math.abs(two));
  await settled(id, 3);
  await at(0.012);
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', residue_base: '0', custom_info: { funding_settlements: 3 } });
  const money = moved(await gridTrades(run.paper, report));
  expect(report).toMatchObject({ volume_quote: money.volumeQuote.toFixed(), fees_paid_quote: money.feesQuote.toFixed() });
  expect(await held()).toBe(0);
  expect(await resting()).toBe(0);
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});
