import ccxt from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LaunchedExchange, jsonFile } from './launched-exchange.js';
import type { StockFuturesClient } from './stock-futures-client.js';

const PAIR = 'BTC/USDT:USDT';
const BTC = 'BTCUSDT_PERP';
const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;

let exchange: LaunchedExchange;
let client: StockFuturesClient;
let bob: StockFuturesClient;
let hedger: StockFuturesClient;
let doomed: StockFuturesClient;
let sequence = 0;

// ccxt declares numbers; with string numbers it takes and gives strings.
const text = (value: string | undefined): number => value as unknown as number;
const newId = (): string => `test-${(sequence += 1)}`;

type Placed = Awaited<ReturnType<StockFuturesClient['createOrder']>> & { readonly id: string };

async function place(type: string, side: 'buy' | 'sell', amount: string, price?: string, params: object = {}, by = client): Promise<Placed> {
  const created = await by.createOrder(PAIR, type, side, text(amount), text(price), params);
  return { ...created, id: String(created.id) };
}

async function flatten(by: StockFuturesClient): Promise<void> {
  await by.cancelAllOrders(PAIR);
  await by.cancelAllOrders(PAIR, { trigger: true });
  for (const position of await by.fetchPositions()) {
    const side = position.side === 'long' ? 'sell' : 'buy';
    await place('market', side, String(position.contracts), undefined, { reduceOnly: true }, by);
  }
}

beforeAll(async () => {
  const accounts = NAMES.map((name) => ({ name, apiKey: name, secret: name, balances: { USDT: '1000' }, perpetualBalances: { USDT: '100000' } }));
  exchange = await LaunchedExchange.start({ accountsFile: jsonFile(accounts) });
  await exchange.control.setPrice(BTC, '60000', '60000.1');
  const clients = await Promise.all(NAMES.map((name) => exchange.futuresClient({ apiKey: name, secret: name })));
  [client, bob, hedger, doomed] = clients as [StockFuturesClient, StockFuturesClient, StockFuturesClient, StockFuturesClient];
});
afterAll(() => exchange.end());

beforeEach(async () => {
  await exchange.control.setPrice(BTC, '60000', '60000.1');
});

describe('market data', () => {
  test('markets carry the rules of the contracts, and spot is apart', async () => {
    expect(Object.keys(client.markets ?? {}).sort()).toEqual(['BNB/USDT:USDT', 'BTC/USDT:USDT', 'ETH/USDT:USDT']);
    const market = client.market(PAIR);
    expect([market.precision.price, market.precision.amount, market.limits.amount?.min, market.limits.cost?.min]).toEqual(['0.1', '0.001', '0.001', '100']);
    expect([market.swap, market.linear, market.settle, market.active]).toEqual([true, true, 'USDT', true]);
    const spot = await exchange.client({ apiKey: 'alice', secret: 'alice' });
    expect(Object.keys(spot.markets ?? {})).toHaveLength(3);
    await expect(spot.privateGetOpenOrders({ symbol: BTC } as never)).rejects.toThrow('Invalid symbol');
  });

  test('book, tickers, trades and candles', async () => {
    await exchange.control.setBook(BTC, { bids: [['60000', '1'], ['59999', '2']], asks: [['60001', '3']] });
    const book = await client.fetchOrderBook(PAIR);
    expect([book.bids, book.asks]).toEqual([[[60000, 1], [59999, 2]], [[60001, 3]]]);
    await exchange.control.printTrade(BTC, { priceQuote: '60000.5', amountBase: '0.25', buyerIsMaker: true });
    expect((await client.fetchTrades(PAIR)).at(-1)).toMatchObject({ price: '60000.50000000', amount: '0.25000000', side: 'sell', symbol: PAIR });
    expect((await client.fetchOHLCV(PAIR, '1m')).at(-1)?.[4]).toBe('60000.50000000');
    expect(await client.fetchTicker(PAIR)).toMatchObject({ symbol: PAIR, last: '60000.50000000' });
    expect((await client.fetchBidsAsks([PAIR]))[PAIR]).toMatchObject({ bid: '60000.00000000', ask: '60001.00000000' });
    expect(Object.keys(await client.fetchTickers())).toContain(PAIR);
  });

  test('time, mark price, funding and fees', async () => {
    expect(Math.abs((await client.fetchTime())! - Date.now())).toBeLessThan(60_000);
    await exchange.control.setContract(BTC, { markQuote: '60123.4', fundingRate: '-0.0003' });
    expect(await client.fetchFundingRate(PAIR)).toMatchObject({ markPrice: '60123.40000000', fundingRate: '-0.00030000' });
    await exchange.control.setMarkPrice(BTC, null);
    expect((await client.fetchFundingRate(PAIR)).markPrice).toBe('60000.05000000');
    expect((await client.fetchFundingRates([PAIR]))[PAIR]?.fundingRate).toBe('-0.00030000');
    expect(await client.fetchTradingFee(PAIR)).toMatchObject({ maker: '0.00020000', taker: '0.00050000' });
    expect(Object.keys(await client.fetchTradingFees())).toContain(PAIR);
    const tiers = await client.fetchMarketLeverageTiers(PAIR);
    expect([tiers[0]?.maxLeverage, tiers[0]?.maintenanceMarginRate]).toEqual(['125', '0.004']);
  });
});

