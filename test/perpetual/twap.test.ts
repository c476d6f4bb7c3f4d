import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { decimal, exactly, toDecimalString } from '../../src/domain/money.js';
import { auditOf, expectNoDifference } from '../executors/audited-run.js';
import { recompute, tradesOf } from '../executors/recomputed-money.js';
import { runStack, twapConfig, type RunningStack } from '../executors/running-stack.js';

const SYMBOL = 'BTCUSDT_PERP';
let run: RunningStack;
const started: TwapExecutorConfig[] = [];

beforeAll(async () => {
  run = await runStack({ perpetual: true });
  await run.paper.setPrice(SYMBOL, '60000', '60000.1', { bidSize: '1000', askSize: '1000' });
});
afterAll(async () => {
  await run?.stop();
});

async function start(change: Partial<TwapExecutorConfig>): Promise<string> {
  const config = twapConfig({ connector: 'binance_perpetual_paper_trade', leverage: 5, totalAmountQuote: '1500', ...change });
  started.push(config);
  return run.start(config);
}

async function held(): Promise<string> {
  return (await run.paper.positions('paper')).map(({ amountBase }) => amountBase).filter((amount) => amount !== '0').join();
}

function fundingOf(report: ExecutorReport): string {
  return toDecimalString(exactly.difference(decimal('0'), decimal(String(report.custom_info['funding_fees_quote']))));
}

it.each(['BUY', 'SELL'] as const)('%s with leverage is closed by a stop, funding between two slices included', async (side) => {
  const id = await start({ side, totalDurationSeconds: 600, orderIntervalSeconds: 300, controllerId: `perp-${side}` });
  await run.until(() => run.live(id), (live) => live.custom_info['slices_done'] === 1, 'the first slice is done');
  expect(await held()).toBe(side === 'BUY' ? '0.008' : '-0.008');
  await run.paper.settleFunding(SYMBOL);
  const [settled] = await run.until(() => run.paper.incomes({ symbol: SYMBOL, type: 'FUNDING_FEE' }), (incomes) => incomes.length > 0, 'funding is settled');
  expect(settled).toBeDefined();
  await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: false }] });
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', residue_base: '0', custom_info: { funding_settlements: 1 } });
  const { entry, exit } = await tradesOf(run.paper, report);
  const money = recompute(entry, exit, 'BTC');
  expect(report.net_pnl_quote).toBe(toDecimalString(exactly.sum(decimal(money.netPnlQuote), decimal(fundingOf(report)))));
  expect(report).toMatchObject({ volume_quote: money.volumeQuote, fees_paid_quote: money.feesQuote });
  expect(report.why.map(({ decision }) => decision)).toContain('leverage 5');
  expect(await held()).toBe('');
});

it('hands over what it traded with its funding', async () => {
  const id = await start({ side: 'SELL', totalDurationSeconds: 4, orderIntervalSeconds: 2, controllerId: 'perp-hold' });
  await run.until(() => run.live(id), (live) => Number(live.custom_info['slices_done']) >= 1, 'a slice is done');
  await run.paper.settleFunding(SYMBOL);
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', net_pnl_quote: '0', custom_info: { funding_settlements: 1 } });
  expect(report.hold?.fundingQuote).toBe(fundingOf(report));
  expect(await held()).toBe(`-${String(report.custom_info['filled_amount_base'])}`);
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});
