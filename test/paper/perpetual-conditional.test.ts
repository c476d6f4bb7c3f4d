import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { placeConditional } from '../../src/paper/perpetual/conditional-entry.js';
import { BTC, positionOf } from './perpetual-fixture.js';
import { PerpetualScene, reasonOf } from './perpetual-scene.js';

let scene: PerpetualScene;

beforeEach(() => {
  scene = new PerpetualScene();
});
afterEach(() => {
  scene.end();
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
    scene.perpetuals.queries.conditionals({ account: 'alice', clientId, symbol: BTC, conditionalId: undefined, fromMs: undefined, toMs: undefined, limit: 1 })[0]?.state;

  test('each working type looks at its own price', () => {
    scene.place('alice', 'buy', '2', null);
    placeConditional(scene.perpetuals, conditional({ clientId: 'mark' }));
    placeConditional(scene.perpetuals, conditional({ clientId: 'last', workingType: 'contract_price' }));
    scene.print('48900', '0.1');
    expect([stateOfConditional('mark'), stateOfConditional('last'), positionOf(scene.perpetuals, 'alice')[0]]).toEqual(['new', 'finished', '1']);
    scene.mark('48999');
    expect([stateOfConditional('mark'), positionOf(scene.perpetuals, 'alice')[0]]).toEqual(['finished', '0']);
  });

  test('stops and take-profits trigger on their own side of the price', () => {
    const reason = (more: Parameters<typeof conditional>[0]): string => reasonOf(() => placeConditional(scene.perpetuals, conditional({ reduceOnly: false, ...more })));
    const above = { triggerQuote: new Decimal('51000') };
    expect(reason({ ...above, clientId: 'a' })).toBe('would_trigger');
    expect(reason({ ...above, clientId: 'b', side: 'buy' })).toBe('accepted');
    expect(reason({ ...above, clientId: 'c', type: 'take_profit_market' })).toBe('accepted');
    expect(reason({ ...above, clientId: 'd', type: 'take_profit_market', side: 'buy' })).toBe('would_trigger');
    expect(reason({ ...above, clientId: 'c', side: 'buy' })).toBe('duplicate_client_order_id');
  });

  test('one that closes the position takes whatever there is, and is refused when there is nothing', () => {
    const close = { closePosition: true, reduceOnly: false, amountBase: new Decimal(0) };
    placeConditional(scene.perpetuals, conditional({ ...close, clientId: 'first' }));
    expect(reasonOf(() => placeConditional(scene.perpetuals, conditional({ ...close, clientId: 'second' })))).toBe('close_position_exists');
    scene.mark('48999');
    expect(stateOfConditional('first')).toBe('rejected');
    scene.mark(null);
    scene.place('alice', 'buy', '2', null);
    placeConditional(scene.perpetuals, conditional({ ...close, clientId: 'third' }));
    scene.mark('48999');
    expect([stateOfConditional('third'), positionOf(scene.perpetuals, 'alice')[0]]).toEqual(['finished', '0']);
  });

  test('a limit one rests after its trigger, and ends with its order', () => {
    scene.place('alice', 'buy', '1', null);
    placeConditional(scene.perpetuals, conditional({ type: 'stop', priceQuote: new Decimal('50500') }));
    scene.mark('48999');
    expect(stateOfConditional('stop')).toBe('triggered');
    const [order] = scene.perpetuals.state.openOrders.of('alice', BTC);
    expect([order?.clientOrderId, order?.priceQuote?.toFixed()]).toEqual(['stop', '50500']);
    scene.mark(null);
    scene.print('50500', '1');
    expect([stateOfConditional('stop'), positionOf(scene.perpetuals, 'alice')[0]]).toEqual(['finished', '0']);
  });

  test('without the margin at its trigger it is rejected, and says why', () => {
    placeConditional(scene.perpetuals, conditional({ side: 'buy', reduceOnly: false, amountBase: new Decimal('50'), triggerQuote: new Decimal('50500') }));
    scene.mark('50501');
    expect(stateOfConditional('stop')).toBe('rejected');
  });
});
