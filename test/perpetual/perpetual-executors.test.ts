import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderExecutorConfig, PositionExecutorConfig, TripleBarrierConfig } from '../../src/contract/executor-config.js';
import type { ControllerState } from '../../src/contract/controller.js';
import { QUERIES } from '../../src/contract/messages.js';
import type { AuditedExecutor, AuditInput } from '../../src/audit/audit-input.js';
import { auditLedger } from '../../src/audit/audit-ledger.js';
import { readAuditedMarkets, readExchangeLedger } from '../../src/audit/read-exchange-ledger.js';
import { createStockFuturesClient, type StockFuturesClient } from '../paper/stock-futures-client.js';
import { orderConfig, positionConfig, runStack, type RunningStack } from '../executors/running-stack.js';

const SYMBOL = 'BTCUSDT_PERP';
const CONNECTOR = 'binance_perpetual_paper_trade';
let run: RunningStack;
const started: (OrderExecutorConfig | PositionExecutorConfig)[] = [];

beforeAll(async () => {
  run = await runStack({ perpetual: true });
  await price('60000', '60000.1');
});
afterAll(async () => {
  await run?.stop();
});

async function price(bid: string, ask: string): Promise<void> {
  await run.paper.setPrice(SYMBOL, bid, ask, { bidSize: '1000', askSize: '1000' });
}

function order(change: Partial<OrderExecutorConfig> = {}): OrderExecutorConfig {
  return noted(orderConfig({ connector: CONNECTOR, ...change }));
}

function position(change: Partial<PositionExecutorConfig> = {}, barriers: Partial<TripleBarrierConfig> = {}): PositionExecutorConfig {
  return noted(positionConfig({ connector: CONNECTOR, ...change }, barriers));
}

function noted<Config extends OrderExecutorConfig | PositionExecutorConfig>(config: Config): Config {
  started.push(config);
  return config;
}

/** What a person does to the account beside the executors. */
async function byHand(): Promise<StockFuturesClient> {
  const restUrl = run.stack.paper?.url ?? '';
  return createStockFuturesClient({ restUrl, websocketUrl: restUrl.replace('http', 'ws') });
}

async function held(): Promise<readonly string[]> {
  return (await run.paper.positions('paper')).map(({ amountBase }) => amountBase).filter((amount) => amount !== '0');
}

describe('positions', () => {
  it.each([
    ['BUY', 'STOP_LOSS', '58000'],
    ['SELL', 'STOP_LOSS', '62000'],
    ['BUY', 'TAKE_PROFIT', '62000'],
    ['SELL', 'TAKE_PROFIT', '58000'],
  ] as const)('%s ends by %s', async (side, closeType, then) => {
    await price('60000', '60000.1');
    const id = await run.start(position({ side, leverage: 5 }));
    await run.until(held, (amounts) => amounts.join() === (side === 'BUY' ? '0.01' : '-0.01'), 'the position is open');
    await price(then, String(Number(then) + 0.1));
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: closeType, outcome: 'COMPLETED', residue_base: '0' });
    expect(await held()).toEqual([]);
    expect(report.why.map(({ decision }) => decision)).toContain('leverage 5');
  });

  it('ends by its time limit', async () => {
    await price('60000', '60000.1');
    const report = await run.closed(await run.start(position({ side: 'SELL', leverage: 5 }, { timeLimitSeconds: 3 })));
    expect(report).toMatchObject({ close_type: 'TIME_LIMIT', outcome: 'COMPLETED' });
    expect(await held()).toEqual([]);
  });

  it.each([
    ['BUY', ['61200', '61800', '61300']],
    ['SELL', ['58800', '58200', '58700']],
  ] as const)('%s trails', async (side, prices) => {
    await price('60000', '60000.1');
    const config = position({ side, leverage: 5 }, { takeProfitFraction: null, trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } });
    await run.armed(await run.start(config));
    for (const bid of prices) {
      await price(bid, String(Number(bid) + 0.1));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'TRAILING_STOP', outcome: 'COMPLETED' });
    expect(Number(report.net_pnl_quote)).toBeGreaterThan(0);
    expect(await held()).toEqual([]);
  });

  it('closes in parts by targets that rest, and never sells more than it holds', async () => {
    await price('60000', '60000.1');
    const targets = [
      { distanceFraction: '0.01', shareFraction: '0.5', orderType: 'LIMIT' },
      { distanceFraction: '0.02', shareFraction: '0.5', orderType: 'LIMIT_MAKER' },
    ] as const;
    const id = await run.start(position({ leverage: 5 }, { takeProfitFraction: null, targets, breakevenAfterTarget: 1 }));
    const resting = async (): Promise<readonly string[]> => (await run.paper.orders({ symbol: SYMBOL })).filter((one) => one.state === 'new').map(({ amountBase }) => amountBase);
    await run.until(resting, (amounts) => amounts.join() === '0.005,0.005', 'both targets rest');
    await price('60700', '60700.1');
    await run.until(held, (amounts) => amounts.join() === '0.005', 'the first is filled');
    // The stop stands at the entry plus fees now.
    await price('60010', '60010.1');
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED' });
    expect(report.why.map(({ decision }) => decision)).toContain('the stop moved to the entry plus fees');
    expect([await held(), await resting()]).toEqual([[], []]);
  });

  it('an order executor opens and closes', async () => {
    await price('60000', '60000.1');
    const opened = await run.closed(await run.start(order({ side: 'SELL', leverage: 5, controllerId: 'pair' })));
    expect(opened).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    expect(await held()).toEqual(['-0.01']);
    const closed = await run.closed(await run.start(order({ side: 'BUY', positionAction: 'CLOSE', controllerId: 'pair' })));
    expect(closed).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
    expect(await held()).toEqual([]);
  });
});