describe('orders', () => {
  test('a market order fills, opens a position and costs its fee', async () => {
    const clientOrderId = newId();
    const order = await place('market', 'buy', '0.1', undefined, { clientOrderId });
    expect([order.status, order.clientOrderId, order.filled, order.average, order.cost]).toEqual(
      ['closed', clientOrderId, '0.10000000', '60000.10000000', '6000.01000000'],
    );
    const [position] = await client.fetchPositions([PAIR]);
    expect(position).toMatchObject({ symbol: PAIR, side: 'long', contracts: '0.1', entryPrice: '60000.10000000', marginMode: 'cross' });
    const [trade] = await client.fetchMyTrades(PAIR, undefined, undefined, { orderId: order.id });
    expect(trade).toMatchObject({ order: order.id, price: '60000.10000000', amount: '0.10000000', takerOrMaker: 'taker', fee: { currency: 'USDT', cost: '3.00000500' } });
    await flatten(client);
    expect(await client.fetchPositions()).toEqual([]);
    const realized = (await client.fetchMyTrades(PAIR)).at(-1)?.info as { readonly realizedPnl: string };
    expect(realized.realizedPnl).toBe('-0.01000000');
  });

  test('a limit order rests, is found by either id, amended, listed and cancelled', async () => {
    const clientOrderId = newId();
    const order = await place('limit', 'buy', '0.01', '59000', { clientOrderId, postOnly: true });
    expect([order.status, order.timeInForce, order.postOnly]).toEqual(['open', 'PO', true]);
    const byClientId = await client.fetchOrder('', PAIR, { clientOrderId });
    expect([byClientId.id, byClientId.price]).toEqual([order.id, '59000.00000000']);
    const amended = await client.editOrder(order.id, PAIR, 'limit', 'buy', text('0.02'), text('59001'));
    expect([amended.id, amended.clientOrderId, amended.price, amended.amount]).toEqual([order.id, clientOrderId, '59001.00000000', '0.02000000']);
    expect((await client.fetchOpenOrders(PAIR)).map(({ id, amount }) => [id, amount])).toEqual([[order.id, '0.02000000']]);
    const cancelled = await client.cancelOrder('', PAIR, { clientOrderId });
    expect([cancelled.id, cancelled.status]).toEqual([order.id, 'canceled']);
    expect((await client.fetchOrder(order.id, PAIR)).status).toBe('canceled');
    expect((await client.fetchOrders(PAIR)).map(({ id }) => id)).toContain(order.id);
  });

  test('several are cancelled at once, each for itself', async () => {
    const [first, second] = [await place('limit', 'buy', '0.01', '59000'), await place('limit', 'buy', '0.01', '58000')];
    const answers = await client.fapiPrivateDeleteBatchOrders({ symbol: 'BTCUSDT', orderidlist: [first.id, '999999'] } as never);
    expect(answers).toMatchObject([{ orderId: Number(first.id), status: 'CANCELED' }, { code: -2011 }]);
    const third = await place('limit', 'buy', '0.01', '57000', { clientOrderId: newId() });
    expect((await client.cancelOrders([], PAIR, { clientOrderIds: [third.clientOrderId] })).map(({ id }) => id)).toEqual([third.id]);
    await client.cancelAllOrders(PAIR);
    expect([await client.fetchOpenOrders(PAIR), (await client.fetchOrder(second.id, PAIR)).status]).toEqual([[], 'canceled']);
  });

  test('two customers meet in the book', async () => {
    const maker = await place('limit', 'sell', '0.01', '60000.1');
    await exchange.control.setBook(BTC, { bids: [['59990', '1']], asks: [['60010', '1']] });
    const taker = await place('limit', 'buy', '0.02', '60000.1', { timeInForce: 'IOC' }, bob);
    expect([taker.status, taker.filled]).toEqual(['expired', '0.01000000']);
    expect((await client.fetchOrder(maker.id, PAIR)).status).toBe('closed');
    const [own] = await client.fetchMyTrades(PAIR, undefined, 1);
    expect([own?.takerOrMaker, own?.fee?.cost]).toEqual(['maker', '0.12000020']);
    for (const by of [client, bob]) await flatten(by);
  });
});

