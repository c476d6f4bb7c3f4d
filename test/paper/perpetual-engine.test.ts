import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { printTrade } from '../../src/paper/exchange/administration.js';
import { applyBook } from '../../src/paper/exchange/market-intake.js';
import { fillManually, setMatching } from '../../src/paper/exchange/manual-orders.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { setLeverage, setMarginMode, setPositionMode } from '../../src/paper/perpetual/account-settings.js';
import { placeConditional } from '../../src/paper/perpetual/conditional-entry.js';
import { amendContractOrder } from '../../src/paper/perpetual/contract-amend.js';
import { setContract } from '../../src/paper/perpetual/contract-control.js';
import { placeContractOrder } from '../../src/paper/perpetual/contract-order-entry.js';
import { ContractRejection } from '../../src/paper/perpetual/contract-rejection.js';
import { settleFunding } from '../../src/paper/perpetual/funding.js';
import { liquidationPrice } from '../../src/paper/perpetual/liquidation-price.js';
import type { PerpetualExchange } from '../../src/paper/perpetual/perpetual-exchange.js';
import { snapshot } from './exchange-fixture.js';
import { BTC, contractOrder, openTestPerpetuals, positionOf, walletOf } from './perpetual-fixture.js';

let perpetuals: PerpetualExchange;

beforeEach(() => {
  // Without fees every number below can be followed by hand; the tests that are about fees say so.
  perpetuals = openTestPerpetuals({ feeRate: '0' });
  book('50000', '50000.1');
});
afterEach(() => {
  perpetuals.state.ledger.close();
});

function book(bid: string, ask: string, size = '1000'): void {
  applyBook(perpetuals.state, perpetuals.state.pair(BTC), snapshot([[bid, size]], [[ask, size]]));
}

function print(price: string, amount: string): void {
  printTrade(perpetuals.state, perpetuals.state.pair(BTC), { priceQuote: new Decimal(price), amountBase: new Decimal(amount), buyerIsMaker: undefined });
}

function mark(price: string | null): void {
  setContract(perpetuals, perpetuals.market(BTC), { markQuote: price === null ? null : new Decimal(price) });
}

function place(...order: Parameters<typeof contractOrder>): ReturnType<typeof placeContractOrder>['order'] {
  return placeContractOrder(perpetuals, contractOrder(...order)).order;
}

function reasonOf(action: () => unknown): string {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof ContractRejection) return error.reason;
    throw error;
  }
}

const stateOf = (orderId: number): string => {
  const order = perpetuals.state.openOrders.byOrderId(orderId) ?? perpetuals.state.ledger.queries.order(orderId);
  return `${order?.state} ${order?.filledBase.toFixed()}/${order?.amountBase.toFixed()}`;
};
const isolatedOf = (account: string): string => perpetuals.account(account).position(BTC, 'both').isolatedQuote.toFixed();
const incomesOf = (account: string): string[] =>
  perpetuals.queries
    .incomes({ account, symbol: undefined, type: undefined, fromMs: undefined, toMs: undefined, limit: 100 })
    .map(({ type, amount }) => `${type} ${amount.toFixed()}`);