describe('one leverage per pair', () => {
  it('another one is refused while an executor runs, and taken afterwards', async () => {
    await price('60000', '60000.1');
    const id = await run.start(position({ leverage: 5 }));
    await run.until(held, (amounts) => amounts.length === 1, 'the position is open');
    const other = order({ leverage: 7 });
    const refused = await run.closed(await run.start(other));
    expect(refused).toMatchObject({ close_type: 'FAILED', outcome: 'REFUSED' });
    expect(refused.last_error).toContain(`executor ${other.id} needs 7`);
    expect(refused.last_error).toContain(`executor ${id} of the same account`);
    await run.client.workflow.getHandle(id).signal('early_stop', {});
    expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP' });
    expect((await run.closed(await run.start(position({ leverage: 7 }, { timeLimitSeconds: 1 })))).why.map(({ decision }) => decision)).toContain('leverage 7');
  });
});

describe('funding', () => {
  it('is shared by what each executor holds, and is in the result', async () => {
    await price('60000', '60000.1');
    const long = await run.start(position({ amountBase: '0.03', leverage: 5 }));
    const longer = await run.start(position({ amountBase: '0.01', leverage: 5 }));
    await run.until(held, (amounts) => amounts.join() === '0.04', 'both are open');
    await run.paper.settleFunding(SYMBOL);
    const booked = (id: string): Promise<unknown> => run.live(id).then((report) => report.custom_info['funding_settlements']);
    await run.until(() => booked(longer), (count) => count === 1, 'the first is booked');
    await run.paper.settleFunding(SYMBOL);
    await price('62000', '62000.1');
    const [first, second] = [await run.closed(long), await run.closed(longer)];
    const payments = (await run.paper.incomes({ symbol: SYMBOL, type: 'FUNDING_FEE' })).slice(-2);
    const paid = payments.reduce((sum, { amount }) => sum - Number(amount), 0);
    expect(first.custom_info['funding_settlements']).toBe(2);
    expect(second.custom_info['funding_settlements']).toBe(2);
    const shares = [first, second].map((report) => Number(report.custom_info['funding_fees_quote']));
    expect((shares[0] ?? 0) + (shares[1] ?? 0)).toBeCloseTo(paid, 8);
    expect(shares[0]).toBeCloseTo(3 * (shares[1] ?? 0), 8);
    expect(Number(first.net_pnl_quote)).toBeCloseTo(0.03 * (62000 - 60000.1) - Number(first.fees_paid_quote) - (shares[0] ?? 0), 8);
  });
});

describe('funding that is settled before a fill is told', () => {
  it('is booked again when it is: by what was held, not by what was known', async () => {
    await price('60000', '60000.1');
    await run.paper.setMatching(SYMBOL, { mode: 'manual' });
    const id = await run.start(order({ amountBase: '0.01', leverage: 5, executionStrategy: 'LIMIT', priceQuote: '50000' }));
    const resting = await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.some(({ state }) => state === 'new'), 'the order rests');
    const clientOrderId = resting.find(({ state }) => state === 'new')?.clientOrderId ?? '';
    await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.003' });
    await run.until(() => run.live(id), ({ custom_info: told }) => told['executed_amount_base'] === '0.003', 'the first fill is told');
    // The next report waits for its gap; the settlement is told at once.
    await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.004' });
    await run.paper.settleFunding(SYMBOL);
    await run.until(() => run.live(id), ({ custom_info: told }) => told['funding_settlements'] === 1, 'the settlement is booked');
    await run.paper.fillOrder({ clientOrderId, priceQuote: '50000', amountBase: '0.003' });
    const report = await run.closed(id);
    await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
    const [settled] = (await run.paper.incomes({ symbol: SYMBOL, type: 'FUNDING_FEE' })).slice(-1);
    expect(Number(report.custom_info['funding_fees_quote'])).toBeCloseTo(-Number(settled?.amount), 8);
    expect(report.why.map(({ decision }) => decision)).toContain('funding corrected');
    await run.closed(await run.start(order({ side: 'SELL', positionAction: 'CLOSE' })));
    expect(await held()).toEqual([]);
  });
});

