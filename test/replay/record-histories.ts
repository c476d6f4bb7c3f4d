/**
 * `node --import tsx test/replay/record-histories.ts`: runs every behaviour on the real stack and writes the histories of
 * its workflows, which the replay tests replay. To be run when a change of the workflows is meant to change histories.
 * With the name of a type (`position`, `order`, `twap`, `dca`, `grid`, `xemm`, `arbitrage`) only its histories are recorded, the others stay.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startOptions } from '../../src/client/start-options.js';
import { SYMBOL, dcaConfig, gridConfig, orderConfig, positionConfig, twapConfig, type RunningStack } from '../executors/running-stack.js';
import { arbitrageConfig, runTwoExchanges, xemmConfig, type TwoExchanges } from '../executors/two-exchanges.js';
import { HISTORIES_FOLDER } from './recorded-history.js';

type Recording = (run: RunningStack) => Promise<string>;

const HALVES = [
  { distanceFraction: '0.01', shareFraction: '0.5', orderType: 'LIMIT' },
  { distanceFraction: '0.03', shareFraction: '0.5', orderType: 'LIMIT' },
] as const;
const PERPETUAL = { connector: 'binance_perpetual_paper_trade', leverage: 5 } as const;
const PERPETUAL_SYMBOL = 'BTCUSDT_PERP';

/** Each answers the id of the executor it ran to its end. */
const POSITIONS: Readonly<Record<string, Recording>> = {
  'take-profit': async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(positionConfig({ controllerId: 'replayed' }, { openOrderType: 'LIMIT', takeProfitOrderType: 'LIMIT' }));
    await run.until(() => resting(run), (count) => count > 0, 'the entry rests');
    await run.price('59990', '59990.01');
    await run.until(() => run.live(id), (report) => report.is_trading, 'the entry is filled');
    await run.until(() => resting(run), (count) => count > 0, 'the take profit rests');
    await run.price('61800', '61800.01');
    return id;
  },
  'stop-loss': async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed', side: 'SELL' }, { trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' } }));
    await run.price('61800', '61800.01');
    return id;
  },
  'early-stop': async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed' }, { takeProfitOrderType: 'LIMIT' }));
    await run.client.workflow.getHandle(id).signal('early_stop', { reason: 'recorded' });
    return id;
  },
  hold: async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed' }));
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: true }] });
    return id;
  },
  targets: async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed' }, { takeProfitFraction: null, targets: HALVES, breakevenAfterTarget: 1 }));
    await run.until(() => resting(run), (count) => count === 2, 'both targets rest');
    await run.price('60700', '60700.01');
    await run.until(() => run.live(id), ({ why }) => why.some(({ decision }) => decision.startsWith('the stop moved')), 'the stop moved');
    await run.price('60010', '60010.01');
    return id;
  },
  'exchange-stop': async (run) => {
    const id = await filled(run, positionConfig({ controllerId: 'replayed' }, { takeProfitFraction: null, exchangeStop: { distanceFraction: '0.05', triggeredBy: 'last' } }));
    await run.until(() => resting(run), (count) => count === 1, 'the stop rests');
    await amend(run, id, { triple_barrier_config: { stop_loss: '0.03' } });
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{}] });
    return id;
  },
  perpetual: async (run) => {
    await run.paper.setPrice(PERPETUAL_SYMBOL, '60000', '60000.1', { bidSize: '1000', askSize: '1000' });
    const id = await run.start(positionConfig({ ...PERPETUAL, controllerId: 'replayed', side: 'SELL' }));
    await run.until(() => run.live(id), (report) => report.is_trading, 'the entry is filled');
    await run.paper.setPrice(PERPETUAL_SYMBOL, '58000', '58000.1', { bidSize: '1000', askSize: '1000' });
    return id;
  },
};

const ORDERS: Readonly<Record<string, Recording>> = {
  market: async (run) => run.start(orderConfig({ controllerId: 'replayed' })),
  'limit-cancelled': async (run) => {
    const id = await run.start(orderConfig({ controllerId: 'replayed', executionStrategy: 'LIMIT', priceQuote: '50000' }));
    await run.until(() => resting(run), (count) => count > 0, 'the order rests');
    await run.client.workflow.getHandle(id).signal('early_stop', { reason: 'recorded' });
    return id;
  },
  'limit-amended': async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(orderConfig({ controllerId: 'replayed', executionStrategy: 'LIMIT', priceQuote: '50000' }));
    await run.until(() => resting(run), (count) => count > 0, 'the order rests');
    await amend(run, id, { price: '61000', amount: '0.02' });
    return id;
  },
  chaser: async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(orderConfig({ controllerId: 'replayed', executionStrategy: 'LIMIT_CHASER', chaser: { distanceFraction: '0.001', refreshThresholdFraction: '0.002' } }));
    await run.until(() => resting(run), (count) => count > 0, 'the order rests');
    await run.price('60300', '60300.01');
    await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.some(({ state, priceQuote }) => state === 'new' && Number(priceQuote) > 60_000), 'the order followed');
    await run.price('60100', '60100.01');
    return id;
  },
  perpetual: async (run) => run.start(orderConfig({ ...PERPETUAL, controllerId: 'replayed' })),
};

