import { describe, expect, test } from 'vitest';
import type { ExchangeState } from '../../src/paper/exchange/exchange-state.js';
import { applyBook, applyPrint } from '../../src/paper/exchange/market-intake.js';
import { cancelOrder } from '../../src/paper/exchange/order-cancel.js';
import { placeOrder } from '../../src/paper/exchange/order-entry.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { visibleLevels } from '../../src/paper/matching/visible-book.js';
import { account, balanceOf, levels, openTestExchange, order, snapshot } from './exchange-fixture.js';

function openWithBook(): ExchangeState {
  const state = openTestExchange();
  show(state, [['100', '5'], ['99', '5']], [['101', '2'], ['102', '3']]);
  return state;
}

function show(state: ExchangeState, bids: [string, string][], asks: [string, string][]): void {
  applyBook(state, state.pair('BTCUSDT'), snapshot(bids, asks));
}

function change(state: ExchangeState, bids: [string, string][], asks: [string, string][]): void {
  applyBook(state, state.pair('BTCUSDT'), { kind: 'delta', bids: levels(...bids), asks: levels(...asks) });
}

function print(state: ExchangeState, priceQuote: string, amountBase: string): void {
  const trade = { priceQuote: new Decimal(priceQuote), amountBase: new Decimal(amountBase), buyerIsMaker: undefined };
  applyPrint(state, state.pair('BTCUSDT'), trade);
}

function filled(state: ExchangeState, orderId: number): string {
  return state.ledger.queries.order(orderId)!.filledBase.toFixed();
}

function asks(state: ExchangeState): string[][] {
  const visible = visibleLevels(state.pair('BTCUSDT').market, 'sell', true, 10);
  return visible.map(({ priceQuote, amountBase }) => [priceQuote.toFixed(), amountBase.toFixed()]);
}

describe('a taker', () => {
  test('walks the displayed levels, best first, and pays each level its own price', () => {
    const state = openWithBook();
    const { order: taken, trades } = placeOrder(state, order('buy', 'market', '4', null));
    expect(trades.map((trade) => [trade.priceQuote.toFixed(), trade.amountBase.toFixed()])).toEqual([
      ['101', '2'],
      ['102', '2'],
    ]);
    expect(taken.state).toBe('filled');
    expect(balanceOf(state, 'USDT')).toEqual(['99594', '0']);
    expect(balanceOf(state, 'BTC')).toEqual(['13.996', '0']);
  });

  test('uses up what it took until the feed renews the level', () => {
    const state = openWithBook();
    placeOrder(state, order('buy', 'market', '1.5', null));
    expect(asks(state)).toEqual([['101', '0.5'], ['102', '3']]);
    change(state, [['98', '1']], []);
    expect(asks(state)).toEqual([['101', '0.5'], ['102', '3']]);
    change(state, [], [['101', '1.7']]);
    expect(asks(state)).toEqual([['101', '1.7'], ['102', '3']]);
  });

  test('is filled in part and expires when the book ends', () => {
    const state = openWithBook();
    const { order: taken } = placeOrder(state, order('buy', 'market', '6', null));
    expect([taken.state, taken.filledBase.toFixed()]).toEqual(['expired', '5']);
    expect(balanceOf(state, 'USDT')[1]).toBe('0');
  });

  test('stops at its limit and rests with what is left', () => {
    const state = openWithBook();
    const { order: taken } = placeOrder(state, order('buy', 'limit', '3', '101'));
    expect([taken.state, taken.filledBase.toFixed()]).toEqual(['partially_filled', '2']);
    expect(balanceOf(state, 'USDT')).toEqual(['99697', '101']);
  });

  test('with IOC lets the rest expire, with FOK takes all or nothing', () => {
    const state = openWithBook();
    const ioc = placeOrder(state, order('buy', 'limit', '3', '101', { timeInForce: 'IOC' }));
    expect([ioc.order.state, ioc.order.filledBase.toFixed()]).toEqual(['expired', '2']);
    show(state, [['100', '5']], [['101', '2']]);
    const refused = placeOrder(state, order('buy', 'limit', '3', '101', { timeInForce: 'FOK' }));
    expect([refused.order.state, refused.trades.length]).toEqual(['expired', 0]);
    const complete = placeOrder(state, order('buy', 'limit', '2', '101', { timeInForce: 'FOK' }));
    expect([complete.order.state, complete.order.filledBase.toFixed()]).toEqual(['filled', '2']);
    expect(balanceOf(state, 'USDT')[1]).toBe('0');
  });

  test('by quote amount buys whole lots and never spends more', () => {
    const state = openWithBook();
    const request = order('buy', 'market', null, null, { amountQuote: new Decimal('250') });
    const { order: taken } = placeOrder(state, request);
    // 202 for the first level; 48 buys 0.47058 at 102 in lots of 0.00001.
    expect([taken.state, taken.filledBase.toFixed(), taken.filledQuote.toFixed()]).toEqual(['filled', '2.47058', '249.99916']);
    expect(taken.amountBase.toFixed()).toBe('2.47058');
    expect(balanceOf(state, 'USDT')).toEqual(['99750.00084', '0']);
  });

  test('as LIMIT_MAKER is refused when it would match, and rests when not', () => {
    const state = openWithBook();
    expect(() => placeOrder(state, order('buy', 'limit_maker', '1', '101'))).toThrow('would_match');
    expect(placeOrder(state, order('buy', 'limit_maker', '1', '100.99')).order.state).toBe('new');
  });
});