describe('refusals carry the exchange\'s codes', () => {
  const refusals: readonly (readonly [string, () => Promise<unknown>, number, new (...args: never[]) => Error])[] = [
    ['too little margin', () => place('market', 'buy', '60'), -2019, ccxt.InsufficientFunds],
    ['nothing to reduce', () => place('market', 'sell', '0.01', undefined, { reduceOnly: true }), -2022, ccxt.InvalidOrder],
    ['a notional below the minimum', () => place('limit', 'buy', '0.001', '59000'), -4164, ccxt.InvalidOrder],
    ['post-only that would take', () => place('limit', 'buy', '0.01', '61000', { postOnly: true }), -5022, ccxt.OrderNotFillable],
    ['fill-or-kill that cannot be filled', () => place('limit', 'buy', '0.01', '59000', { timeInForce: 'FOK' }), -5021, ccxt.OrderNotFillable],
    ['an unknown order to cancel', () => client.cancelOrder('999999', PAIR), -2011, ccxt.OrderNotFound],
    ['an unknown order to ask for', () => client.fetchOrder('999999', PAIR), -2013, ccxt.OrderNotFound],
    ['an unknown order to amend', () => client.editOrder('999999', PAIR, 'limit', 'buy', text('0.01'), text('59000')), -2013, ccxt.OrderNotFound],
    ['a price off the tick', () => client.fapiPrivatePostOrder(raw({ price: '59000.05' })), -4014, ccxt.ExchangeError],
    ['too many decimals', () => client.fapiPrivatePostOrder(raw({ quantity: '0.00001' })), -1111, ccxt.ExchangeError],
    ['an amount above the maximum', () => client.fapiPrivatePostOrder(raw({ quantity: '1001' })), -4005, ccxt.ExchangeError],
    ['a conditional type on the order route', () => client.fapiPrivatePostOrder(raw({ type: 'STOP_MARKET' })), -4120, ccxt.ExchangeError],
    ['a position side in one-way mode', () => client.fapiPrivatePostOrder(raw({ positionSide: 'LONG' })), -4061, ccxt.ExchangeError],
    ['an unknown parameter', () => client.fapiPrivatePostOrder(raw({ nonsense: '1' })), -1104, ccxt.ExchangeError],
    ['an unknown contract', () => client.fapiPrivatePostOrder(raw({ symbol: 'DOGEUSDT' })), -1121, ccxt.BadSymbol],
    ['leverage beyond the brackets', () => client.fapiPrivatePostLeverage({ symbol: 'BTCUSDT', leverage: 126 } as never), -4028, ccxt.ExchangeError],
  ];
  const raw = (more: object): never =>
    ({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '59000', ...more }) as never;

  test.each(refusals)('%s', async (_name, action, code, ErrorClass) => {
    const error = await action().then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(ErrorClass);
    expect(String(error)).toContain(`"code":${code},`);
  });

  test('a client id is taken while its order is open, and free afterwards', async () => {
    const clientOrderId = newId();
    await place('limit', 'buy', '0.01', '59000', { clientOrderId });
    await expect(place('limit', 'buy', '0.01', '58000', { clientOrderId })).rejects.toThrow('"code":-4116,');
    await client.cancelAllOrders(PAIR);
    expect((await place('limit', 'buy', '0.01', '58000', { clientOrderId })).status).toBe('open');
    await client.cancelAllOrders(PAIR);
  });

  test('nothing of it opened a position or left an order', async () => {
    expect([await client.fetchPositions(), await client.fetchOpenOrders(PAIR)]).toEqual([[], []]);
  });
});

