import { describe, expect, it } from 'vitest';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import { wireConfig } from '../../src/contract/wire-config.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { ExactNumber } from '../../src/schema/exact-number.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';

const context = { nowMs: 1_760_000_000_000 };

const POSITION = {
  type: 'position_executor',
  connector_name: 'binance_perpetual',
  trading_pair: 'BTC-USDT',
  side: 1,
  amount: '0.01',
  entry_price: null,
  leverage: 5,
  triple_barrier_config: {
    stop_loss: '0.02',
    take_profit: '0.03',
    time_limit: 3600,
    trailing_stop: { activation_price: '0.015', trailing_delta: '0.005' },
    open_order_type: 2,
    take_profit_order_type: 1,
    stop_loss_order_type: 1,
    time_limit_order_type: 1,
  },
  activation_bounds: ['0.01', '0.02'],
  level_id: null,
};

function parsed(changes: Readonly<Record<string, unknown>>, barriers: Readonly<Record<string, unknown>> = {}): PositionExecutorConfig {
  const raw = { ...POSITION, ...changes };
  if (Object.keys(barriers).length > 0) raw.triple_barrier_config = { ...POSITION.triple_barrier_config, ...barriers };
  const { config } = parseExecutorConfig(raw, context);
  if (config.type !== 'position_executor') throw new Error('another type');
  return config;
}

