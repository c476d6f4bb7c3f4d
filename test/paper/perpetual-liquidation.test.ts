import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyBook } from '../../src/paper/exchange/market-intake.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { setLeverage, setMarginMode } from '../../src/paper/perpetual/account-settings.js';
import { setContract } from '../../src/paper/perpetual/contract-control.js';
import { settleFunding } from '../../src/paper/perpetual/funding.js';
import { liquidationPrice } from '../../src/paper/perpetual/liquidation-price.js';
import { snapshot } from './exchange-fixture.js';
import { BTC, positionOf, walletOf } from './perpetual-fixture.js';
import { PerpetualScene } from './perpetual-scene.js';

let scene: PerpetualScene;

beforeEach(() => {
  scene = new PerpetualScene();
});
afterEach(() => {
  scene.end();
});

describe('isolated margin', () => {
  beforeEach(() => {
    setMarginMode(scene.perpetuals, 'alice', BTC, 'isolated');
    setLeverage(scene.perpetuals, 'alice', BTC, 10);
    scene.place('alice', 'buy', '1', '50000.1');
  });

  test('is set apart at the opening and given back at the close', () => {
    expect([scene.isolatedOf('alice'), walletOf(scene.perpetuals, 'alice')]).toEqual(['5000.01', '10000']);
    scene.place('alice', 'sell', '0.5', '50000');
    expect([scene.isolatedOf('alice'), walletOf(scene.perpetuals, 'alice')]).toEqual(['2500.005', '9999.95']);
    scene.place('alice', 'sell', '0.5', '50000');
    expect([scene.isolatedOf('alice'), walletOf(scene.perpetuals, 'alice')]).toEqual(['0', '9999.9']);
  });

  test('pays its own funding', () => {
    scene.mark('50000');
    setContract(scene.perpetuals, scene.perpetuals.market(BTC), { fundingRate: new Decimal('0.001') });
    settleFunding(scene.perpetuals, scene.perpetuals.market(BTC));
    expect([scene.isolatedOf('alice'), walletOf(scene.perpetuals, 'alice')]).toEqual(['4950.01', '9950']);
  });

  test('a gap beyond it costs the insurance fund, not the rest of the wallet', () => {
    scene.mark('40000');
    expect(positionOf(scene.perpetuals, 'alice')).toEqual(['0', '0']);
    expect(scene.incomesOf('alice')).toEqual(['TRANSFER 10000', 'INSURANCE_CLEAR 5000.09', 'REALIZED_PNL -10000.1']);
    expect(walletOf(scene.perpetuals, 'alice')).toBe('4999.99');
  });

  test('a take-over with margin left costs the clearance fee, as far as it reaches', () => {
    // Maintenance at 45,100 is 45,100 * 0.004 = 180.4; margin left 99.91.
    scene.mark('45100');
    expect(scene.incomesOf('alice')).toEqual(['TRANSFER 10000', 'REALIZED_PNL -4900.1', 'INSURANCE_CLEAR -99.91']);
  });

  test('ends at the price it says', () => {
    const market = scene.perpetuals.market(BTC);
    const account = scene.perpetuals.account('alice');
    const price = liquidationPrice(scene.perpetuals, account, market, account.position(BTC, 'both'));
    scene.mark(price.plus(1).toFixed(0));
    expect(positionOf(scene.perpetuals, 'alice')[0]).toBe('1');
    scene.mark(price.minus(1).toFixed(0));
    expect(positionOf(scene.perpetuals, 'alice')[0]).toBe('0');
  });

  test('a fee nobody reserved cannot leave the wallet in debt', () => {
    scene.place('alice', 'sell', '1', '50000');
    scene.perpetuals.account('alice').wallets.set('USDT', new Decimal('5000.005'));
    const { orderId } = scene.place('alice', 'buy', '1', '50000');
    scene.perpetuals.fees = { makerRate: new Decimal('0.01'), takerRate: new Decimal('0.01') };
    scene.book('49999', '50000');
    expect([scene.stateOf(orderId), ...scene.incomesOf('alice').slice(-2)]).toEqual(['filled 1/1', 'COMMISSION -500', 'INSURANCE_CLEAR 499.995']);
  });
});

describe('liquidation in cross mode', () => {
  test('cancels what is open, takes the position over at the mark price and tells all of it', () => {
    scene.place('alice', 'buy', '3.9', null);
    const open = scene.place('alice', 'sell', '1', '60000');
    const account = scene.perpetuals.account('alice');
    const price = liquidationPrice(scene.perpetuals, account, scene.perpetuals.market(BTC), account.position(BTC, 'both'));
    scene.mark(price.plus(1).toFixed(0));
    expect(positionOf(scene.perpetuals, 'alice')[0]).toBe('3.9');
    scene.mark(price.minus(1).toFixed(0));
    expect([positionOf(scene.perpetuals, 'alice')[0], scene.stateOf(open.orderId)]).toEqual(['0', 'canceled 0/1']);
    const [liquidation] = scene.perpetuals.state.ledger.queries.orders({ account: 'alice', newestFirst: true, limit: 1 });
    expect([liquidation?.clientOrderId.startsWith('autoclose-'), liquidation?.state, liquidation?.side]).toEqual([true, 'filled', 'sell']);
    expect(scene.incomesOf('alice').map((income) => income.split(' ')[0])).toEqual(['TRANSFER', 'REALIZED_PNL', 'INSURANCE_CLEAR']);
    expect(Number(walletOf(scene.perpetuals, 'alice'))).toBeGreaterThanOrEqual(0);
  });

  test('is announced once, and again only after the account was safe', () => {
    const calls: string[] = [];
    scene.perpetuals.state.listeners.add({ marginCalled: ({ account, positions }) => calls.push(`${account} ${positions.map(({ position }) => position.amountBase.toFixed()).join()}`) });
    scene.place('alice', 'buy', '3.9', null);
    scene.mark('48000');
    expect(calls).toEqual([]);
    for (const price of ['47690', '47685', '48000', '47690']) scene.mark(price);
    expect(calls).toEqual(['alice 3.9', 'alice 3.9']);
    expect(positionOf(scene.perpetuals, 'alice')[0]).toBe('3.9');
  });

  test('a gap leaves nothing, and no debt', () => {
    scene.place('alice', 'buy', '3.9', null);
    scene.mark('30000');
    expect([positionOf(scene.perpetuals, 'alice')[0], walletOf(scene.perpetuals, 'alice')]).toEqual(['0', '0']);
  });

  test('the position with the largest maintenance goes first, and the rest stays if that is enough', () => {
    const eth = 'ETHUSDT_PERP';
    applyBook(scene.perpetuals.state, scene.perpetuals.state.pair(eth), snapshot([['2500', '1000']], [['2500.01', '1000']]));
    scene.place('alice', 'buy', '3', null);
    scene.place('alice', 'buy', '1', null, { symbol: eth });
    // Margin left 639.7; BTC needs 653.2 of it, ETH 10. The clearance fee leaves ETH what it needs.
    scene.mark('46880');
    expect([positionOf(scene.perpetuals, 'alice')[0], scene.perpetuals.account('alice').position(eth, 'both').amountBase.toFixed()]).toEqual(['0', '1']);
  });
});
