import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import { SIGNALS, type LegProgress } from '../../src/contract/messages.js';
import { NO_FILLS, totalsRecord } from '../../src/domain/fills.js';
import type { OrderView } from '../../src/paper/control-client.js';
import { SYMBOL, orderConfig, positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function openOrders(): Promise<OrderView[]> {
  return (await run.paper.orders({ symbol: SYMBOL })).filter((order) => order.state === 'new' || order.state === 'partially_filled');
}

it('enters at the best bid of its start when no price is given', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({}, { openOrderType: 'LIMIT' }));
  const [entry] = await run.until(openOrders, (orders) => orders.length === 1, 'the entry rests');
  expect(entry).toMatchObject({ priceQuote: '60000', side: 'buy', type: 'limit' });
  await run.client.workflow.getHandle(id).signal('early_stop');
  expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0' });
});

it('keeps its entry out only inside the activation bounds', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ entryPriceQuote: '58000', activationBounds: ['0.01'] }, { openOrderType: 'LIMIT' }));
  await run.until(() => run.client.workflow.getHandle(`${id}/entry/1`).describe().catch(() => null), (leg) => leg !== null, 'the entry leg runs');
  expect(await openOrders()).toEqual([]);
  await run.price('58200', '58200.01');
  await run.until(openOrders, (orders) => orders.length === 1, 'the entry is placed near its price');
  await run.price('59500', '59500.01');
  await run.until(openOrders, (orders) => orders.length === 0, 'and withdrawn when the price runs away');
  await run.price('58100', '58100.01');
  await run.until(openOrders, (orders) => orders.length === 1, 'and placed again');
  await run.client.workflow.getHandle(id).signal('early_stop');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', volume_quote: '0' });
  // A cancel of our own is no refusal.
  expect(report.custom_info['current_retries']).toBe(0);
});

it('enters post-only and takes profit post-only', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ entryPriceQuote: '60500' }, { openOrderType: 'LIMIT_MAKER', takeProfitOrderType: 'LIMIT_MAKER' }));
  const [entry] = await run.until(openOrders, (orders) => orders.length === 1, 'the entry rests');
  // Never through the best price of its own side.
  expect(entry).toMatchObject({ priceQuote: '60000', type: 'limit_maker' });
  await run.price('59990', '59999.99');
  await run.until(openOrders, (orders) => orders.some((order) => order.side === 'sell' && order.type === 'limit_maker'), 'the take profit rests');
  await run.price('62000', '62000.01');
  expect(await run.closed(id)).toMatchObject({ close_type: 'TAKE_PROFIT', outcome: 'COMPLETED' });
  expect((await run.paper.trades({ symbol: SYMBOL })).every((trade) => trade.role === 'maker')).toBe(true);
});

it('keeps what it heard of a leg when an older report of it arrives afterwards', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ entryPriceQuote: '60500' }, { openOrderType: 'LIMIT_MAKER' }));
  const [entry] = await run.until(openOrders, (orders) => orders.length === 1, 'the entry rests');
  await run.paper.fillOrder({ clientOrderId: entry?.clientOrderId ?? '', priceQuote: '60000', amountBase: '0.004' });
  const volume = async (): Promise<string> => (await run.live(id)).volume_quote;
  await run.until(volume, (quote) => quote === '240', 'the fill is told');
  const late: LegProgress = { leg: `${id}/entry/1`, report: { sequence: 1, totals: totalsRecord(NO_FILLS), openOrders: [], trigger: null } };
  await run.client.workflow.getHandle(id).signal(SIGNALS.legProgress, late);
  expect(await volume()).toBe('240');
  await run.client.workflow.getHandle(id).signal('early_stop');
  expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP', residue_base: '0.000006' });
});

it('hands over to another controller by signal, and a later order nets it', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ controllerId: 'giver' }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'it is filled');
  await run.client.workflow.getHandle(id).signal('handover', { controller_id: 'taker' });
  expect(await run.closed(id)).toMatchObject({ close_type: 'POSITION_HOLD', controller_id: 'giver' });
  const held = (): Promise<ControllerState> => run.client.workflow.getHandle('controller/taker').query<ControllerState>('positions');
  const taker = await held();
  expect(taker.positions).toMatchObject([{ held: { netBase: '0.00999' }, executorIds: [id] }]);
  await run.price('61000', '61000.01');
  await run.closed(await run.start(orderConfig({ controllerId: 'taker', side: 'SELL', amountBase: '0.00999', positionAction: 'CLOSE' })));
  // Average cost of what arrived is 600.0001 / 0.01 a unit: the base fee was paid and is counted as a fee.
  expect((await held()).positions).toMatchObject([{ held: { netBase: '0', realizedPnlQuote: '9.9899001', matchedBase: '0.00999' } }]);
});