function refusal(changes: Readonly<Record<string, unknown>>, barriers: Readonly<Record<string, unknown>> = {}): InvalidConfigError {
  try {
    parsed(changes, barriers);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('position_executor config', () => {
  it("reads the reference's example", () => {
    expect(parsed({ id: 'p1' })).toEqual({
      type: 'position_executor',
      id: 'p1',
      createdAtMs: context.nowMs,
      controllerId: 'main',
      account: 'master_account',
      connector: 'binance_perpetual',
      pair: 'BTC-USDT',
      levelId: null,
      leverage: 5,
      side: 'BUY',
      amountBase: '0.01',
      entryPriceQuote: null,
      tripleBarrier: {
        stopLossFraction: '0.02',
        takeProfitFraction: '0.03',
        trailingStop: { activationFraction: '0.015', deltaFraction: '0.005' },
        timeLimitSeconds: 3600,
        openOrderType: 'LIMIT',
        takeProfitOrderType: 'MARKET',
        targets: [],
        breakevenAfterTarget: null,
        exchangeStop: null,
        stopLossOrderType: 'MARKET',
        timeLimitOrderType: 'MARKET',
      },
      activationBounds: ['0.01', '0.02'],
      closing: null,
    });
  });

  it.each([undefined, null, {}])('triple_barrier_config %s means all barriers off', (barriers) => {
    expect(parsed({ triple_barrier_config: barriers }).tripleBarrier).toEqual({
      stopLossFraction: null,
      takeProfitFraction: null,
      trailingStop: null,
      timeLimitSeconds: null,
      openOrderType: 'LIMIT',
      takeProfitOrderType: 'MARKET',
      targets: [],
      breakevenAfterTarget: null,
      exchangeStop: null,
      stopLossOrderType: 'MARKET',
      timeLimitOrderType: 'MARKET',
    });
  });

  it('0 switches a barrier off, and an entry price of 0 means the market', () => {
    const config = parsed({ entry_price: 0 }, { stop_loss: 0, take_profit: '0.0', time_limit: 0, trailing_stop: null });
    expect(config.entryPriceQuote).toBeNull();
    expect(config.tripleBarrier).toMatchObject({ stopLossFraction: null, takeProfitFraction: null, timeLimitSeconds: null, trailingStop: null });
  });

  it.each([
    [null, []],
    [[], []],
    [0, []],
    ['0.01', ['0.01']],
    [[new ExactNumber('0.01')], ['0.01']],
    [
      ['0', 0.02],
      ['0', '0.02'],
    ],
  ])('activation_bounds %s', (bounds, expected) => {
    expect(parsed({ activation_bounds: bounds }).activationBounds).toEqual(expected);
  });

  it.each([
    ['market', 'MARKET'],
    ['3', 'LIMIT_MAKER'],
    [new ExactNumber('1'), 'MARKET'],
    ['Limit', 'LIMIT'],
  ])('open_order_type %s', (raw, expected) => {
    expect(parsed({}, { open_order_type: raw }).tripleBarrier.openOrderType).toBe(expected);
  });

  it.each([
    ['stop_loss', '-0.01', 'must not be negative'],
    ['stop_loss', 2, 'must be a fraction above 0 and below 1'],
    ['stop_loss', 'two', 'must be a decimal number'],
    ['take_profit', -1, 'must not be negative'],
    ['take_profit', 30, 'must be a fraction above 0 and below 10'],
    ['time_limit', -1, 'must be a whole number from 0'],
    ['time_limit', '1.5', 'must be a whole number from 0'],
    ['time_limit', 3_600_000_000, 'must be a whole number from 0'],
    ['open_order_type', 4, 'must be one of MARKET, LIMIT, LIMIT_MAKER'],
    ['stop_loss_order_type', 'LIMIT', 'must be MARKET'],
    ['time_limit_order_type', 2, 'must be MARKET'],
    ['trailing_stop', 'yes', 'must be an object'],
    ['trailing_stop', { activation_price: '0.01', trailing_delta: 0 }, 'must be a fraction above 0'],
    ['trailing_stop', { activation_price: '0.01', trailing_delta: 1 }, 'must be a fraction above 0 and below 1'],
    ['trailing_stop', { activation_price: '-0.01', trailing_delta: '0.01' }, 'must be a fraction from 0'],
    ['trailing_stop', { trailing_delta: '0.01' }, 'is required'],
    ['targets', [{ distance: '0.01' }], 'is required'],
    ['targets', [{ distance: '0.01', share: '1.1' }], 'must be a fraction above 0 and at most 1'],
    ['targets', [{ distance: '0', share: '1' }], 'must be a fraction above 0'],
    ['targets', Array.from({ length: 7 }, (_, index) => ({ distance: `0.0${index + 1}`, share: '0.1' })), 'must be at most 6 targets'],
    ['breakeven_after_target', 1, 'must name one of targets'],
    ['breakeven_after_target', 7, 'must be a whole number from 0 to 6'],
    ['exchange_stop', { distance: '1' }, 'must be a fraction above 0 and below 1'],
    ['exchange_stop', { distance: '0.05', triggered_by: 'index' }, 'must be one of'],
    ['exchange_stop', { distanse: '0.05', distance: '0.05' }, 'did you mean distance?'],
    ['stoploss', '0.02', 'is not a field of triple_barrier_config; did you mean stop_loss?'],
    ['trailing_stop', { activation_price: '0.01', trailing_delta: '0.01', delta: 1 }, 'is not a field of triple_barrier_config.trailing_stop'],
  ])('refuses %s = %s inside triple_barrier_config', (key, value, rule) => {
    const { issues } = refusal({}, { [key]: value });
    expect(issues).toHaveLength(1);
    expect(issues[0]?.field).toContain(`triple_barrier_config.${key}`);
    expect(issues[0]?.rule).toContain(rule);
  });

  it.each([
    ['activation_bounds', ['0.1', '0.1', '0.1'], 'one or two'],
    ['activation_bounds', ['-0.1'], 'must be a fraction from 0 and below 1'],
    ['activation_bounds', 'wide', 'must be a decimal number'],
    ['entry_price', '-1', 'must not be negative'],
    ['triple_barrier_config', 'none', 'must be an object'],
    ['triple_barrier', { stop_loss: 0.02 }, 'did you mean triple_barrier_config?'],
    ['tripleBarrierConfig', { stop_loss: 0.02 }, 'did you mean triple_barrier_config?'],
    ['stop_loss', '0.02', 'belongs inside triple_barrier_config'],
    ['trailing_delta', '0.02', 'belongs inside triple_barrier_config'],
  ])('refuses %s = %s at the top', (key, value, rule) => {
    const { issues } = refusal({ [key]: value });
    expect(issues).toHaveLength(1);
    expect(issues[0]?.field).toContain(key);
    expect(issues[0]?.rule).toContain(rule);
  });

  it('refuses profits that a short can never make', () => {
    const { issues } = refusal({ side: 'SELL' }, { take_profit: 1, trailing_stop: { activation_price: 2, trailing_delta: '0.1' } });
    expect(issues.map((issue) => issue.field)).toEqual([
      'triple_barrier_config.take_profit',
      'triple_barrier_config.trailing_stop.activation_price',
    ]);
    expect(parsed({ side: 'BUY' }, { take_profit: 2 }).tripleBarrier.takeProfitFraction).toBe('2');
  });

  it('warns of a trailing stop that can close at a loss', () => {
    const raw = { ...POSITION, triple_barrier_config: { trailing_stop: { activation_price: '0.01', trailing_delta: '0.02' } } };
    expect(parseExecutorConfig(raw, context).warnings).toEqual([expect.stringContaining('trailing_delta is not below activation_price')]);
  });

  it('answers a config which creates the same executor when it is sent back', () => {
    const first = parsed({ id: 'again', activation_bounds: '0.01' });
    const second = parseExecutorConfig(wireConfig(first), { nowMs: 0 });
    expect(second.config).toEqual(first);
    expect(second.warnings).toEqual([]);
  });
});

describe('barriers that contradict each other', () => {
  const HALF = [{ distance: '0.01', share: '0.5' }];

  it.each([
    [{ take_profit: '0.02', targets: HALF }, 'triple_barrier_config.targets', 'must not stand beside take_profit'],
    [{ stop_loss: '0.05', exchange_stop: { distance: '0.05' } }, 'triple_barrier_config.exchange_stop.distance', 'must be above stop_loss 0.05'],
    [{ take_profit: null, targets: [{ ...HALF[0], orderType: 1 }] }, 'triple_barrier_config.targets.0.orderType', 'did you mean order_type?'],
    [{ take_profit: null, targets: [...HALF, ...HALF] }, 'triple_barrier_config.targets.1.distance', 'nearest first'],
    [{ take_profit: null, targets: [{ distance: '0.01', share: '0.6' }, { distance: '0.02', share: '0.6' }] }, 'triple_barrier_config.targets', 'at most 1 together, they are 1.2'],
    [{ take_profit: null, targets: HALF, breakeven_after_target: 2 }, 'triple_barrier_config.breakeven_after_target', 'must name one of the 1 targets'],
  ])('%j', (barriers, field, rule) => {
    const { issues } = refusal({}, barriers);
    expect(issues.map((issue) => issue.field)).toEqual([field]);
    expect(issues[0]?.rule).toContain(rule);
  });

  it('a target of a short cannot lie where no price is', () => {
    expect(refusal({ side: 'SELL' }, { take_profit: null, targets: [{ distance: '1', share: '1' }] }).issues[0]?.rule).toContain('a price cannot fall below zero');
  });

  it('targets, breakeven and a stop at the exchange are read into what a plan needs', () => {
    const barriers = parsed({}, { stop_loss: '0.02', take_profit: null, targets: [{ distance: 0.01, share: '0.5', order_type: 2 }, { distance: '0.03', share: '0.5' }], breakeven_after_target: '1', exchange_stop: { distance: '0.05', triggered_by: 'MARK' } }).tripleBarrier;
    expect(barriers.targets).toEqual([
      { distanceFraction: '0.01', shareFraction: '0.5', orderType: 'LIMIT' },
      { distanceFraction: '0.03', shareFraction: '0.5', orderType: 'MARKET' },
    ]);
    expect([barriers.breakevenAfterTarget, barriers.exchangeStop]).toEqual([1, { distanceFraction: '0.05', triggeredBy: 'mark' }]);
  });

  it('a stop for the exchange one level too high is refused', () => {
    expect(refusal({ exchange_stop: { distance: '0.05' } }, {}).issues[0]?.rule).toContain('belongs inside triple_barrier_config');
  });
});