describe('margin checks', () => {
  test('an order needs its initial margin, its loss against the mark price and its fee', () => {
    perpetuals.fees = { makerRate: new Decimal('0.001'), takerRate: new Decimal('0.001') };
    // 20x: 4 base at 50,000 need 10,000 of margin, but the fee is 200 and the loss against the middle 0.2.
    expect(reasonOf(() => place('alice', 'buy', '4', null))).toBe('margin_insufficient');
    expect(reasonOf(() => place('alice', 'buy', '3.922', null))).toBe('margin_insufficient');
    expect(reasonOf(() => place('alice', 'buy', '3.921', null))).toBe('accepted');
    expect(walletOf(perpetuals, 'alice')).toBe('9803.9496079');
  });

  test('open orders hold their margin until they end', () => {
    place('alice', 'buy', '3', '49000');
    expect(reasonOf(() => place('alice', 'buy', '2', '49000'))).toBe('margin_insufficient');
    expect(reasonOf(() => place('alice', 'sell', '2', '51000'))).toBe('accepted');
    expect(reasonOf(() => place('bob', 'buy', '2', '49000'))).toBe('accepted');
  });

  test('what makes a position smaller needs no margin', () => {
    place('alice', 'buy', '3.99', null);
    mark('48000');
    expect(reasonOf(() => place('alice', 'buy', '0.01', null))).toBe('margin_insufficient');
    expect(reasonOf(() => place('alice', 'sell', '3.99', null))).toBe('accepted');
    expect(positionOf(perpetuals, 'alice')).toEqual(['0', '0']);
  });

  test('a position is no larger than its leverage allows', () => {
    perpetuals.account('alice').wallets.set('USDT', new Decimal('100000000'));
    setLeverage(perpetuals, 'alice', BTC, 125);
    expect(reasonOf(() => place('alice', 'buy', '1.1', null))).toBe('max_position');
    expect(reasonOf(() => place('alice', 'buy', '0.9', null))).toBe('accepted');
    expect(reasonOf(() => place('alice', 'buy', '0.2', null))).toBe('max_position');
    setLeverage(perpetuals, 'alice', BTC, 20);
    place('alice', 'buy', '5', null);
    expect(reasonOf(() => { setLeverage(perpetuals, 'alice', BTC, 125); })).toBe('max_position');
  });

  test('leverage is lowered only as far as the wallet carries it', () => {
    place('alice', 'buy', '1', null);
    expect(reasonOf(() => { setLeverage(perpetuals, 'alice', BTC, 4); })).toBe('leverage_too_low_for_position');
    expect(reasonOf(() => { setLeverage(perpetuals, 'alice', BTC, 6); })).toBe('accepted');
    expect(reasonOf(() => { setLeverage(perpetuals, 'alice', BTC, 126); })).toBe('leverage_invalid');
  });
});

describe('orders that only reduce', () => {
  test('are cut to the position, shrink with it and end with it', () => {
    expect(reasonOf(() => place('alice', 'sell', '1', '51000', { reduceOnly: true }))).toBe('reduce_only_rejected');
    place('alice', 'buy', '1', null);
    expect(reasonOf(() => place('alice', 'buy', '1', '49000', { reduceOnly: true }))).toBe('reduce_only_rejected');
    const [far, near] = [place('alice', 'sell', '5', '52000', { reduceOnly: true }), place('alice', 'sell', '0.6', '51000', { reduceOnly: true })];
    expect([stateOf(far.orderId), stateOf(near.orderId)]).toEqual(['new 0/1', 'new 0/0.6']);
    place('alice', 'sell', '0.5', null);
    expect([stateOf(far.orderId), stateOf(near.orderId)]).toEqual(['new 0/0.5', 'new 0/0.5']);
    place('alice', 'sell', '0.5', null);
    expect([stateOf(far.orderId), stateOf(near.orderId)]).toEqual(['expired 0/0.5', 'expired 0/0.5']);
  });

  test('one print through several of them closes the position and no more', () => {
    place('alice', 'buy', '1', null);
    const orders = ['51000', '51001', '51002'].map((price) => place('alice', 'sell', '0.7', price, { reduceOnly: true }));
    print('52000', '5');
    expect(positionOf(perpetuals, 'alice')).toEqual(['0', '0']);
    expect(orders.map(({ orderId }) => stateOf(orderId))).toEqual(['filled 0.7/0.7', 'filled 0.3/0.3', 'expired 0/0.3']);
  });

  test('the same when the book crosses them', () => {
    place('alice', 'buy', '1', null);
    for (const price of ['51000', '51001', '51002']) place('alice', 'sell', '0.7', price, { reduceOnly: true });
    book('52000', '52000.1');
    expect(positionOf(perpetuals, 'alice')).toEqual(['0', '0']);
    expect(perpetuals.state.openOrders.of('alice')).toEqual([]);
  });

  test('the same when another customer takes them', () => {
    place('alice', 'buy', '1', null);
    for (const price of ['50010', '50010', '50010']) place('alice', 'sell', '0.7', price, { reduceOnly: true });
    book('50000', '50020');
    place('bob', 'buy', '2', '50010');
    expect([positionOf(perpetuals, 'alice')[0], positionOf(perpetuals, 'bob')[0]]).toEqual(['0', '1']);
  });

  test('and cannot be amended beyond it', () => {
    place('alice', 'buy', '1', null);
    const order = place('alice', 'sell', '0.5', '51000', { reduceOnly: true });
    const request = { account: 'alice', symbol: BTC, orderId: order.orderId, clientOrderId: undefined, side: 'sell' as const };
    amendContractOrder(perpetuals, { ...request, priceQuote: new Decimal('51500'), amountBase: new Decimal('3') });
    expect(stateOf(order.orderId)).toBe('new 0/1');
  });
});