describe('account', () => {
  test('leverage, margin mode and position mode', async () => {
    await hedger.setLeverage(7, PAIR);
    await hedger.setMarginMode('isolated', PAIR);
    expect(await hedger.fetchLeverage(PAIR)).toMatchObject({ longLeverage: 7, marginMode: 'isolated' });
    await expect(hedger.setMarginMode('isolated', PAIR)).rejects.toThrow(ccxt.MarginModeAlreadySet);
    await hedger.setPositionMode(true, PAIR);
    expect((await hedger.fetchPositionMode(PAIR)).hedged).toBe(true);
    await expect(hedger.setPositionMode(true, PAIR)).rejects.toThrow('"code":-4059,');
    await place('market', 'buy', '0.1', undefined, { hedged: true }, hedger);
    await place('market', 'sell', '0.05', undefined, { hedged: true }, hedger);
    const positions = await hedger.fetchPositions([PAIR]);
    expect(positions.map(({ side, contracts, marginMode }) => [side, contracts, marginMode]).sort()).toEqual([['long', '0.1', 'isolated'], ['short', '0.05', 'isolated']]);
    await expect(hedger.setPositionMode(false, PAIR)).rejects.toThrow('"code":-4068,');
    await expect(hedger.setMarginMode('cross', PAIR)).rejects.toThrow('"code":-4048,');
    await place('limit', 'sell', '0.1', '61000', { hedged: true, reduceOnly: true }, hedger);
    await expect(hedger.setPositionMode(false, PAIR)).rejects.toThrow('"code":-4067,');
    await hedger.cancelAllOrders(PAIR);
    await place('market', 'sell', '0.1', undefined, { hedged: true, reduceOnly: true }, hedger);
    await place('market', 'buy', '0.05', undefined, { hedged: true, reduceOnly: true }, hedger);
    expect(await hedger.fetchPositions()).toEqual([]);
    await hedger.setPositionMode(false, PAIR);
  });

  test('balance: wallet, margin in use, unrealised profit', async () => {
    const before = (await client.fetchBalance())['USDT'];
    await client.setLeverage(10, PAIR);
    await place('market', 'buy', '1');
    await exchange.control.setMarkPrice(BTC, '61000');
    const after = (await client.fetchBalance())['USDT'];
    expect([after?.used, Number(after?.total) - Number(before?.total)]).toEqual(['6100.00000000', expect.closeTo(999.9 - 30.00005, 6)]);
    const [wallet] = await exchange.control.perpetualWallets('alice');
    expect(wallet).toMatchObject({ asset: 'USDT', unrealizedQuote: '999.9', maintenanceQuote: '255' });
    await exchange.control.setMarkPrice(BTC, null);
    await flatten(client);
  });

  test('funding is paid by the long and received by the short, and is on both accounts', async () => {
    await place('market', 'buy', '1');
    await place('market', 'sell', '0.5', undefined, {}, bob);
    await exchange.control.setContract(BTC, { markQuote: '60000', fundingRate: '0.0005' });
    expect(await exchange.control.settleFunding(BTC)).toBe(2);
    const [paid, received] = [await client.fetchFundingHistory(PAIR), await bob.fetchFundingHistory(PAIR)];
    expect([paid.at(-1)?.amount, received.at(-1)?.amount]).toEqual(['-30.00000000', '15.00000000']);
    expect((await client.fetchFundingRateHistory(PAIR)).at(-1)?.fundingRate).toBe('0.00050000');
    await exchange.control.setMarkPrice(BTC, null);
    const page = async (number: number): Promise<unknown[]> =>
      (await client.fapiPrivateGetIncome({ symbol: 'BTCUSDT', limit: 1, page: number } as never)) as unknown as unknown[];
    const [newest, second] = [await page(1), await page(2)];
    expect([newest, second]).toMatchObject([[{ incomeType: 'FUNDING_FEE' }], [{ incomeType: 'COMMISSION' }]]);
    for (const by of [client, bob]) await flatten(by);
  });

  test('funding comes by itself when its time has come', async () => {
    await place('market', 'buy', '0.1');
    const { lastEventSequence } = await exchange.control.status();
    await exchange.control.setContract(BTC, { fundingIntervalMs: 1_000 });
    await exchange.control.waitForEvent({ kind: 'funding', symbol: BTC, after: lastEventSequence, timeoutMs: 30_000 });
    await exchange.control.setContract(BTC, { fundingIntervalMs: 86_400_000 });
    expect((await client.fetchFundingHistory(PAIR)).length).toBeGreaterThan(1);
    await flatten(client);
  });

  test('a liquidation is in the orders, the trades and the incomes', async () => {
    await doomed.setLeverage(20, PAIR);
    await place('market', 'buy', '30', undefined, {}, doomed);
    await exchange.control.setMarkPrice(BTC, '55000');
    await exchange.control.setMarkPrice(BTC, null);
    expect(await doomed.fetchPositions()).toEqual([]);
    const order = (await doomed.fetchOrders(PAIR)).at(-1);
    expect([order?.clientOrderId?.startsWith('autoclose-'), order?.status, order?.side, order?.reduceOnly]).toEqual([true, 'closed', 'sell', true]);
    const [trade] = await doomed.fetchMyTrades(PAIR, undefined, undefined, { orderId: order?.id });
    expect([trade?.price, trade?.amount, trade?.fee?.cost]).toEqual(['55000.00000000', '30.00000000', '0.00000000']);
    const incomes = await doomed.fapiPrivateGetIncome({ symbol: 'BTCUSDT' } as never) as unknown as { readonly incomeType: string }[];
    expect(incomes.map(({ incomeType }) => incomeType)).toEqual(['COMMISSION', 'REALIZED_PNL', 'INSURANCE_CLEAR']);
    expect((await exchange.control.perpetualWallets('dave'))[0]?.balance).toBe('0');
  });
});

