import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderExecutorConfig, PositionExecutorConfig, TripleBarrierConfig } from '../../src/contract/executor-config.js';
import { orderConfig, positionConfig, runStack, type RunningStack } from '../executors/running-stack.js';

const SYMBOL = 'BTCUSDT_PERP';
const CONNECTOR = 'binance_perpetual_paper_trade';
let run: RunningStack;

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
  return orderConfig({ connector: CONNECTOR, ...change });
}

function position(change: Partial<PositionExecutorConfig> = {}, barriers: Partial<TripleBarrierConfig> = {}): PositionExecutorConfig {
  return positionConfig({ connector: CONNECTOR, ...change }, barriers);
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
