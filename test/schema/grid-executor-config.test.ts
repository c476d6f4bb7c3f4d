import { describe, expect, it } from 'vitest';
import { wireConfig } from '../../src/contract/wire-config.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';

const context = { nowMs: 1_760_000_000_000 };
const GRID = {
  type: 'grid_executor',
  id: 'levels',
  connector_name: 'binance_paper_trade',
  trading_pair: 'BTC-USDT',
  side: 'BUY',
  start_price: '58000.0',
  end_price: 62000,
  total_amount_quote: '1000.50',
  triple_barrier_config: { take_profit: '0.002' },
};

function refusal(raw: unknown): InvalidConfigError {
  try {
    parseExecutorConfig(raw, context);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('grid_executor config', () => {
  it('is normalised, with every default filled in', () => {
    const { config, warnings } = parseExecutorConfig(GRID, context);
    expect(config).toEqual({
      type: 'grid_executor',
      id: 'levels',
      createdAtMs: context.nowMs,
      controllerId: 'main',
      account: 'master_account',
      connector: 'binance_paper_trade',
      pair: 'BTC-USDT',
      levelId: null,
      leverage: 1,
      side: 'BUY',
      startPriceQuote: '58000',
      endPriceQuote: '62000',
      limitPriceQuote: null,
      totalAmountQuote: '1000.5',
      minSpreadFraction: '0.0005',
      minOrderAmountQuote: '5',
      maxOpenOrders: 5,
      maxOrdersPerBatch: null,
      orderFrequencySeconds: 0,
      activationBoundsFraction: null,
      safeExtraSpreadFraction: '0.0001',
      takeProfitFraction: '0.002',
      coerceTakeProfitToStep: false,
      stopLossFraction: null,
      trailingStop: null,
      timeLimitSeconds: null,
      openOrderType: 'LIMIT',
      takeProfitOrderType: 'LIMIT',
      deductBaseFees: false,
      keepPosition: false,
    });
    expect(warnings).toEqual([]);
  });

  const FULL = {
    ...GRID,
    limit_price: '55000', min_spread_between_orders: '0.001', min_order_amount_quote: 20, max_open_orders: 3, max_orders_per_batch: 2, order_frequency: 15, activation_bounds: ['0.01'],
    safe_extra_spread: '0.0002', coerce_tp_to_step: true, deduct_base_fees: true, keep_position: true, leverage: 3, level_id: 'x',
    triple_barrier_config: { take_profit: 0.003, stop_loss: 0.05, time_limit: 60, trailing_stop: { activation_price: '0.01', trailing_delta: '0.005' }, open_order_type: 3, take_profit_order_type: 'LIMIT_MAKER', stop_loss_order_type: 1, time_limit_order_type: 'MARKET' },
  };

  it('keeps every field', () => {
    expect(parseExecutorConfig(FULL, context).config).toMatchObject({
      limitPriceQuote: '55000', minSpreadFraction: '0.001', minOrderAmountQuote: '20', maxOpenOrders: 3, maxOrdersPerBatch: 2, orderFrequencySeconds: 15, activationBoundsFraction: '0.01',
      safeExtraSpreadFraction: '0.0002', takeProfitFraction: '0.003', coerceTakeProfitToStep: true, stopLossFraction: '0.05', trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' },
      timeLimitSeconds: 60, openOrderType: 'LIMIT_MAKER', takeProfitOrderType: 'LIMIT_MAKER', deductBaseFees: true, keepPosition: true, leverage: 3, levelId: 'x',
    });
  });

  it('says the same on the wire as it was read', () => {
    const { config } = parseExecutorConfig(FULL, context);
    expect(parseExecutorConfig(wireConfig(config), context).config).toEqual(config);
  });

  it('reads 0 as off where existing clients send it', () => {
    const off = { ...GRID, limit_price: 0, activation_bounds: 0, triple_barrier_config: { take_profit: '0.002', stop_loss: 0, time_limit: 0 } };
    expect(parseExecutorConfig(off, context).config).toMatchObject({ limitPriceQuote: null, activationBoundsFraction: null, stopLossFraction: null, timeLimitSeconds: null });
  });

  it('needs no take profit of its own where the step gives one', () => {
    const { config } = parseExecutorConfig({ ...GRID, triple_barrier_config: undefined, coerce_tp_to_step: true }, context);
    expect(config).toMatchObject({ takeProfitFraction: null, coerceTakeProfitToStep: true });
  });

  const barrier = (change: object): object => ({ triple_barrier_config: { take_profit: '0.002', ...change } });
  it.each([
    [{ end_price: '58000' }, 'end_price', 'must be above start_price 58000'],
    [{ start_price: 0 }, 'start_price', 'must be greater than 0'],
    [{ limit_price: '62000' }, 'limit_price', 'must be below end_price 62000'],
    [{ side: 'SELL', limit_price: '58000' }, 'limit_price', 'must be above start_price 58000'],
    [{ total_amount_quote: '-1' }, 'total_amount_quote', 'must be greater than 0'],
    [{ max_open_orders: 0 }, 'max_open_orders', '1'],
    [{ max_open_orders: 1001 }, 'max_open_orders', '1000'],
    [{ order_frequency: 90_000 }, 'order_frequency', '86400'],
    [{ activation_bounds: 1 }, 'activation_bounds', 'below 1'],
    [{ activation_bounds: [0.1, 0.2] }, 'activation_bounds', 'must be'],
    [{ keep_position: 'yes' }, 'keep_position', 'must be true or false'],
    [{ triple_barrier_config: {} }, 'triple_barrier_config.take_profit', 'is required unless coerce_tp_to_step is true'],
    [{ triple_barrier_config: null }, 'triple_barrier_config.take_profit', 'is required unless coerce_tp_to_step is true'],
    [{ side: 'SELL', ...barrier({ take_profit: 1 }) }, 'triple_barrier_config.take_profit', 'must be below 1 for SELL'],
    [barrier({ stop_loss: 1 }), 'triple_barrier_config.stop_loss', 'below 1'],
    [barrier({ open_order_type: 'MARKET' }), 'triple_barrier_config.open_order_type', 'rest at their prices'],
    [barrier({ take_profit_order_type: 1 }), 'triple_barrier_config.take_profit_order_type', 'rest at their prices'],
    [barrier({ stop_loss_order_type: 'LIMIT' }), 'triple_barrier_config.stop_loss_order_type', 'must be MARKET'],
    [barrier({ time_limit_order_type: 2 }), 'triple_barrier_config.time_limit_order_type', 'must be MARKET'],
    [barrier({ stoploss: 0.1 }), 'triple_barrier_config', 'stoploss'],
    [{ stop_loss: 0.1 }, 'stop_loss', 'triple_barrier_config'],
  ])('%j is refused', (change, field, words) => {
    const error = refusal({ ...GRID, ...change });
    expect(error.message).toContain(field);
    expect(error.message).toContain(words);
  });

  it('warns of what it ignores', () => {
    expect(parseExecutorConfig({ ...GRID, colour: 1 }, context).warnings).toEqual(['colour: is unknown and ignored']);
  });
});