describe('conditional orders', () => {
  test('wait outside the book, are found by either id, and become an order of their own', async () => {
    await place('market', 'buy', '0.1');
    const clientOrderId = newId();
    const params = { clientOrderId, triggerPrice: '59000', reduceOnly: true, workingType: 'MARK_PRICE' };
    const stop = await place('market', 'sell', '0.1', undefined, params);
    expect([stop.status, stop.clientOrderId, stop.triggerPrice, stop.reduceOnly]).toEqual(['open', clientOrderId, '59000.00000000', true]);
    expect(await client.fetchOpenOrders(PAIR)).toEqual([]);
    expect((await client.fetchOpenOrders(PAIR, undefined, undefined, { trigger: true })).map(({ id }) => id)).toEqual([stop.id]);
    expect((await client.fetchOrder('', PAIR, { clientAlgoId: clientOrderId, trigger: true })).id).toBe(stop.id);
    await exchange.control.setMarkPrice(BTC, '58999');
    await exchange.control.setMarkPrice(BTC, null);
    const triggered = await client.fetchOrder(stop.id, PAIR, { trigger: true });
    const { actualOrderId, actualPrice } = triggered.info as { readonly actualOrderId: string; readonly actualPrice: string };
    expect([triggered.status, actualPrice]).toEqual(['closed', '60000.00000000']);
    const actual = await client.fetchOrder('', PAIR, { clientOrderId });
    expect([actual.id, actual.status, actual.filled]).toEqual([actualOrderId, 'closed', '0.10000000']);
    expect(await client.fetchPositions()).toEqual([]);
    expect((await client.fetchOrders(PAIR, undefined, undefined, { trigger: true })).map(({ id }) => id)).toContain(stop.id);
  });

  test('are cancelled one by one or all together, and refused when they would trigger', async () => {
    const [first] = [await place('market', 'sell', '0.01', undefined, { triggerPrice: '59000' }), await place('limit', 'sell', '0.01', '58000', { triggerPrice: '58500' })];
    expect((await client.cancelOrder(first.id, PAIR, { trigger: true })).id).toBe(first.id);
    await expect(client.cancelOrder(first.id, PAIR, { trigger: true })).rejects.toThrow('"code":-2011,');
    await client.cancelAllOrders(PAIR, { trigger: true });
    expect(await client.fetchOpenOrders(PAIR, undefined, undefined, { trigger: true })).toEqual([]);
    await expect(place('market', 'sell', '0.01', undefined, { triggerPrice: '61000' })).rejects.toThrow('"code":-2021,');
  });

  test('one that closes the position needs no amount', async () => {
    await place('market', 'sell', '0.1');
    await place('market', 'buy', '0', undefined, { takeProfitPrice: '59000', closePosition: true });
    await exchange.control.setPrice(BTC, '58990', '58990.1');
    expect(await client.fetchPositions()).toEqual([]);
  });
});