describe('funding that is settled while an executor closes', () => {
  it('is told by its closing time: what comes later is not in its sums', async () => {
    await price('60000', '60000.1');
    await run.paper.armFault({ kind: 'delay-before-commit', delayMs: 2_000, method: 'GET', route: '/fapi/v1/income' });
    const id = await run.start(order({ leverage: 5, controllerId: 'pair' }));
    const asked = async (): Promise<boolean> => (await run.paper.faults()).some(({ hits }) => hits > 0);
    await run.until(asked, (hit) => hit, 'payments are asked for the last time');
    await run.paper.settleFunding(SYMBOL);
    const report = await run.closed(id);
    await run.paper.clearFaults();
    const [settled] = (await run.paper.incomes({ symbol: SYMBOL, type: 'FUNDING_FEE' })).slice(-1);
    expect(report.custom_info).toMatchObject({ funding_fees_quote: '0', funding_settlements: 0 });
    expect(report.closed_at_ms).toBeLessThan(settled?.timeMs ?? 0);
    await run.closed(await run.start(order({ side: 'SELL', positionAction: 'CLOSE', controllerId: 'pair' })));
    expect(await held()).toEqual([]);
  });
});

describe('liquidation', () => {
  it('while running: each exit gets its part of what the exchange took, and nothing is left hanging', async () => {
    await price('60000', '60000.1');
    const wide = { stopLossFraction: '0.5', takeProfitFraction: null };
    const one = await run.start(position({ amountBase: '30', leverage: 50 }, wide));
    const two = await run.start(position({ amountBase: '10', leverage: 50 }, wide));
    await run.until(held, (amounts) => amounts.join() === '40', 'both are open');
    await price('57000', '57000.1');
    const reports = [await run.closed(one), await run.closed(two)];
    for (const report of reports) {
      expect(report).toMatchObject({ close_type: 'FAILED', outcome: 'LIQUIDATED', needs_attention: true, residue_base: '0' });
      expect(report.last_error).toMatch(/^LIQUIDATED/);
    }
    expect(reports.map((report) => report.orders.find((sent) => sent.purpose === 'liquidation')?.totals.filledBase)).toEqual(['30', '10']);
    expect(await held()).toEqual([]);
    expect((await run.paper.orders({ symbol: SYMBOL })).filter(({ state }) => state === 'new')).toEqual([]);
  });

  it('while everything of ours was down, funding settled before it', async () => {
    await run.paper.depositPerpetual('paper', 'USDT', '100000');
    await price('60000', '60000.1');
    const id = await run.start(position({ side: 'SELL', amountBase: '35', leverage: 50 }, { stopLossFraction: '0.02', takeProfitFraction: null }));
    await run.until(held, (amounts) => amounts.join() === '-35', 'the position is open');
    await run.until(() => run.live(id), (report) => report.is_trading, 'the entry is told');
    await run.stack.worker?.kill();
    await run.paper.settleFunding(SYMBOL);
    await price('70000', '70000.1');
    await run.until(held, (amounts) => amounts.length === 0, 'the exchange takes the position');
    await run.stack.worker?.restart();
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'FAILED', outcome: 'LIQUIDATED', needs_attention: true, residue_base: '0' });
    expect(report.orders.find((sent) => sent.purpose === 'liquidation')?.totals.filledBase).toBe('35');
    const [settled] = (await run.paper.incomes({ symbol: SYMBOL, type: 'FUNDING_FEE' })).slice(-1);
    expect(report.custom_info['funding_fees_quote']).toBe(`-${Number(settled?.amount)}`);
    expect(await held()).toEqual([]);
  });
});

