import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillManually, setMatching } from '../../src/paper/exchange/manual-orders.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { setLeverage, setPositionMode } from '../../src/paper/perpetual/account-settings.js';
import { amendContractOrder } from '../../src/paper/perpetual/contract-amend.js';
import { BTC, positionOf, walletOf } from './perpetual-fixture.js';
import { PerpetualScene, reasonOf } from './perpetual-scene.js';

let scene: PerpetualScene;

beforeEach(() => {
  scene = new PerpetualScene();
});
afterEach(() => {
  scene.end();
});

describe('margin checks', () => {
  test('an order needs its initial margin, its loss against the mark price and its fee', () => {
    scene.perpetuals.fees = { makerRate: new Decimal('0.001'), takerRate: new Decimal('0.001') };
    // 20x: 4 base at 50,000 need 10,000 of margin, but the fee is 200 and the loss against the middle 0.2.
    expect(reasonOf(() => scene.place('alice', 'buy', '4', null))).toBe('margin_insufficient');
    expect(reasonOf(() => scene.place('alice', 'buy', '3.922', null))).toBe('margin_insufficient');
    expect(reasonOf(() => scene.place('alice', 'buy', '3.921', null))).toBe('accepted');
    expect(walletOf(scene.perpetuals, 'alice')).toBe('9803.9496079');
  });

  test('open orders hold their margin until they end', () => {
    scene.place('alice', 'buy', '3', '49000');
    expect(reasonOf(() => scene.place('alice', 'buy', '2', '49000'))).toBe('margin_insufficient');
    expect(reasonOf(() => scene.place('alice', 'sell', '2', '51000'))).toBe('accepted');
    expect(reasonOf(() => scene.place('bob', 'buy', '2', '49000'))).toBe('accepted');
  });

  test('what makes a position smaller needs no margin', () => {
    scene.place('alice', 'buy', '3.99', null);
    scene.mark('48000');
    expect(reasonOf(() => scene.place('alice', 'buy', '0.01', null))).toBe('margin_insufficient');
    expect(reasonOf(() => scene.place('alice', 'sell', '3.99', null))).toBe('accepted');
    expect(positionOf(scene.perpetuals, 'alice')).toEqual(['0', '0']);
  });

  test('a position is no larger than its leverage allows', () => {
    scene.perpetuals.account('alice').wallets.set('USDT', new Decimal('100000000'));
    setLeverage(scene.perpetuals, 'alice', BTC, 125);
    expect(reasonOf(() => scene.place('alice', 'buy', '1.1', null))).toBe('max_position');
    expect(reasonOf(() => scene.place('alice', 'buy', '0.9', null))).toBe('accepted');
    expect(reasonOf(() => scene.place('alice', 'buy', '0.2', null))).toBe('max_position');
    setLeverage(scene.perpetuals, 'alice', BTC, 20);
    scene.place('alice', 'buy', '5', null);
    expect(reasonOf(() => { setLeverage(scene.perpetuals, 'alice', BTC, 125); })).toBe('max_position');
  });

  test('leverage is lowered only as far as the wallet carries it', () => {
    scene.place('alice', 'buy', '1', null);
    expect(reasonOf(() => { setLeverage(scene.perpetuals, 'alice', BTC, 4); })).toBe('leverage_too_low_for_position');
    expect(reasonOf(() => { setLeverage(scene.perpetuals, 'alice', BTC, 6); })).toBe('accepted');
    expect(reasonOf(() => { setLeverage(scene.perpetuals, 'alice', BTC, 126); })).toBe('leverage_invalid');
  });
});

