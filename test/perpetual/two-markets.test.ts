import { Decimal } from 'decimal.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { XemmExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { PaperControlClient } from '../../src/paper/control-client.js';
import { ACCOUNT, PAIR, orderConfig } from '../executors/running-stack.js';
import { arbitrageConfig, legMoney, runTwoExchanges, xemmConfig, type LegMoney, type TwoExchanges } from '../executors/two-exchanges.js';

const SYMBOL = 'BTCUSDT_PERP';
const [FIRST, SECOND] = ['binance_perpetual_paper_trade', 'kucoin_perpetual_paper_trade'];
const LEVERAGE = 4;

let run: TwoExchanges;

beforeAll(async () => {
  run = await runTwoExchanges({ perpetual: true });
});
afterAll(async () => {
  await run?.stop();
});
beforeEach(async () => {
  await both('60000', '60000.1');
});
afterEach(async () => {
  for (const paper of [run.paper, run.second]) await paper.clearFaults();
});

async function both(bid: string, ask: string): Promise<void> {
  await run.price(bid, ask);
  await run.secondPrice(bid, ask);
  for (const paper of [run.paper, run.second]) await contractPrice(paper, bid, ask);
}

async function contractPrice(paper: PaperControlClient, bid: string, ask: string): Promise<void> {
  await paper.setPrice(SYMBOL, bid, ask, { bidSize: '1000', askSize: '1000' });
}

/** What stands on the contract of an exchange, long positive. */
async function position(paper: PaperControlClient): Promise<string> {
  return (await paper.positions('paper')).reduce((sum, { amountBase }) => sum.plus(amountBase), new Decimal(0)).toFixed();
}

async function quoted(on: PaperControlClient): Promise<{ readonly clientOrderId: string; readonly priceQuote: string | null }> {
  const open = async (): Promise<readonly { clientOrderId: string; priceQuote: string | null }[]> => (await on.orders({ state: 'new' })).map(({ clientOrderId, priceQuote }) => ({ clientOrderId, priceQuote: priceQuote ?? null }));
  const [order] = await run.until(open, (orders) => orders.length === 1, 'it is quoted');
  if (order === undefined) throw new Error('no order');
  return order;
}

function sold(report: Pick<ExecutorReport, 'side'>, maker: LegMoney, hedge: LegMoney): Decimal {
  return report.side === 'BUY' ? hedge.quote.minus(maker.quote) : maker.quote.minus(hedge.quote);
}

async function fundingReceived(): Promise<Decimal> {
  const incomes = await Promise.all([run.paper, run.second].map(async (paper) => await paper.incomes({ type: 'FUNDING_FEE' })));
  return incomes.flat().reduce((sum, { amount }) => sum.plus(amount), new Decimal(0));
}

/** Of an executor that ends with all of it hedged: the trades of both exchanges and what was settled meanwhile. */
async function expectMoney(config: XemmExecutorConfig, report: ExecutorReport, received: Decimal): Promise<void> {
  const at = (connector: string): PaperControlClient => (connector.startsWith('binance') ? run.paper : run.second);
  const maker = await legMoney(at(config.connector), report, ['maker/1']);
  const hedge = await legMoney(at(config.hedge.connector), report, ['hedge/1', 'hedge/2']);
  const fees = maker.fees.plus(hedge.fees);
  expect(report).toMatchObject({ fees_paid_quote: fees.toFixed(), volume_quote: maker.quote.plus(hedge.quote).toFixed(), net_pnl_quote: sold(report, maker, hedge).minus(fees).plus(received).toFixed() });
  expect(maker.base.toFixed()).toBe(hedge.base.toFixed());
  expect(new Decimal(String(report.custom_info['funding_fees_quote'])).negated().toFixed()).toBe(received.toFixed());
}