describe('a resting order', () => {
  test('waits behind the size displayed at its placement, then is filled in part by prints', () => {
    const state = openWithBook();
    const { order: resting } = placeOrder(state, order('buy', 'limit', '2', '100'));
    print(state, '100', '4');
    expect(filled(state, resting.orderId)).toBe('0');
    print(state, '100', '1.5');
    expect(filled(state, resting.orderId)).toBe('0.5');
    print(state, '100', '9');
    expect(filled(state, resting.orderId)).toBe('2');
  });

  test('is filled completely, at its own price, by a print through it', () => {
    const state = openWithBook();
    const { order: resting } = placeOrder(state, order('buy', 'limit', '2', '100'));
    print(state, '99.99', '0.00001');
    const [trade] = state.ledger.queries.trades({ orderId: resting.orderId, limit: 10 });
    expect([trade?.priceQuote.toFixed(), trade?.amountBase.toFixed(), trade?.role]).toEqual(['100', '2', 'maker']);
  });

  test('moves up when the size ahead of it shrinks', () => {
    const state = openWithBook();
    const { order: resting } = placeOrder(state, order('buy', 'limit', '2', '100'));
    change(state, [['100', '1']], []);
    print(state, '100', '1.25');
    expect(filled(state, resting.orderId)).toBe('0.25');
  });

  test('is not moved back by size that is added later', () => {
    const state = openWithBook();
    const { order: resting } = placeOrder(state, order('buy', 'limit', '2', '100'));
    change(state, [['100', '50']], []);
    print(state, '100', '6');
    expect(filled(state, resting.orderId)).toBe('1');
  });

  test('is filled as maker when the displayed book comes to it, as far as size is displayed', () => {
    const state = openWithBook();
    const { order: resting } = placeOrder(state, order('buy', 'limit', '2', '100'));
    show(state, [['98', '1']], [['99.5', '0.75'], ['101', '1']]);
    const [trade] = state.ledger.queries.trades({ orderId: resting.orderId, limit: 10 });
    expect([trade?.priceQuote.toFixed(), trade?.amountBase.toFixed(), trade?.role]).toEqual(['100', '0.75', 'maker']);
    expect(asks(state)).toEqual([['101', '1']]);
  });

  test('shares a print with an older order at its price, oldest first, size between them in between', () => {
    const state = openWithBook();
    const first = placeOrder(state, order('buy', 'limit', '1', '100')).order;
    change(state, [['100', '8']], []);
    const second = placeOrder(state, order('buy', 'limit', '1', '100')).order;
    print(state, '100', '5.5');
    expect([filled(state, first.orderId), filled(state, second.orderId)]).toEqual(['0.5', '0']);
    print(state, '100', '4');
    expect([filled(state, first.orderId), filled(state, second.orderId)]).toEqual(['1', '0.5']);
  });

  test('gives its whole lock back when it is cancelled after a partial fill', () => {
    const state = openWithBook();
    const { order: resting } = placeOrder(state, order('buy', 'limit', '2', '100.5'));
    print(state, '100.5', '0.5');
    expect(balanceOf(state, 'USDT')).toEqual(['99799', '150.75']);
    cancelOrder(state, {
      account: 'paper',
      symbol: 'BTCUSDT',
      orderId: resting.orderId,
      clientOrderId: undefined,
      cancelClientOrderId: 'cancel',
    });
    expect(balanceOf(state, 'USDT')).toEqual(['99949.75', '0']);
  });
});