describe('orders that only reduce', () => {
  test('are cut to the position, shrink with it and end with it', () => {
    expect(reasonOf(() => scene.place('alice', 'sell', '1', '51000', { reduceOnly: true }))).toBe('reduce_only_rejected');
    scene.place('alice', 'buy', '1', null);
    expect(reasonOf(() => scene.place('alice', 'buy', '1', '49000', { reduceOnly: true }))).toBe('reduce_only_rejected');
    const [far, near] = [scene.place('alice', 'sell', '5', '52000', { reduceOnly: true }), scene.place('alice', 'sell', '0.6', '51000', { reduceOnly: true })];
    expect([scene.stateOf(far.orderId), scene.stateOf(near.orderId)]).toEqual(['new 0/1', 'new 0/0.6']);
    scene.place('alice', 'sell', '0.5', null);
    expect([scene.stateOf(far.orderId), scene.stateOf(near.orderId)]).toEqual(['new 0/0.5', 'new 0/0.5']);
    scene.place('alice', 'sell', '0.5', null);
    expect([scene.stateOf(far.orderId), scene.stateOf(near.orderId)]).toEqual(['expired 0/0.5', 'expired 0/0.5']);
  });

  test('one print through several of them closes the position and no more', () => {
    scene.place('alice', 'buy', '1', null);
    const orders = ['51000', '51001', '51002'].map((price) => scene.place('alice', 'sell', '0.7', price, { reduceOnly: true }));
    scene.print('52000', '5');
    expect(positionOf(scene.perpetuals, 'alice')).toEqual(['0', '0']);
    expect(orders.map(({ orderId }) => scene.stateOf(orderId))).toEqual(['filled 0.7/0.7', 'filled 0.3/0.3', 'expired 0/0.3']);
  });

  test('the same when the book crosses them', () => {
    scene.place('alice', 'buy', '1', null);
    for (const price of ['51000', '51001', '51002']) scene.place('alice', 'sell', '0.7', price, { reduceOnly: true });
    scene.book('52000', '52000.1');
    expect(positionOf(scene.perpetuals, 'alice')).toEqual(['0', '0']);
    expect(scene.perpetuals.state.openOrders.of('alice')).toEqual([]);
  });

  test('the same when another customer takes them', () => {
    scene.place('alice', 'buy', '1', null);
    for (const price of ['50010', '50010', '50010']) scene.place('alice', 'sell', '0.7', price, { reduceOnly: true });
    scene.book('50000', '50020');
    scene.place('bob', 'buy', '2', '50010');
    expect([positionOf(scene.perpetuals, 'alice')[0], positionOf(scene.perpetuals, 'bob')[0]]).toEqual(['0', '1']);
  });

  test('and cannot be amended beyond it', () => {
    scene.place('alice', 'buy', '1', null);
    const order = scene.place('alice', 'sell', '0.5', '51000', { reduceOnly: true });
    const request = { account: 'alice', symbol: BTC, orderId: order.orderId, clientOrderId: undefined, side: 'sell' as const };
    amendContractOrder(scene.perpetuals, { ...request, priceQuote: new Decimal('51500'), amountBase: new Decimal('3') });
    expect(scene.stateOf(order.orderId)).toBe('new 0/1');
  });
});

describe('hedge mode', () => {
  beforeEach(() => {
    setPositionMode(scene.perpetuals, 'alice', true);
  });
  const long = { positionSide: 'long' } as const;
  const short = { positionSide: 'short' } as const;

  test('long and short stand side by side', () => {
    scene.place('alice', 'buy', '1', null, long);
    scene.place('alice', 'sell', '0.4', null, short);
    expect([positionOf(scene.perpetuals, 'alice', 'long'), positionOf(scene.perpetuals, 'alice', 'short')]).toEqual([['1', '50000.1'], ['-0.4', '50000']]);
    expect(reasonOf(() => scene.place('alice', 'sell', '1.1', null, long))).toBe('reduce_only_rejected');
    expect(reasonOf(() => scene.place('alice', 'buy', '0.5', '49000', short))).toBe('reduce_only_rejected');
    scene.place('alice', 'sell', '1', null, long);
    expect([positionOf(scene.perpetuals, 'alice', 'long')[0], positionOf(scene.perpetuals, 'alice', 'short')[0]]).toEqual(['0', '-0.4']);
  });

  test('orders name their side, and nothing else may', () => {
    expect(reasonOf(() => scene.place('alice', 'buy', '1', null))).toBe('position_side_mismatch');
    expect(reasonOf(() => scene.place('bob', 'buy', '1', null, long))).toBe('position_side_mismatch');
    expect(reasonOf(() => scene.place('alice', 'buy', '1', null, { ...long, reduceOnly: true }))).toBe('reduce_only_in_hedge_mode');
  });

  test('the mode changes only with nothing open', () => {
    const back = (): string => reasonOf(() => { setPositionMode(scene.perpetuals, 'alice', false); });
    expect(reasonOf(() => { setPositionMode(scene.perpetuals, 'alice', true); })).toBe('position_mode_unchanged');
    scene.place('alice', 'buy', '1', null, long);
    expect(back()).toBe('position_mode_position');
    scene.place('alice', 'sell', '1', '51000', long);
    expect(back()).toBe('position_mode_open_orders');
    scene.book('51000', '51000.1');
    expect(back()).toBe('accepted');
  });
});