describe('two sides of one account', () => {
  it('one-way: a short of the same size does not keep a long from closing', async () => {
    await run.paper.depositPerpetual('paper', 'USDT', '100000');
    await price('60000', '60000.1');
    const long = await run.start(position({ leverage: 5 }));
    await run.until(held, (amounts) => amounts.join() === '0.01', 'the long is open');
    const short = await run.start(position({ side: 'SELL', leverage: 5 }, { stopLossFraction: '0.5', takeProfitFraction: '0.03' }));
    await run.until(held, (amounts) => amounts.length === 0, 'they cancel each other out');
    await price('58500', '58500.1');
    expect(await run.closed(long)).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', residue_base: '0' });
    expect(await held()).toEqual(['-0.01']);
    await price('58000', '58000.1');
    expect(await run.closed(short)).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED', residue_base: '0' });
    expect(await held()).toEqual([]);
  });

  it('a position that somebody closed by hand is handed over, not tried for ever', async () => {
    await price('60000', '60000.1');
    const id = await run.start(position({ leverage: 5 }));
    await run.until(held, (amounts) => amounts.join() === '0.01', 'the long is open');
    const user = await byHand();
    await user.createOrder('BTC/USDT:USDT', 'market', 'sell', 0.01, undefined, { reduceOnly: true });
    await user.close();
    await price('58000', '58000.1');
    const report = await run.closed(id);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'PARTIAL' });
    expect(report.last_error).toContain('to reduce');
    expect(await held()).toEqual([]);
  });

  it('hedge: both sides stand at once, each is settled and closed by itself', async () => {
    const user = await byHand();
    await user.setPositionMode(true);
    await user.close();
    await price('60000', '60000.1');
    const tight = { stopLossFraction: '0.02', takeProfitFraction: null };
    const long = await run.start(position({ amountBase: '0.02', leverage: 5 }, tight));
    const short = await run.start(position({ side: 'SELL', leverage: 5 }, tight));
    await run.until(held, (amounts) => [...amounts].sort().join() === '-0.01,0.02', 'both are open');
    await run.paper.settleFunding(SYMBOL);
    const booked = (id: string): Promise<unknown> => run.live(id).then((report) => report.custom_info['funding_settlements']);
    for (const id of [long, short]) await run.until(() => booked(id), (count) => count === 1, 'funding is booked');
    await price('58000', '58000.1');
    const longReport = await run.closed(long);
    expect(longReport).toMatchObject({ close_type: 'STOP_LOSS', residue_base: '0', custom_info: { funding_fees_quote: expect.stringMatching(/^0\.12/) } });
    await price('62000', '62000.1');
    const shortReport = await run.closed(short);
    expect(shortReport).toMatchObject({ close_type: 'STOP_LOSS', residue_base: '0', custom_info: { funding_fees_quote: expect.stringMatching(/^-0\.06/) } });
    expect(longReport.why.some(({ evidence }) => evidence['position_mode'] === 'hedge')).toBe(true);
  });

  it('hedge: what is handed over of a long and of a short are two positions, each reduced by what closes it', async () => {
    await price('60000', '60000.1');
    const holds = async (): Promise<readonly string[]> => {
      const { positions } = await run.client.workflow.getHandle('controller/hedge').query<ControllerState>(QUERIES.positions);
      return positions.map(({ positionSide, held: { netBase } }) => `${positionSide} ${netBase}`);
    };
    const trade = async (change: Partial<OrderExecutorConfig>): Promise<void> => {
      expect(await run.closed(await run.start(order({ controllerId: 'hedge', leverage: 5, ...change })))).toMatchObject({ close_type: 'POSITION_HOLD' });
    };
    await trade({ amountBase: '0.02' });
    await trade({ side: 'SELL' });
    expect(await holds()).toEqual(['LONG 0.02', 'SHORT -0.01']);
    expect([...(await held())].sort()).toEqual(['-0.01', '0.02']);
    await trade({ side: 'SELL', amountBase: '0.015', positionAction: 'CLOSE' });
    await trade({ side: 'BUY', positionAction: 'CLOSE' });
    expect(await holds()).toEqual(['LONG 0.005', 'SHORT 0']);
    expect(await held()).toEqual(['0.005']);
    await trade({ side: 'SELL', amountBase: '0.005', positionAction: 'CLOSE' });
    expect(await holds()).toEqual(['LONG 0', 'SHORT 0']);
  });
});

it('the audit finds no difference between the exchange and the reports', async () => {
  const ledger = await readExchangeLedger(run.paper);
  const executors = await Promise.all(started.map(async (config): Promise<AuditedExecutor> => ({ id: config.id, type: config.type, createdAtMs: config.createdAtMs, side: config.side, amountBase: config.amountBase, end: { kind: 'closed', report: await run.closed(config.id) } })));
  const controllers = await Promise.all(['main', 'pair', 'hedge'].map((id) => run.client.workflow.getHandle(`controller/${id}`).query<ControllerState>(QUERIES.positions)));
  const input: AuditInput = { ledger, markets: await readAuditedMarkets(run.paper), executors, controllers };
  // But for the order that a person sent.
  const differences = auditLedger(input).differences.filter(({ kind }) => kind !== 'foreign-order');
  expect(differences.map(({ message }) => message)).toEqual([]);
  const wrong = executors.map((executor) => (executor.end.kind === 'closed' && executor.end.report.custom_info['funding_fees_quote'] !== undefined ? { ...executor, end: { ...executor.end, report: { ...executor.end.report, custom_info: { ...executor.end.report.custom_info, funding_fees_quote: '123' } } } } : executor));
  expect(auditLedger({ ...input, executors: wrong }).differences.filter(({ kind }) => kind === 'pnl-differs').length).toBeGreaterThan(0);
});