describe('hedge mode', () => {
  beforeEach(() => {
    setPositionMode(perpetuals, 'alice', true);
  });
  const long = { positionSide: 'long' } as const;
  const short = { positionSide: 'short' } as const;

  test('long and short stand side by side', () => {
    place('alice', 'buy', '1', null, long);
    place('alice', 'sell', '0.4', null, short);
    expect([positionOf(perpetuals, 'alice', 'long'), positionOf(perpetuals, 'alice', 'short')]).toEqual([['1', '50000.1'], ['-0.4', '50000']]);
    expect(reasonOf(() => place('alice', 'sell', '1.1', null, long))).toBe('reduce_only_rejected');
    expect(reasonOf(() => place('alice', 'buy', '0.5', '49000', short))).toBe('reduce_only_rejected');
    place('alice', 'sell', '1', null, long);
    expect([positionOf(perpetuals, 'alice', 'long')[0], positionOf(perpetuals, 'alice', 'short')[0]]).toEqual(['0', '-0.4']);
  });

  test('orders name their side, and nothing else may', () => {
    expect(reasonOf(() => place('alice', 'buy', '1', null))).toBe('position_side_mismatch');
    expect(reasonOf(() => place('bob', 'buy', '1', null, long))).toBe('position_side_mismatch');
    expect(reasonOf(() => place('alice', 'buy', '1', null, { ...long, reduceOnly: true }))).toBe('reduce_only_in_hedge_mode');
  });

  test('the mode changes only with nothing open', () => {
    const back = (): string => reasonOf(() => { setPositionMode(perpetuals, 'alice', false); });
    expect(reasonOf(() => { setPositionMode(perpetuals, 'alice', true); })).toBe('position_mode_unchanged');
    place('alice', 'buy', '1', null, long);
    expect(back()).toBe('position_mode_position');
    place('alice', 'sell', '1', '51000', long);
    expect(back()).toBe('position_mode_open_orders');
    book('51000', '51000.1');
    expect(back()).toBe('accepted');
  });
});