describe('amending', () => {
  const amend = (orderId: number, priceQuote: string, amountBase: string): string =>
    reasonOf(() =>
      amendContractOrder(scene.perpetuals, { account: 'alice', symbol: BTC, orderId, clientOrderId: undefined, side: 'buy', priceQuote: new Decimal(priceQuote), amountBase: new Decimal(amountBase) }),
    );
  const queueOf = (orderId: number): string | undefined => scene.perpetuals.state.openOrders.byOrderId(orderId)?.queueAheadBase.toFixed();

  test('keeps the ids; less keeps the place in the queue, more or another price loses it', () => {
    const { orderId } = scene.place('alice', 'buy', '1', '50000');
    expect(queueOf(orderId)).toBe('1000');
    scene.book('50000', '50000.1', '300');
    expect(queueOf(orderId)).toBe('300');
    scene.book('50000', '50000.1', '900');
    expect([amend(orderId, '50000', '0.5'), queueOf(orderId), scene.stateOf(orderId)]).toEqual(['accepted', '300', 'new 0/0.5']);
    expect([amend(orderId, '50000', '0.6'), queueOf(orderId)]).toEqual(['accepted', '900']);
    expect([amend(orderId, '49999', '0.6'), queueOf(orderId)]).toEqual(['accepted', '0']);
    expect(amend(orderId, '49999', '0.6')).toBe('nothing_to_modify');
    expect(amend(orderId, '49999', '5')).toBe('margin_insufficient');
    expect(amend(orderId, '49999.05', '0.6')).toBe('price_tick');
    expect(amend(orderId + 1, '49999', '0.6')).toBe('order_not_found');
  });

  test('a price that crosses trades at once; post-only ends in its place', () => {
    const { orderId } = scene.place('alice', 'buy', '1', '49000');
    expect([amend(orderId, '50001', '1'), scene.stateOf(orderId)]).toEqual(['accepted', 'filled 1/1']);
    const post = scene.place('alice', 'buy', '1', '49000', { timeInForce: 'GTX' });
    expect([amend(post.orderId, '50001', '1'), scene.stateOf(post.orderId)]).toEqual(['accepted', 'canceled 0/1']);
    expect(positionOf(scene.perpetuals, 'alice')[0]).toBe('1');
  });

  test('an amount that is filled already ends the order', () => {
    const { orderId } = scene.place('alice', 'buy', '1', '49000');
    scene.print('49000', '0.4');
    expect([amend(orderId, '49000', '0.4'), scene.stateOf(orderId)]).toEqual(['accepted', 'canceled 0.4/1']);
  });
});

describe('by hand', () => {
  test('orders of a contract wait in manual mode and are filled at the price laid down', () => {
    setMatching(scene.perpetuals.state, scene.perpetuals.state.pair(BTC), { mode: 'manual', admission: 'accept' });
    const { orderId } = scene.place('alice', 'buy', '1', null);
    expect(scene.stateOf(orderId)).toBe('new 0/1');
    const fill = { priceQuote: new Decimal('49990'), amountBase: new Decimal('1'), fee: undefined, role: 'maker', isLast: false } as const;
    fillManually(scene.perpetuals.state, { orderId }, fill);
    expect([scene.stateOf(orderId), positionOf(scene.perpetuals, 'alice')]).toEqual(['filled 1/1', ['1', '49990']]);
  });
});