describe.each([
  { name: 'spot, hedged on a perpetual', side: 'BUY', connector: 'binance_paper_trade', hedgedOn: SECOND, positions: ['0', '-0.1'] },
  { name: 'a perpetual, hedged on spot', side: 'SELL', connector: FIRST, hedgedOn: 'kucoin_paper_trade', positions: ['-0.1', '0'] },
  { name: 'a perpetual, hedged on another', side: 'BUY', connector: FIRST, hedgedOn: SECOND, positions: ['0.1', '-0.1'] },
] as const)('a XEMM that quotes on $name', ({ side, connector, hedgedOn, positions }) => {
  it('is hedged from the first part on, and its money is that of both ledgers, funding included', async () => {
    const before = await fundingReceived();
    const config = xemmConfig({ side, connector, leverage: LEVERAGE, hedge: { connector: hedgedOn, account: ACCOUNT, pair: PAIR } });
    await run.start(config);
    const order = await quoted(run.paper);
    const fill = async (amountBase: string): Promise<unknown> => await run.paper.fillOrder({ clientOrderId: order.clientOrderId, priceQuote: order.priceQuote ?? '', amountBase });
    await fill('0.04');
    await run.until(() => run.live(config.id), (live) => live.custom_info['hedge_filled_base'] === '0.04', 'the first part is hedged');
    for (const paper of [run.paper, run.second]) await paper.settleFunding(SYMBOL);
    await run.until(() => run.live(config.id), (live) => Number(live.custom_info['funding_settlements']) > 0, 'funding is booked');
    await fill('0.06');
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED', residue_base: '0' });
    await expectMoney(config, report, (await fundingReceived()).minus(before));
    expect(report.custom_info).toMatchObject({ leverage: LEVERAGE, maker_position_base: side === 'BUY' ? '0.1' : '-0.1', hedge_position_base: side === 'BUY' ? '-0.1' : '0.1' });
    expect([await position(run.paper), await position(run.second)]).toEqual(positions);
    expect(report.why.filter(({ decision }) => decision === `leverage ${LEVERAGE}`).length).toBe(positions.filter((base) => base !== '0').length);
    await flatten();
  });
});

/** Back to nothing by hand, so that the next one begins there. */
async function flatten(): Promise<void> {
  for (const [paper, connector] of [[run.paper, FIRST], [run.second, SECOND]] as const) {
    const held = new Decimal(await position(paper));
    if (held.isZero()) continue;
    const id = await run.start(orderConfig({ connector, leverage: LEVERAGE, side: held.isPositive() ? 'SELL' : 'BUY', amountBase: held.abs().toFixed(), positionAction: 'CLOSE' }));
    expect(await run.closed(id)).toMatchObject({ outcome: 'COMPLETED' });
  }
  expect([await position(run.paper), await position(run.second)]).toEqual(['0', '0']);
}

describe('an arbitrage', () => {
  const config = (buying: string, selling: string, onFailedLeg: 'unwind' | 'hand_over' = 'unwind') => arbitrageConfig({ connector: buying, leverage: LEVERAGE, selling: { connector: selling, account: ACCOUNT, pair: PAIR }, onFailedLeg });

  it.each([
    { name: 'spot against a perpetual', buying: 'binance_paper_trade', selling: SECOND, positions: ['0', '-0.1'] },
    { name: 'a perpetual against spot', buying: FIRST, selling: 'kucoin_paper_trade', positions: ['0.1', '0'] },
    { name: 'two perpetuals', buying: FIRST, selling: SECOND, positions: ['0.1', '-0.1'] },
  ])('of $name', async ({ buying, selling, positions }) => {
    await run.secondPrice('60600', '60600.01');
    await contractPrice(run.second, '60600', '60600.1');
    const wanted = config(buying, selling);
    await run.start(wanted);
    const report = await run.closed(wanted.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED', residue_base: '0' });
    const [bought, gone] = [await legMoney(run.paper, report, ['buy/1']), await legMoney(run.second, report, ['sell/1'])];
    expect(report.net_pnl_quote).toBe(gone.quote.minus(bought.quote).minus(bought.fees).minus(gone.fees).toFixed());
    expect([await position(run.paper), await position(run.second)]).toEqual(positions);
    expect(report.custom_info).toMatchObject({ buying_position_base: '0.1', selling_position_base: '-0.1', funding_fees_quote: '0' });
    await flatten();
  });

  it('whose sale fails takes back what it bought, and leaves no position', async () => {
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/fapi/v1/order', count: null });
    await contractPrice(run.second, '60600', '60600.1');
    const wanted = config(FIRST, SECOND);
    await run.start(wanted);
    const report = await run.closed(wanted.id);
    expect(report).toMatchObject({ close_type: 'FAILED', outcome: 'FAILED', residue_base: '0' });
    expect([await position(run.paper), await position(run.second)]).toEqual(['0', '0']);
    const [bought, back] = [await legMoney(run.paper, report, ['buy/1']), await legMoney(run.paper, report, ['unwind/1'])];
    expect(report.net_pnl_quote).toBe(back.quote.minus(bought.quote).minus(bought.fees).minus(back.fees).toFixed());
  });

  it('whose sale fails hands over the long that it has', async () => {
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/fapi/v1/order', count: null });
    await contractPrice(run.second, '60600', '60600.1');
    const wanted = config(FIRST, SECOND, 'hand_over');
    await run.start(wanted);
    const report = await run.closed(wanted.id);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'PARTIAL', hold: { connector: FIRST, pair: PAIR } });
    expect(await position(run.paper)).toBe('0.1');
    await flatten();
  });
});
