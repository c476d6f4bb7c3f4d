import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArbitrageExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { CONNECTOR } from './running-stack.js';
import { arbitrageConfig, arbitrageMoney, runTwoExchanges, SECOND_CONNECTOR, type TwoExchanges } from './two-exchanges.js';

let run: TwoExchanges;

beforeAll(async () => {
  run = await runTwoExchanges();
});
afterAll(async () => {
  await run?.stop();
});
beforeEach(async () => {
  await run.price('60000', '60000.01');
  await run.secondPrice('60000', '60000.01');
});
afterEach(async () => {
  await run.paper.clearFaults();
  await run.second.clearFaults();
});

/** A spread that pays: 0.5 % with costs of 0.2 %. */
async function spread(): Promise<void> {
  await run.secondPrice('60300', '60300.01');
}

async function watching(config: ArbitrageExecutorConfig): Promise<void> {
  await run.start(config);
  const pending = async (): Promise<readonly (string | null | undefined)[]> => ((await run.client.workflow.getHandle(config.id).describe()).raw.pendingActivities ?? []).filter(({ state }) => state === 2).map(({ activityType }) => activityType?.name);
  await run.until(pending, (names) => names.includes('watchSpread'), 'it watches');
}

async function expectMoney(report: ExecutorReport): Promise<void> {
  const money = await arbitrageMoney(run, report);
  expect(report).toMatchObject({ net_pnl_quote: money.netPnlQuote, fees_paid_quote: money.feesQuote, volume_quote: money.volumeQuote });
  expect(report.custom_info['unbalanced_base']).toBe(money.excessBase);
  for (const paper of [run.paper, run.second]) expect(await run.openOn(paper)).toEqual([]);
}

describe('a spread', () => {
  it('is traded on both exchanges as soon as it pays, and not before', async () => {
    const config = arbitrageConfig();
    await watching(config);
    // 0.25 %: costs of 0.2 % leave 0.05 %, the minimum is 0.1 %.
    await run.secondPrice('60150', '60150.01');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await run.live(config.id)).toMatchObject({ status: 'RUNNING', volume_quote: '0' });
    await spread();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED', residue_base: '0', error_count: 0 });
    expect(report.custom_info).toMatchObject({ buy_connector: CONNECTOR, sell_connector: SECOND_CONNECTOR, buy_price: '60000.01', sell_price: '60300', tx_cost_pct: '0.002', failures: 0, bought_base: '0.1', sold_base: '0.1' });
    await expectMoney(report);
    // 6030 - 6000.001 - 6.000001 - 6.03
    expect(report.net_pnl_quote).toBe('17.968999');
  });

  it('counts only as far as both books hold the amount', async () => {
    await run.second.setBook('BTCUSDT', { bids: [['60300', '0.05'], ['60000', '10']], asks: [['60400', '10']] });
    const config = arbitrageConfig();
    await watching(config);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await run.live(config.id)).toMatchObject({ volume_quote: '0' });
    await run.client.workflow.getHandle(config.id).executeUpdate('stop', { args: [{}] });
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', volume_quote: '0' });
    await expectMoney(report);
  });

  it('that does not come ends with the time limit, or with a stop at once', async () => {
    const config = arbitrageConfig({ timeLimitSeconds: 2 });
    await run.start(config);
    expect(await run.closed(config.id)).toMatchObject({ close_type: 'TIME_LIMIT', outcome: 'COMPLETED', volume_quote: '0' });
  });
});

