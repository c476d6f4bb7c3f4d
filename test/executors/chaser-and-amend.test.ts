import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AmendAnswer } from '../../src/contract/amendment.js';
import { SYMBOL, orderConfig, positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;
const CHASER = { executionStrategy: 'LIMIT_CHASER', chaser: { distanceFraction: '0.001', refreshThresholdFraction: '0.002' } } as const;

beforeAll(async () => {
  run = await runStack({ processes: { http: true } });
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

it.each(['order', 'position'] as const)('leaves the resting order of a %s as it is when the account cannot pay for the amendment', async (kind) => {
  await run.price('60000', '60000.01');
  const controllerId = `short-of-${kind}`;
  const id = await run.start(
    kind === 'order'
      ? orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000', controllerId })
      : positionConfig({ entryPriceQuote: '50000', controllerId }, { openOrderType: 'LIMIT' }),
  );
  const first = await restsAt('50000');
  const refused = await amend(id, { amount: '1000' }).then(() => null, (error: unknown) => error);
  expect(String((refused as { readonly cause?: unknown } | null)?.cause)).toMatch(/needs more than is free: .*USDT/);
  expect((await restsAt('50000')).clientOrderId).toBe(first.clientOrderId);
  // What it can pay for is taken, and then there is no more to be had than before.
  expect(await amend(id, { amount: '0.02' })).toMatchObject({ status: 'amended', amendment: 1 });
  expect((await run.until(() => restsAt('50000'), (order) => order.clientOrderId !== first.clientOrderId, 'the order is replaced')).amountBase).toBe('0.02');
  const answer = await run.until(() => run.live(id), (report) => (report.custom_info['open_orders'] as { readonly amountBase: string }[])[0]?.amountBase === '0.02', 'the report shows the order');
  expect(answer.custom_info['open_orders']).toMatchObject([{ purpose: 'work', side: 'BUY', amountBase: '0.02', priceQuote: '50000' }]);
  expect(await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{}] })).toMatchObject({ orders_to_cancel: 1 });
  expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP' });
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

const PATIENT = { patientFor: ['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP'], limitMs: 3_000, chaseMs: 4_000, attentionAfterMs: 60_000, distanceFraction: '0', refreshThresholdFraction: '0.001' } as const;

it('closes with patience: rests at the best price of its side, follows it, and takes the market when its time is over', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ controllerId: 'patient', closing: PATIENT }, { takeProfitFraction: null }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'the position is open');
  await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{}] });
  await restsAt('60000.01');
  // The market falls away from it by less than the stop: it follows in its second step.
  await run.price('59800', '59800.01');
  await restsAt('59800.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED' });
  const closing = report.orders.filter((order) => order.purpose === 'close');
  expect(closing.map((order) => [order.type, order.state])).toEqual([['LIMIT_MAKER', 'cancelled'], ['LIMIT_MAKER', 'cancelled'], ['MARKET', 'filled']]);
});

it('asks for a person when the close takes longer than planned, and takes it back when it is done', async () => {
  await run.price('60000', '60000.01');
  const closing = { ...PATIENT, limitMs: 600_000, attentionAfterMs: 1_500 };
  const id = await run.start(positionConfig({ controllerId: 'overdue', closing }, { takeProfitFraction: null }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'the position is open');
  await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{}] });
  await restsAt('60000.01');
  const overdue = await run.until(() => run.live(id), (report) => report.needs_attention, 'the close is overdue');
  expect(overdue).toMatchObject({ status: 'SHUTTING_DOWN', last_error: expect.stringContaining('closing takes longer than planned') as unknown });
  expect(overdue.why.map((entry) => entry.decision).some((decision) => decision.startsWith('attention:') && decision.includes('CLOSING_OVERDUE'))).toBe(true);
  await run.price('60010', '60010.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', outcome: 'STOPPED', needs_attention: false });
});

it('ends its patience at once when the price goes on past the stop', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ controllerId: 'hurried' }, { takeProfitFraction: null, stopLossFraction: '0.02' }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'the position is open');
  expect(await amend(id, { closing: { limit_seconds: 600, chase_seconds: 600 } })).toMatchObject({ status: 'amended', config: { closing: { patient_for: ['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP'], limit_seconds: 600 } } });
  await run.until(() => detailsOf(run, id), (amended) => amended, 'the exit was told');
  await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{}] });
  await restsAt('60000.01');
  await run.price('57000', '57000.01');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP' });
  expect(report.orders.filter((order) => order.purpose === 'close').map((order) => order.type)).toEqual(['LIMIT_MAKER', 'MARKET']);
});

it('amends over HTTP, and refuses nonsense with field, value and rule', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(orderConfig({ executionStrategy: 'LIMIT', priceQuote: '50000', controllerId: 'http' }));
  await restsAt('50000');
  const patch = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<{ readonly status: number; readonly body: unknown }> => {
    const { url = '', username = '', password = '' } = run.stack.http ?? {};
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await fetch(`${url}${path}`, { method: 'PATCH', headers: { 'content-type': 'application/json', authorization, ...headers }, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const key = { 'idempotency-key': 'move-1' };
  const amended = await patch(`/executors/${id}`, { price: 50500.5 }, key);
  expect(amended).toMatchObject({ status: 200, body: { executor_id: id, status: 'amended', amendment: 1, changed: [{ field: 'price', old: '50000', new: '50500.5' }] } });
  // The same key: the same answer, although the price is in force by now.
  expect(await patch(`/executors/${id}`, { price: 50500.5 }, key)).toEqual(amended);
  await restsAt('50500.5');
  for (const [body, status, detail] of [
    [{ price: -5 }, 400, /price: -5 must be greater than 0/],
    [{ price: 'x' }, 422, /price: .*must be a decimal number/],
    [{ stop_loss: 1 }, 422, /stop_loss/],
    [{ entry_price: 5 }, 400, /entry_price: 5 is not amendable; amendable are amount, price/],
    [{}, 400, /must name at least one of/],
    [{ amount: '0.00000001' }, 400, /against the rules of the market/],
  ] as const) {
    const answer = await patch(`/executors/${id}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(JSON.stringify(answer.body)).toMatch(detail);
  }
  expect((await patch('/executors/nobody', { price: 1 })).status).toBe(404);
  expect((await fetch(`${run.stack.http?.url ?? ''}/executors/${id}`, { method: 'PATCH', body: '{}' })).status).toBe(401);
  await run.client.workflow.getHandle(id).signal('early_stop');
  expect(await run.closed(id)).toMatchObject({ close_type: 'EARLY_STOP' });
  expect((await patch(`/executors/${id}`, { price: 1 })).status).toBe(404);
});