const TWAPS: Readonly<Record<string, Recording>> = {
  taker: async (run) => {
    await run.price('60000', '60000.01');
    return run.start(twapConfig({ controllerId: 'replayed' }));
  },
  maker: async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(twapConfig({ controllerId: 'replayed', side: 'SELL', mode: 'MAKER', limitOrderBufferFraction: '0.001', orderResubmissionSeconds: 2, totalDurationSeconds: 0 }));
    await run.until(() => run.live(id), ({ why }) => why.some(({ decision }) => decision === 'slice 1 decided'), 'the slice is placed anew');
    await run.until(() => resting(run), (count) => count === 1, 'it rests');
    await run.price('60061', '60061.01');
    return id;
  },
  'early-stop': async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(twapConfig({ controllerId: 'replayed', totalDurationSeconds: 600, orderIntervalSeconds: 300 }));
    await run.until(() => run.live(id), (report) => report.is_trading, 'a slice is filled');
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: false }] });
    return id;
  },
};

const DCAS: Readonly<Record<string, Recording>> = {
  'stop-loss': async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(dcaConfig({ controllerId: 'replayed', stopLossFraction: '0.003', stopLossReference: 'last_level' }));
    await run.until(() => resting(run), (count) => count === 3, 'the levels rest');
    await run.price('59090', '59090.01');
    return id;
  },
  hold: async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(dcaConfig({ controllerId: 'replayed', side: 'SELL', activationBounds: ['0.006'] }));
    await run.until(() => resting(run), (count) => count === 1, 'the first level rests');
    await run.price('60310', '60310.01');
    await run.until(() => run.live(id), (report) => report.is_trading, 'it is filled');
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: true }] });
    return id;
  },
};

/** On two exchanges: the maker leg, its hedge and their executor. */
const XEMMS: Readonly<Record<string, (run: TwoExchanges) => Promise<string>>> = {
  hedged: async (run) => {
    const id = await run.start(xemmConfig({ controllerId: 'replayed' }));
    await run.until(() => resting(run), (count) => count === 1, 'the maker order rests');
    const [order] = await run.openOn(run.paper);
    await run.paper.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote: order?.priceQuote ?? '', amountBase: '0.04' });
    await run.until(() => run.live(id), (live) => live.custom_info['hedge_filled_base'] === '0.04', 'the part is hedged');
    await run.paper.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote: order?.priceQuote ?? '', amountBase: '0.06' });
    return id;
  },
  hold: async (run) => {
    const id = await run.start(xemmConfig({ controllerId: 'replayed', side: 'SELL' }));
    await run.until(() => resting(run), (count) => count === 1, 'the maker order rests');
    const [order] = await run.openOn(run.paper);
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/api/v3/order', count: null });
    await run.paper.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote: order?.priceQuote ?? '', amountBase: '0.04' });
    await run.until(() => run.live(id), (live) => live.custom_info['hedge_obligation_base'] === '0.04', 'the fill is owed');
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: true }] });
    await run.closed(id);
    await run.second.clearFaults();
    return id;
  },
};

const ARBITRAGES: Readonly<Record<string, (run: TwoExchanges) => Promise<string>>> = {
  completed: async (run) => {
    const id = await run.start(arbitrageConfig({ controllerId: 'replayed' }));
    await run.secondPrice('60300', '60300.01');
    return id;
  },
  unwound: async (run) => {
    await run.second.armFault({ kind: 'code-before-commit', code: -2010, message: 'no', method: 'POST', route: '/api/v3/order', count: null });
    const id = await run.start(arbitrageConfig({ controllerId: 'replayed' }));
    await run.secondPrice('60300', '60300.01');
    await run.until(() => run.second.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the sale is refused');
    await run.secondPrice('60000', '60000.01');
    await run.closed(id);
    await run.second.clearFaults();
    return id;
  },
};

const GRIDS: Readonly<Record<string, Recording>> = {
  'stop-loss': async (run) => {
    const id = await gridHalfway(run, gridConfig({ controllerId: 'replayed', stopLossFraction: '0.005' }));
    await run.price('59450', '59450.01');
    return id;
  },
  hold: async (run) => {
    await run.price('60000', '60000.01');
    const id = await run.start(gridConfig({ controllerId: 'replayed', side: 'SELL', activationBoundsFraction: '0.005', maxOrdersPerBatch: 1, orderFrequencySeconds: 1 }));
    await run.until(() => resting(run), (count) => count === 2, 'the levels near the price rest');
    await run.price('60100', '60100.01');
    await run.until(() => run.live(id), (report) => report.is_trading, 'one is filled');
    await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: true }] });
    return id;
  },
  // The last of its runs is recorded.
  continued: async (run) => {
    const config = gridConfig({ controllerId: 'replayed', stopLossFraction: '0.02' });
    const { workflowType, options } = startOptions(config);
    await run.price('60000', '60000.01');
    await run.client.workflow.start(workflowType, { ...options, args: [config, null, 120] });
    await run.until(() => resting(run), (count) => count === 4, 'the levels rest');
    for (let trip = 1; trip <= 6; trip += 1) {
      await run.price('59790', '59790.01');
      await run.until(() => run.paper.orders({ symbol: SYMBOL }), (orders) => orders.filter(({ state, side }) => state === 'new' && side === 'sell').length === 2, 'two take profits rest');
      await run.price('59930', '59930.01');
      await run.until(() => run.live(config.id), ({ custom_info: told }) => told['round_trips'] === trip, 'a round trip is through');
      await run.until(() => resting(run), (count) => count === 4, 'its level rests again');
    }
    await run.client.workflow.getHandle(config.id).executeUpdate('stop', { args: [{}] });
    return config.id;
  },
};