describe('amending', () => {
  const amend = (orderId: number, priceQuote: string, amountBase: string): string =>
    reasonOf(() =>
      amendContractOrder(perpetuals, { account: 'alice', symbol: BTC, orderId, clientOrderId: undefined, side: 'buy', priceQuote: new Decimal(priceQuote), amountBase: new Decimal(amountBase) }),
    );
  const queueOf = (orderId: number): string | undefined => perpetuals.state.openOrders.byOrderId(orderId)?.queueAheadBase.toFixed();

  test('keeps the ids; less keeps the place in the queue, more or another price loses it', () => {
    const { orderId } = place('alice', 'buy', '1', '50000');
    expect(queueOf(orderId)).toBe('1000');
    book('50000', '50000.1', '300');
    expect(queueOf(orderId)).toBe('300');
    book('50000', '50000.1', '900');
    expect([amend(orderId, '50000', '0.5'), queueOf(orderId), stateOf(orderId)]).toEqual(['accepted', '300', 'new 0/0.5']);
    expect([amend(orderId, '50000', '0.6'), queueOf(orderId)]).toEqual(['accepted', '900']);
    expect([amend(orderId, '49999', '0.6'), queueOf(orderId)]).toEqual(['accepted', '0']);
    expect(amend(orderId, '49999', '0.6')).toBe('nothing_to_modify');
    expect(amend(orderId, '49999', '5')).toBe('margin_insufficient');
    expect(amend(orderId, '49999.05', '0.6')).toBe('price_tick');
    expect(amend(orderId + 1, '49999', '0.6')).toBe('order_not_found');
  });

  test('a price that crosses trades at once; post-only ends in its place', () => {
    const { orderId } = place('alice', 'buy', '1', '49000');
    expect([amend(orderId, '50001', '1'), stateOf(orderId)]).toEqual(['accepted', 'filled 1/1']);
    const post = place('alice', 'buy', '1', '49000', { timeInForce: 'GTX' });
    expect([amend(post.orderId, '50001', '1'), stateOf(post.orderId)]).toEqual(['accepted', 'canceled 0/1']);
    expect(positionOf(perpetuals, 'alice')[0]).toBe('1');
  });

  test('an amount that is filled already ends the order', () => {
    const { orderId } = place('alice', 'buy', '1', '49000');
    print('49000', '0.4');
    expect([amend(orderId, '49000', '0.4'), stateOf(orderId)]).toEqual(['accepted', 'canceled 0.4/1']);
  });
});

describe('isolated margin', () => {
  beforeEach(() => {
    setMarginMode(perpetuals, 'alice', BTC, 'isolated');
    setLeverage(perpetuals, 'alice', BTC, 10);
    place('alice', 'buy', '1', '50000.1');
  });

  test('is set apart at the opening and given back at the close', () => {
    expect([isolatedOf('alice'), walletOf(perpetuals, 'alice')]).toEqual(['5000.01', '10000']);
    place('alice', 'sell', '0.5', '50000');
    expect([isolatedOf('alice'), walletOf(perpetuals, 'alice')]).toEqual(['2500.005', '9999.95']);
    place('alice', 'sell', '0.5', '50000');
    expect([isolatedOf('alice'), walletOf(perpetuals, 'alice')]).toEqual(['0', '9999.9']);
  });

  test('pays its own funding', () => {
    mark('50000');
    setContract(perpetuals, perpetuals.market(BTC), { fundingRate: new Decimal('0.001') });
    settleFunding(perpetuals, perpetuals.market(BTC));
    expect([isolatedOf('alice'), walletOf(perpetuals, 'alice')]).toEqual(['4950.01', '9950']);
  });

  test('a gap beyond it costs the insurance fund, not the rest of the wallet', () => {
    mark('40000');
    expect(positionOf(perpetuals, 'alice')).toEqual(['0', '0']);
    expect(incomesOf('alice')).toEqual(['TRANSFER 10000', 'INSURANCE_CLEAR 5000.09', 'REALIZED_PNL -10000.1']);
    expect(walletOf(perpetuals, 'alice')).toBe('4999.99');
  });

  test('a take-over with margin left costs the clearance fee, as far as it reaches', () => {
    // Maintenance at 45,100 is 45,100 * 0.004 = 180.4; margin left 99.91.
    mark('45100');
    expect(incomesOf('alice')).toEqual(['TRANSFER 10000', 'REALIZED_PNL -4900.1', 'INSURANCE_CLEAR -99.91']);
  });

  test('ends at the price it says', () => {
    const market = perpetuals.market(BTC);
    const account = perpetuals.account('alice');
    const price = liquidationPrice(perpetuals, account, market, account.position(BTC, 'both'));
    mark(price.plus(1).toFixed(0));
    expect(positionOf(perpetuals, 'alice')[0]).toBe('1');
    mark(price.minus(1).toFixed(0));
    expect(positionOf(perpetuals, 'alice')[0]).toBe('0');
  });

  test('a fee nobody reserved cannot leave the wallet in debt', () => {
    place('alice', 'sell', '1', '50000');
    perpetuals.account('alice').wallets.set('USDT', new Decimal('5000.005'));
    const { orderId } = place('alice', 'buy', '1', '50000');
    perpetuals.fees = { makerRate: new Decimal('0.01'), takerRate: new Decimal('0.01') };
    book('49999', '50000');
    expect([stateOf(orderId), ...incomesOf('alice').slice(-2)]).toEqual(['filled 1/1', 'COMMISSION -500', 'INSURANCE_CLEAR 499.995']);
  });
});

