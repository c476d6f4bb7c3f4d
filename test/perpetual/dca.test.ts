import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DcaExecutorConfig } from '../../src/contract/executor-config.js';
import { decimal, exactly, toDecimalString } from '../../src/domain/money.js';
import { auditOf, expectNoDifference } from '../executors/audited-run.js';
import { recompute, tradesOf } from '../executors/recomputed-money.js';
import { dcaConfig, runStack, type RunningStack } from '../executors/running-stack.js';

const SYMBOL = 'BTCUSDT_PERP';
let run: RunningStack;
const started: DcaExecutorConfig[] = [];

async function price(bid: number): Promise<void> {
  await run.paper.setPrice(SYMBOL, bid.toFixed(1), (bid + 0.1).toFixed(1), { bidSize: '1000', askSize: '1000' });
}

beforeAll(async () => {
  run = await runStack({ perpetual: true });
});
afterAll(async () => {
  await run?.stop();
});

async function held(): Promise<string> {
  return (await run.paper.positions('paper')).map(({ amountBase }) => amountBase).filter((amount) => amount !== '0').join();
}

it.each([
  ['BUY', 59690, 59100],
  ['SELL', 60310, 60900],
] as const)('%s with leverage books funding of what its levels hold, and stops at their average', async (side, first, last) => {
  await price(60000);
  const config = dcaConfig({ connector: 'binance_perpetual_paper_trade', leverage: 5, side, controllerId: `perp-${side}`, stopLossFraction: '0.008', takeProfitFraction: '0.05' });
  started.push(config);
  const id = await run.start(config);
  await run.until(async () => (await run.paper.orders({ symbol: SYMBOL })).filter(({ state }) => state === 'new').length, (count) => count === 3, 'all levels rest');
  await price(first);
  const base = side === 'BUY' ? '0.005' : '0.004';
  await run.until(() => run.live(id), (live) => live.custom_info['filled_amount'] === base, 'the first level is filled');
  expect(await held()).toBe(side === 'BUY' ? base : `-${base}`);
  await run.paper.settleFunding(SYMBOL);
  await run.until(() => run.live(id), (live) => live.custom_info['funding_settlements'] === 1, 'funding is booked');
  await price(last);
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', residue_base: '0', custom_info: { funding_settlements: 1 } });
  const { entry, exit } = await tradesOf(run.paper, report);
  expect(new Set(entry.map(({ clientOrderId }) => clientOrderId)).size).toBeGreaterThan(1);
  const money = recompute(entry, exit, 'BTC');
  const received = exactly.difference(decimal('0'), decimal(String(report.custom_info['funding_fees_quote'])));
  expect(decimal(report.net_pnl_quote).toSignificantDigits(30).toFixed()).toBe(decimal(toDecimalString(exactly.sum(decimal(money.netPnlQuote), received))).toSignificantDigits(30).toFixed());
  expect(report).toMatchObject({ volume_quote: money.volumeQuote, fees_paid_quote: money.feesQuote });
  expect(await held()).toBe('');
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});