async function gridHalfway(run: RunningStack, config: ReturnType<typeof gridConfig>): Promise<string> {
  await run.price('60000', '60000.01');
  const id = await run.start(config);
  await run.until(() => resting(run), (count) => count === 4, 'the levels rest');
  await run.price('59790', '59790.01');
  await run.until(() => run.live(id), (report) => Number(report.volume_quote) > 500, 'two levels are filled');
  return id;
}

async function amend(run: RunningStack, id: string, amendment: object): Promise<void> {
  await run.client.workflow.getHandle(id).executeUpdate('amend', { args: [amendment] });
}

async function filled(run: RunningStack, config: ReturnType<typeof positionConfig>): Promise<string> {
  await run.price('60000', '60000.01');
  const id = await run.start(config);
  await run.until(() => run.live(id), (report) => report.is_trading, 'the entry is filled');
  return id;
}

async function resting(run: RunningStack): Promise<number> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new').length;
}

async function write(run: RunningStack, name: string, workflowId: string): Promise<void> {
  const history = JSON.parse(historyToJSON(await run.client.workflow.getHandle(workflowId).fetchHistory())) as unknown;
  // Which machine it ran on is nobody's business.
  const plain = JSON.stringify({ workflowId, history }, (key, value: unknown) => (key === 'identity' || key === 'workerVersion' || key === 'buildId' || key === 'stackTrace' ? undefined : value), 1);
  writeFileSync(join(HISTORIES_FOLDER, `${name}.json`), `${plain}\n`);
}

const run = await runTwoExchanges({ perpetual: true });
await run.paper.setPrice(PERPETUAL_SYMBOL, '60000', '60000.1', { bidSize: '1000', askSize: '1000' });
const [only] = process.argv.slice(2);
const asked = (type: string): boolean => only === undefined || only === type;
try {
  if (only === undefined) rmSync(HISTORIES_FOLDER, { recursive: true, force: true });
  mkdirSync(HISTORIES_FOLDER, { recursive: true });
  for (const [behaviour, record] of Object.entries(asked('position') ? POSITIONS : {})) {
    const id = await record(run);
    await run.closed(id);
    await write(run, `position-${behaviour}`, id);
    for (const leg of ['entry', 'exit']) {
      await run.client.workflow.getHandle(`${id}/${leg}/1`).result();
      await write(run, `${leg}-${behaviour}`, `${id}/${leg}/1`);
    }
  }
  for (const [type, recordings] of Object.entries({ order: ORDERS, twap: TWAPS, dca: DCAS, grid: GRIDS })) {
    for (const [behaviour, record] of Object.entries(asked(type) ? recordings : {})) {
      const id = await record(run);
      await run.closed(id);
      await write(run, `${type}-${behaviour}`, id);
      // A level that was filled, with the exit that rests its take profit.
      if (type === 'grid' && behaviour === 'stop-loss') await write(run, 'level-stop-loss', `${id}/L3/1`);
    }
  }
  for (const [behaviour, record] of Object.entries(asked('arbitrage') ? ARBITRAGES : {})) {
    await run.price('60000', '60000.01');
    await run.secondPrice('60000', '60000.01');
    const id = await record(run);
    await run.closed(id);
    await write(run, `arbitrage-${behaviour}`, id);
  }
  for (const [behaviour, record] of Object.entries(asked('xemm') ? XEMMS : {})) {
    await run.price('60000', '60000.01');
    const id = await record(run);
    await run.closed(id);
    await write(run, `xemm-${behaviour}`, id);
    for (const leg of ['maker', 'hedge']) {
      await run.client.workflow.getHandle(`${id}/${leg}/1`).result();
      await write(run, `${leg}-${behaviour}`, `${id}/${leg}/1`);
    }
  }
} finally {
  await run.stop();
}