describe('liquidation in cross mode', () => {
  test('cancels what is open, takes the position over at the mark price and tells all of it', () => {
    place('alice', 'buy', '3.9', null);
    const open = place('alice', 'sell', '1', '60000');
    const account = perpetuals.account('alice');
    const price = liquidationPrice(perpetuals, account, perpetuals.market(BTC), account.position(BTC, 'both'));
    mark(price.plus(1).toFixed(0));
    expect(positionOf(perpetuals, 'alice')[0]).toBe('3.9');
    mark(price.minus(1).toFixed(0));
    expect([positionOf(perpetuals, 'alice')[0], stateOf(open.orderId)]).toEqual(['0', 'canceled 0/1']);
    const [liquidation] = perpetuals.state.ledger.queries.orders({ account: 'alice', newestFirst: true, limit: 1 });
    expect([liquidation?.clientOrderId.startsWith('autoclose-'), liquidation?.state, liquidation?.side]).toEqual([true, 'filled', 'sell']);
    expect(incomesOf('alice').map((income) => income.split(' ')[0])).toEqual(['TRANSFER', 'REALIZED_PNL', 'INSURANCE_CLEAR']);
    expect(Number(walletOf(perpetuals, 'alice'))).toBeGreaterThanOrEqual(0);
  });

  test('is announced once, and again only after the account was safe', () => {
    const calls: string[] = [];
    perpetuals.state.listeners.add({ marginCalled: ({ account, positions }) => calls.push(`${account} ${positions.map(({ position }) => position.amountBase.toFixed()).join()}`) });
    place('alice', 'buy', '3.9', null);
    mark('48000');
    expect(calls).toEqual([]);
    for (const price of ['47690', '47685', '48000', '47690']) mark(price);
    expect(calls).toEqual(['alice 3.9', 'alice 3.9']);
    expect(positionOf(perpetuals, 'alice')[0]).toBe('3.9');
  });

  test('a gap leaves nothing, and no debt', () => {
    place('alice', 'buy', '3.9', null);
    mark('30000');
    expect([positionOf(perpetuals, 'alice')[0], walletOf(perpetuals, 'alice')]).toEqual(['0', '0']);
  });

  test('the position with the largest maintenance goes first, and the rest stays if that is enough', () => {
    const eth = 'ETHUSDT_PERP';
    applyBook(perpetuals.state, perpetuals.state.pair(eth), snapshot([['2500', '1000']], [['2500.01', '1000']]));
    place('alice', 'buy', '3', null);
    place('alice', 'buy', '1', null, { symbol: eth });
    // Margin left 639.7; BTC needs 653.2 of it, ETH 10. The clearance fee leaves ETH what it needs.
    mark('46880');
    expect([positionOf(perpetuals, 'alice')[0], perpetuals.account('alice').position(eth, 'both').amountBase.toFixed()]).toEqual(['0', '1']);
  });
});