describe('two customers', () => {
  test('match with each other before worse displayed prices, at the price of the one who rested', () => {
    const accounts = [account('paper', { USDT: '1000' }), account('other', { BTC: '5' })];
    const state = openTestExchange({ accounts });
    show(state, [['100', '5']], [['103', '5']]);
    const maker = placeOrder(state, order('sell', 'limit', '1', '102', { account: 'other' })).order;
    const { trades } = placeOrder(state, order('buy', 'market', '1.5', null));
    expect(trades.map((trade) => [trade.priceQuote.toFixed(), trade.amountBase.toFixed()])).toEqual([
      ['102', '1'],
      ['103', '0.5'],
    ]);
    expect(filled(state, maker.orderId)).toBe('1');
    expect(balanceOf(state, 'USDT', 'other')).toEqual(['101.898', '0']);
    expect(balanceOf(state, 'BTC', 'other')).toEqual(['4', '0']);
    const [makerTrade] = state.ledger.queries.trades({ orderId: maker.orderId, limit: 1 });
    expect(makerTrade?.tradeId).toBe(trades[0]?.tradeId);
  });
});

describe('fees', () => {
  test('come from the received asset, or from a third asset while it suffices', () => {
    const state = openWithBook();
    applyBook(state, state.pair('BNBUSDT'), snapshot([['499', '10']], [['501', '10']]));
    placeOrder(state, order('sell', 'market', '1', null));
    expect(balanceOf(state, 'USDT')[0]).toBe('100099.9');
    state.fees = { ...state.fees, feeAsset: 'BNB' };
    const { trades } = placeOrder(state, order('sell', 'market', '1', null));
    expect([trades[0]?.feeAsset, trades[0]?.feeAmount.toFixed()]).toEqual(['BNB', '0.0002']);
    expect(balanceOf(state, 'BNB')[0]).toBe('9.9998');
    state.balances.debit('paper', 'BNB', new Decimal('9.9998'));
    expect(placeOrder(state, order('sell', 'market', '1', null)).trades[0]?.feeAsset).toBe('USDT');
  });
});

test('the third asset does not pay where it is traded itself, so that all of it can be sold', () => {
  const state = openTestExchange();
  state.fees = { ...state.fees, feeAsset: 'BNB' };
  applyBook(state, state.pair('BNBUSDT'), snapshot([['499', '4'], ['498', '100']], [['501', '10']]));
  const { order: sold, trades } = placeOrder(state, order('sell', 'market', '10', null, { symbol: 'BNBUSDT' }));
  expect([sold.state, ...trades.map((trade) => trade.feeAsset)]).toEqual(['filled', 'USDT', 'USDT']);
  expect(balanceOf(state, 'BNB')).toEqual(['0', '0']);
});

describe('refusals change nothing', () => {
  test.each([
    ['an insufficient balance', order('buy', 'limit', '2000', '100'), 'insufficient_balance'],
    ['a price off the tick', order('buy', 'limit', '1', '100.001'), 'price_filter'],
    ['an amount off the lot', order('buy', 'limit', '1.000001', '100'), 'lot_size'],
    ['a market amount above the maximum', order('buy', 'market', '9001', null), 'lot_size'],
    ['a value below the minimum', order('buy', 'limit', '0.01', '100'), 'notional'],
    ['a market value below the minimum', order('sell', 'market', '0.01', null), 'notional'],
    ['an unknown pair', { ...order('buy', 'limit', '1', '100'), symbol: 'XXXUSDT' }, 'unknown_symbol'],
  ])('%s', (_name, request, reason) => {
    const state = openWithBook();
    expect(() => placeOrder(state, request)).toThrow(reason);
    expect(balanceOf(state, 'USDT')).toEqual(['100000', '0']);
    expect(state.nextOrderId).toBe(1);
  });

  test('a client order id is refused while its order is open and free again afterwards', () => {
    const state = openWithBook();
    const first = placeOrder(state, order('buy', 'limit', '1', '99', { clientOrderId: 'again' })).order;
    const same = order('buy', 'limit', '1', '98', { clientOrderId: 'again' });
    expect(() => placeOrder(state, same)).toThrow('duplicate_client_order_id');
    print(state, '98.5', '1');
    expect(filled(state, first.orderId)).toBe('1');
    expect(placeOrder(state, same).order.orderId).toBe(first.orderId + 1);
  });
});