describe('faults and manual mode', () => {
  test('an answer lost after the commit leaves the order, found by its client id', async () => {
    const clientOrderId = newId();
    await exchange.control.armFault({ kind: 'drop-after-commit', route: '/fapi/v1/order', method: 'POST', clientOrderId });
    await expect(place('limit', 'buy', '0.01', '59000', { clientOrderId })).rejects.toThrow(ccxt.NetworkError);
    expect((await client.fetchOrder('', PAIR, { clientOrderId })).status).toBe('open');
    await client.cancelAllOrders(PAIR);
  });

  test('a conditional order is struck by its own id', async () => {
    const clientOrderId = newId();
    await exchange.control.armFault({ kind: 'status-before-commit', status: 503, clientOrderId });
    await expect(place('market', 'sell', '0.01', undefined, { clientOrderId, triggerPrice: '59000' })).rejects.toThrow();
    expect(await client.fetchOpenOrders(PAIR, undefined, undefined, { trigger: true })).toEqual([]);
  });

  test('orders wait for a fill laid down by hand', async () => {
    await exchange.control.setMatching(BTC, { mode: 'manual' });
    const clientOrderId = newId();
    expect((await place('market', 'buy', '0.1', undefined, { clientOrderId })).status).toBe('open');
    await exchange.control.fillOrder({ clientOrderId, priceQuote: '59999', amountBase: '0.1' });
    const order = await client.fetchOrder('', PAIR, { clientOrderId });
    expect([order.status, order.average]).toEqual(['closed', '59999.00000000']);
    await exchange.control.setMatching(BTC, { mode: 'automatic' });
    await flatten(client);
  });

  test('a request without a good signature is turned away', async () => {
    const stranger = await exchange.futuresClient({ apiKey: 'alice', secret: 'wrong' });
    await expect(stranger.fetchBalance()).rejects.toThrow(ccxt.AuthenticationError);
    const unknown = await exchange.futuresClient({ apiKey: 'no-key-of-this-exchange', secret: 'no-secret-of-this-exchange' });
    await expect(unknown.fapiPrivatePostListenKey()).rejects.toThrow(ccxt.AuthenticationError);
  });
});
