import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { XemmExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { runTwoExchanges, xemmConfig, xemmMoney, type TwoExchanges } from './two-exchanges.js';
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