describe('a leg that fails', () => {
  it('is sent again while that pays', async () => {
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/api/v3/order', count: 2 });
    const config = arbitrageConfig();
    await watching(config);
    await spread();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED', residue_base: '0' });
    expect(report.custom_info['failures']).toBe(2);
    await expectMoney(report);
  });

  it.each(['selling', 'buying'] as const)('%s, and no longer pays: the other is taken back, at a loss that is told', async (failing) => {
    const paper = failing === 'selling' ? run.second : run.paper;
    await paper.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/api/v3/order', count: null });
    const config = arbitrageConfig();
    await watching(config);
    await spread();
    await run.until(() => paper.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the leg is refused');
    // What is behind would now be traded at a loss.
    if (failing === 'selling') await run.secondPrice('60000', '60000.01');
    else await run.price('60400', '60400.01');
    const report = await run.closed(config.id);
    await expectMoney(report);
    expect(report).toMatchObject({ close_type: 'FAILED', outcome: 'FAILED', residue_base: '0' });
    expect(report.last_error).toMatch(/refused 1 times/);
    const money = await arbitrageMoney(run, report);
    expect(money.excessBase).toBe('0');
    expect(money.unwound.base.toFixed()).toBe('0.1');
    expect(Number(report.net_pnl_quote)).toBeLessThan(0);
  });

  it('again and again while it would pay is given up, and the other is taken back', async () => {
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/api/v3/order', count: null });
    const config = arbitrageConfig();
    await watching(config);
    await spread();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'FAILED', outcome: 'FAILED', residue_base: '0' });
    expect(report.custom_info['failures']).toBe(12);
    await expectMoney(report);
  });

  it('by the policy hand_over goes to the controller', async () => {
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/api/v3/order', count: null });
    const config = arbitrageConfig({ onFailedLeg: 'hand_over', controllerId: 'left-over' });
    await watching(config);
    await spread();
    await run.until(() => run.second.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the leg is refused');
    await run.secondPrice('60000', '60000.01');
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'PARTIAL' });
    expect(report.hold).toMatchObject({ connector: CONNECTOR });
    expect(report.hold?.orders.map(({ side, totals }) => [side, totals.filledBase])).toEqual([['BUY', '0.1']]);
    await expectMoney(report);
  });

  it('on both exchanges, for want of funds, trades nothing and says what is missing', async () => {
    await run.second.setBook('BTCUSDT', { bids: [['60300', '100']], asks: [['60400', '10']] });
    const config = arbitrageConfig({ amountBase: '11' });
    await run.start(config);
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED', volume_quote: '0' });
    expect(report.last_error).toMatch(/needs .* the account has/);
  });
});

describe('a worker that is killed', () => {
  it('while it watches goes on watching', async () => {
    const config = arbitrageConfig();
    await watching(config);
    await run.stack.worker?.kill();
    await spread();
    await run.stack.worker?.restart();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED' });
    await expectMoney(report);
  });

  it('with both legs on their way sends each once', async () => {
    for (const paper of [run.paper, run.second]) await paper.armFault({ kind: 'delay-after-commit', delayMs: 2_000, method: 'POST', route: '/api/v3/order' });
    const config = arbitrageConfig();
    await watching(config);
    await spread();
    await run.until(async () => [...(await run.paper.faults()), ...(await run.second.faults())].reduce((sum, { hits }) => sum + hits, 0), (hits) => hits >= 1, 'a leg is on its way');
    await run.stack.worker?.kill();
    for (const paper of [run.paper, run.second]) await paper.clearFaults();
    await run.stack.worker?.restart();
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', outcome: 'COMPLETED' });
    const money = await arbitrageMoney(run, report);
    expect([money.bought.trades.length, money.sold.trades.length]).toEqual([1, 1]);
    await expectMoney(report);
  });

  it('with one exchange down for a while ends with both legs through', async () => {
    const config = arbitrageConfig();
    await watching(config);
    await run.second.armFault({ kind: 'hang-before-commit', method: 'POST', route: '/api/v3/order' });
    await spread();
    await run.until(() => run.second.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the sale hangs');
    await run.stack.secondPaper?.kill();
    await run.stack.secondPaper?.restart();
    await run.secondPrice('60300', '60300.01');
    const report = await run.closed(config.id);
    expect(report).toMatchObject({ close_type: 'COMPLETED', residue_base: '0' });
    await expectMoney(report);
  });
});
