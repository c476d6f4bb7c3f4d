import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AmendAnswer } from '../../src/contract/amendment.js';
import { SYMBOL, orderConfig, positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;
const CHASER = { executionStrategy: 'LIMIT_CHASER', chaser: { distanceFraction: '0.001', refreshThresholdFraction: '0.002' } } as const;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

type Order = Awaited<ReturnType<RunningStack['paper']['orders']>>[number];

async function resting(): Promise<Order | undefined> {
  return (await run.paper.orders({ symbol: SYMBOL })).find((order) => order.state === 'new' || order.state === 'partially_filled');
}

async function restsAt(priceQuote: string): Promise<Order> {
  const found = await run.until(resting, (order) => order !== undefined && Number(order.priceQuote) === Number(priceQuote), `an order rests at ${priceQuote}`);
  if (found === undefined) throw new Error('unreachable');
  return found;
}

async function amend(id: string, amendment: object): Promise<AmendAnswer> {
  return await run.client.workflow.getHandle(id).executeUpdate<AmendAnswer, [object]>('amend', { args: [amendment] });
}

it('chases across renewals and counts the partial fill of every order it replaced', async () => {
  await run.price('60000', '60000.01');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await run.start(orderConfig({ ...CHASER, amountBase: '0.01', controllerId: 'chaser' }));
  const first = await restsAt('59940');
  await run.paper.fillOrder({ clientOrderId: first.clientOrderId, priceQuote: '59940', amountBase: '0.003' });
  await run.price('60100', '60100.01');
  const second = await restsAt('60039.9');
  expect(Number(second.amountBase)).toBe(0.007);
  await run.paper.fillOrder({ clientOrderId: second.clientOrderId, priceQuote: '60039.9', amountBase: '0.002' });
  // The worker dies in the middle: the next one knows both orders by their ids.
  await run.stack.worker?.kill('SIGKILL');
  await run.price('60300', '60300.01');
  await run.stack.worker?.restart();
  const third = await restsAt('60239.7');
  expect(Number(third.amountBase)).toBe(0.005);
  await run.paper.fillOrder({ clientOrderId: third.clientOrderId, priceQuote: '60239.7', amountBase: '0.005' });
  const report = await run.closed(id);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED' });
  expect(report.orders.map((order) => [order.type, order.totals.filledBase])).toEqual([['LIMIT_MAKER', '0.003'], ['LIMIT_MAKER', '0.002'], ['LIMIT_MAKER', '0.005']]);
});

it('moves a working order to another price and amount, and ends by the amended amount', async () => {
  await run.price('60000', '60000.01');
  await run.paper.setMatching(SYMBOL, { mode: 'manual' });
  const id = await run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000', amountBase: '0.01', controllerId: 'amended' }));
  const first = await restsAt('50000');
  await run.paper.fillOrder({ clientOrderId: first.clientOrderId, priceQuote: '50000', amountBase: '0.004' });
  await run.until(() => run.live(id), (report) => report.custom_info['executed_amount_base'] === '0.004', 'the fill is known');
  const answer = await amend(id, { price: '51000', amount: '0.012' });
  expect(answer).toMatchObject({ status: 'amended', amendment: 1, config: { price: '51000', amount: '0.012' } });
  expect(answer.changed).toEqual([{ field: 'amount', old: '0.01', new: '0.012' }, { field: 'price', old: '50000', new: '51000' }]);
  const second = await restsAt('51000');
  expect(Number(second.amountBase)).toBe(0.008);
  // Again: in force already.
  expect(await amend(id, { price: 51000, amount: '0.0120' })).toMatchObject({ status: 'unchanged', amendment: 1 });
  for (const [amendment, message] of [
    [{ amount: '0.003' }, /amount: 0.003 must be at least what is executed, 0.004/],
    [{ price: '-1' }, /price: -1 must be greater than 0/],
    [{ price: 'cheap' }, /price: cheap must be a decimal number/],
    [{ side: 'SELL' }, /side: SELL is not amendable; amendable are amount, price/],
    [{}, /must name at least one of amount, price/],
    [{ price: '0.0001' }, /against the rules of the market/],
  ] as const) {
    const refused = await amend(id, amendment).then(() => null, (error: unknown) => error);
    expect(String((refused as { readonly cause?: unknown } | null)?.cause)).toMatch(message);
  }
  // Down to what is executed: nothing more is wanted.
  await amend(id, { amount: '0.004' });
  const report = await run.closed(id);
  await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'COMPLETED', volume_quote: '200', config: { amount: '0.004', price: '51000' } });
  const amended = report.why.filter((entry) => entry.decision === 'amended');
  expect(amended.map((entry) => entry.evidence)).toEqual([{ amendment: '1', amount: '0.01 -> 0.012', price: '50000 -> 51000' }, { amendment: '2', amount: '0.012 -> 0.004' }]);
  expect(await resting()).toBeUndefined();
});

it('moves the stop of a position: it fires at the new level and not at the old one, also after a crash', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ controllerId: 'moved' }, { stopLossFraction: '0.02', takeProfitFraction: null }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'the position is open');
  expect(await amend(id, { triple_barrier_config: { stop_loss: '0.10', take_profit: '0.05', time_limit: 86400 } })).toMatchObject({ status: 'amended', config: { triple_barrier_config: { stop_loss: '0.1' } } });
  await run.until(() => detailsOf(run, id), (amended) => amended, 'the exit was told');
  await run.stack.worker?.kill('SIGKILL');
  await run.stack.worker?.restart();
  // Beyond the old stop.
  await run.price('57000', '57000.01');
  await run.until(() => run.live(id), (report) => report.status === 'RUNNING', 'the executor answers');
  await run.price('56000', '56000.01');
  await run.until(() => run.paper.status(), () => true, 'the price was told');
  expect((await run.live(id)).status).toBe('RUNNING');
  const refused = await amend(id, { triple_barrier_config: { stop_loss: '1.5' } }).then(() => null, (error: unknown) => error);
  expect(String((refused as { readonly cause?: unknown } | null)?.cause)).toMatch(/triple_barrier_config.stop_loss: 1.5 must be a fraction from 0 and below 1/);
  expect(String(((await amend(id, { amount: '1' }).catch((error: unknown) => error)) as { readonly cause?: unknown }).cause)).toMatch(/amount: 1 is not amendable any more: the entry is over/);
  await run.price('53000', '53000.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS' });
  expect(report.why.find((entry) => entry.decision === 'amended')?.evidence).toMatchObject({ 'triple_barrier_config.stop_loss': '0.02 -> 0.1' });
});

/** The heartbeat of the exit carries the amendment. */
async function detailsOf({ client }: RunningStack, id: string): Promise<boolean> {
  const description = await client.workflow.getHandle(`${id}/exit/1`).describe();
  return (description.raw.pendingActivities ?? []).some((activity) => (activity.heartbeatDetails?.payloads ?? []).some((payload) => Buffer.from(payload.data ?? []).toString().includes('"sequence":1')));
}