describe('conditional orders', () => {
  const conditional = (more: Partial<Parameters<typeof placeConditional>[1]>): Parameters<typeof placeConditional>[1] => ({
    account: 'alice',
    symbol: BTC,
    clientId: 'stop',
    side: 'sell',
    positionSide: 'both',
    type: 'stop_market',
    timeInForce: 'GTC',
    priceQuote: null,
    amountBase: new Decimal('1'),
    triggerQuote: new Decimal('49000'),
    workingType: 'mark_price',
    reduceOnly: true,
    closePosition: false,
    ...more,
  });
  const stateOfConditional = (clientId: string): string | undefined =>
    perpetuals.queries.conditionals({ account: 'alice', clientId, symbol: BTC, conditionalId: undefined, fromMs: undefined, toMs: undefined, limit: 1 })[0]?.state;

  test('each working type looks at its own price', () => {
    place('alice', 'buy', '2', null);
    placeConditional(perpetuals, conditional({ clientId: 'mark' }));
    placeConditional(perpetuals, conditional({ clientId: 'last', workingType: 'contract_price' }));
    print('48900', '0.1');
    expect([stateOfConditional('mark'), stateOfConditional('last'), positionOf(perpetuals, 'alice')[0]]).toEqual(['new', 'finished', '1']);
    mark('48999');
    expect([stateOfConditional('mark'), positionOf(perpetuals, 'alice')[0]]).toEqual(['finished', '0']);
  });

  test('stops and take-profits trigger on their own side of the price', () => {
    const reason = (more: Parameters<typeof conditional>[0]): string => reasonOf(() => placeConditional(perpetuals, conditional({ reduceOnly: false, ...more })));
    const above = { triggerQuote: new Decimal('51000') };
    expect(reason({ ...above, clientId: 'a' })).toBe('would_trigger');
    expect(reason({ ...above, clientId: 'b', side: 'buy' })).toBe('accepted');
    expect(reason({ ...above, clientId: 'c', type: 'take_profit_market' })).toBe('accepted');
    expect(reason({ ...above, clientId: 'd', type: 'take_profit_market', side: 'buy' })).toBe('would_trigger');
    expect(reason({ ...above, clientId: 'c', side: 'buy' })).toBe('duplicate_client_order_id');
  });

  test('one that closes the position takes whatever there is, and is refused when there is nothing', () => {
    const close = { closePosition: true, reduceOnly: false, amountBase: new Decimal(0) };
    placeConditional(perpetuals, conditional({ ...close, clientId: 'first' }));
    expect(reasonOf(() => placeConditional(perpetuals, conditional({ ...close, clientId: 'second' })))).toBe('close_position_exists');
    mark('48999');
    expect(stateOfConditional('first')).toBe('rejected');
    mark(null);
    place('alice', 'buy', '2', null);
    placeConditional(perpetuals, conditional({ ...close, clientId: 'third' }));
    mark('48999');
    expect([stateOfConditional('third'), positionOf(perpetuals, 'alice')[0]]).toEqual(['finished', '0']);
  });

  test('a limit one rests after its trigger, and ends with its order', () => {
    place('alice', 'buy', '1', null);
    placeConditional(perpetuals, conditional({ type: 'stop', priceQuote: new Decimal('50500') }));
    mark('48999');
    expect(stateOfConditional('stop')).toBe('triggered');
    const [order] = perpetuals.state.openOrders.of('alice', BTC);
    expect([order?.clientOrderId, order?.priceQuote?.toFixed()]).toEqual(['stop', '50500']);
    mark(null);
    print('50500', '1');
    expect([stateOfConditional('stop'), positionOf(perpetuals, 'alice')[0]]).toEqual(['finished', '0']);
  });

  test('without the margin at its trigger it is rejected, and says why', () => {
    placeConditional(perpetuals, conditional({ side: 'buy', reduceOnly: false, amountBase: new Decimal('50'), triggerQuote: new Decimal('50500') }));
    mark('50501');
    expect(stateOfConditional('stop')).toBe('rejected');
  });
});

describe('by hand', () => {
  test('orders of a contract wait in manual mode and are filled at the price laid down', () => {
    setMatching(perpetuals.state, perpetuals.state.pair(BTC), { mode: 'manual', admission: 'accept' });
    const { orderId } = place('alice', 'buy', '1', null);
    expect(stateOf(orderId)).toBe('new 0/1');
    const fill = { priceQuote: new Decimal('49990'), amountBase: new Decimal('1'), fee: undefined, role: 'maker', isLast: false } as const;
    fillManually(perpetuals.state, { orderId }, fill);
    expect([stateOf(orderId), positionOf(perpetuals, 'alice')]).toEqual(['filled 1/1', ['1', '49990']]);
  });
});
