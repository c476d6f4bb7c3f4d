import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LaunchedExchange } from './launched-exchange.js';
import type { StockClient } from './stock-client.js';

const PAIR = 'BTC/USDT';
let exchange: LaunchedExchange;
let client: StockClient;
let sequence = 0;

const text = (value: string | undefined): number => value as unknown as number;
const newId = (): string => `replace-${(sequence += 1)}`;

beforeAll(async () => {
  exchange = await LaunchedExchange.start();
  client = await exchange.client();
});
afterAll(() => exchange.end());
beforeEach(async () => {
  await exchange.control.setPrice('BTCUSDT', '60000', '60010');
});
afterEach(async () => {
  for (const order of await exchange.control.orders({ state: 'new' })) await exchange.control.cancelOrder({ orderId: order.orderId });
});

async function rest(amount = '0.5', price = '59000'): Promise<string> {
  const clientOrderId = newId();
  await client.createOrder(PAIR, 'limit', 'buy', text(amount), text(price), { clientOrderId });
  return clientOrderId;
}

/** The parameters `editOrder` sends, with what a caller may add; answers the whole body. */
async function replace(old: string, more: object): Promise<{ readonly code?: number; readonly data?: Halves } & Halves> {
  const request = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.5', price: '58000', cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: old, ...more };
  const raw = client as unknown as { privatePostOrderCancelReplace(params: object): Promise<never> };
  return await raw.privatePostOrderCancelReplace(request).catch((error: Error) => JSON.parse(error.message.slice(error.message.indexOf('{'))) as never);
}

interface Halves {
  readonly cancelResult?: string;
  readonly newOrderResult?: string;
  readonly cancelResponse?: { readonly code?: number; readonly origClientOrderId?: string; readonly executedQty?: string };
  readonly newOrderResponse?: { readonly code?: number; readonly clientOrderId?: string } | null;
}

const statusOf = async (clientOrderId: string): Promise<string | undefined> => (await exchange.control.orders({ clientOrderId }))[0]?.state;

describe('cancel and replace', () => {
  test('the stock client edits an order: the old one is cancelled, the new one has its own id and terms', async () => {
    const [old, next] = [await rest(), newId()];
    const edited = await client.editOrder(undefined as unknown as string, PAIR, 'limit', 'buy', text('0.4'), text('58500'), { cancelOrigClientOrderId: old, clientOrderId: next });
    expect([edited.clientOrderId, edited.status, edited.price, edited.amount]).toEqual([next, 'open', '58500.00000000', '0.40000000']);
    expect([await statusOf(old), await statusOf(next)]).toEqual(['canceled', 'new']);
    expect((await client.fetchBalance())['USDT']!.used).toBe('23400.00000000');
  });

  test('by exchange id and post-only, and with the very id of the old order', async () => {
    const old = await rest();
    const { id } = await client.fetchOrder('', PAIR, { clientOrderId: old });
    const edited = await client.editOrder(String(id), PAIR, 'limit', 'buy', text('0.5'), text('59999'), { clientOrderId: old, postOnly: true });
    expect([edited.clientOrderId, edited.info.type, edited.id !== id]).toEqual([old, 'LIMIT_MAKER', true]);
    expect((await exchange.control.orders({ clientOrderId: old })).map(({ state }) => state)).toEqual(['canceled', 'new']);
  });

  test('money locked by the old order pays for the new one', async () => {
    const old = await rest('1.6', '60000');
    expect(await replace(old, { quantity: '1.65', price: '60000' })).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
  });

  test('what the old order filled before is told with the cancel', async () => {
    const old = await rest('0.5', '59000');
    await exchange.control.setPrice('BTCUSDT', '58990', '59000', { askSize: '0.2' });
    expect((await replace(old, { price: '58000' })).cancelResponse).toMatchObject({ origClientOrderId: old, executedQty: '0.20000000' });
  });

  test('stop-on-failure: an order that is gone is not replaced, -2022', async () => {
    const next = newId();
    const answer = await replace('nobody', { newClientOrderId: next });
    expect(answer).toMatchObject({ code: -2022, data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED', cancelResponse: { code: -2011 }, newOrderResponse: null } });
    expect(await statusOf(next)).toBeUndefined();
  });

  test('stop-on-failure: cancelled, and the new order refused, -2021', async () => {
    const old = await rest();
    const answer = await replace(old, { type: 'LIMIT_MAKER', timeInForce: undefined, price: '60010' });
    expect(answer).toMatchObject({ code: -2021, data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', cancelResponse: { origClientOrderId: old }, newOrderResponse: { code: -2010 } } });
    expect(await statusOf(old)).toBe('canceled');
  });

  test('allow-failure: the new order is placed though the old one is gone, -2021; neither, -2022', async () => {
    const next = newId();
    const placed = await replace('nobody', { cancelReplaceMode: 'ALLOW_FAILURE', newClientOrderId: next });
    expect(placed).toMatchObject({ code: -2021, data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS', cancelResponse: { code: -2011 }, newOrderResponse: { clientOrderId: next } } });
    expect(await statusOf(next)).toBe('new');
    const neither = await replace('nobody', { cancelReplaceMode: 'ALLOW_FAILURE', quantity: '100' });
    expect(neither).toMatchObject({ code: -2022, data: { cancelResult: 'FAILURE', newOrderResult: 'FAILURE', newOrderResponse: { code: -2010 } } });
  });

  test('a restriction keeps an order that has traded meanwhile', async () => {
    const old = await rest();
    await exchange.control.setPrice('BTCUSDT', '58990', '59000', { askSize: '0.2' });
    const answer = await replace(old, { cancelRestrictions: 'ONLY_NEW' });
    expect(answer).toMatchObject({ code: -2022, data: { cancelResponse: { code: -2011 } } });
    expect(await statusOf(old)).toBe('partially_filled');
    await expect(client.cancelOrder('', PAIR, { clientOrderId: old, cancelRestrictions: 'ONLY_NEW' })).rejects.toThrow('cancel restrictions');
    await client.cancelOrder('', PAIR, { clientOrderId: old, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' });
  });

  test('a new order against the rules of the pair touches neither half', async () => {
    const old = await rest();
    await expect(client.editOrder(undefined as unknown as string, PAIR, 'limit', 'buy', text('0.00001'), text('1'), { cancelOrigClientOrderId: old })).rejects.toThrow('Filter failure: NOTIONAL');
    expect(await statusOf(old)).toBe('new');
    expect(await replace(old, { cancelReplaceMode: 'SOMETIMES' })).toMatchObject({ code: -1145 });
    expect(await replace(old, { cancelReplaceMode: undefined })).toMatchObject({ code: -1102 });
  });

  test('a stop replaces a stop', async () => {
    await client.createOrder(PAIR, 'market', 'sell', text('0.1'), undefined, { clientOrderId: 'first-stop', stopLossPrice: '59000' });
    const moved = await client.editOrder(undefined as unknown as string, PAIR, 'market', 'sell', text('0.1'), undefined, { cancelOrigClientOrderId: 'first-stop', clientOrderId: 'second-stop', stopPrice: '59500' });
    expect([moved.triggerPrice, moved.status, moved.info.type]).toEqual(['59500.00000000', 'open', 'STOP_LOSS']);
    await exchange.control.setPrice('BTCUSDT', '59400', '59410');
    expect([await statusOf('first-stop'), await statusOf('second-stop')]).toEqual(['canceled', 'filled']);
  });
});
