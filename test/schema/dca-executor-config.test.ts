import { describe, expect, it } from 'vitest';
import { wireConfig } from '../../src/contract/wire-config.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';

const context = { nowMs: 1_760_000_000_000 };
const DCA = {
  type: 'dca_executor',
  id: 'levels',
  connector_name: 'binance_paper_trade',
  trading_pair: 'BTC-USDT',
  side: 'BUY',
  amounts_quote: ['100.50', 200],
  prices: [60000, '59000.10'],
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

describe('dca_executor config', () => {
  it('is normalised, with every default filled in', () => {
    const { config, warnings } = parseExecutorConfig(DCA, context);
    expect(config).toEqual({
      type: 'dca_executor',
      id: 'levels',
      createdAtMs: context.nowMs,
      controllerId: 'main',
      account: 'master_account',
      connector: 'binance_paper_trade',
      pair: 'BTC-USDT',
      levelId: null,
      leverage: 1,
      side: 'BUY',
      amountsQuote: ['100.5', '200'],
      pricesQuote: ['60000', '59000.1'],
      mode: 'MAKER',
      activationBounds: [],
      stopLossFraction: null,
      stopLossReference: 'average_entry',
      takeProfitFraction: null,
      trailingStop: null,
      timeLimitSeconds: null,
    });
    expect(warnings).toEqual([]);
  });

  it('keeps every barrier, and a TAKER has bounds', () => {
    const barriers = { stop_loss: 0.05, stop_loss_reference: 'LAST_LEVEL', take_profit: '0.02', trailing_stop: { activation_price: '0.01', trailing_delta: '0.005' }, time_limit: 60 };
    const { config } = parseExecutorConfig({ ...DCA, ...barriers, mode: 'taker' }, context);
    expect(config).toMatchObject({
      mode: 'TAKER', activationBounds: ['0.0001', '0.005'], stopLossFraction: '0.05', stopLossReference: 'last_level', takeProfitFraction: '0.02',
      trailingStop: { activationFraction: '0.01', deltaFraction: '0.005' }, timeLimitSeconds: 60,
    });
    expect(parseExecutorConfig({ ...DCA, activation_bounds: 0.01 }, context).config).toMatchObject({ activationBounds: ['0.01'] });
  });

  it('says the same on the wire as it was read', () => {
    const full = { ...DCA, stop_loss: '0.05', take_profit: '0.02', trailing_stop: { activation_price: '0.01', trailing_delta: '0.005' }, time_limit: 60, activation_bounds: ['0.01', '0.02'], leverage: 3, level_id: 'x' };
    const { config } = parseExecutorConfig(full, context);
    expect(parseExecutorConfig(wireConfig(config), context).config).toEqual(config);
  });

  it.each([
    [{ prices: [1] }, 'prices', 'must be as many as amounts_quote, 2'],
    [{ amounts_quote: [] }, 'amounts_quote', 'must be a list of 1 to 100 numbers'],
    [{ amounts_quote: Array<number>(101).fill(1) }, 'amounts_quote', 'must be a list of 1 to 100 numbers'],
    [{ amounts_quote: ['1', '0'] }, 'amounts_quote', 'entry 1 must be'],
    [{ prices: [1, 'x'] }, 'prices', 'entry 1 must be'],
    [{ prices: '1' }, 'prices', 'must be a list'],
    [{ mode: 'BOTH' }, 'mode', 'MAKER'],
    [{ stop_loss: 1 }, 'stop_loss', 'below 1'],
    [{ stop_loss_reference: 'first' }, 'stop_loss_reference', 'last_level'],
    [{ side: 'SELL', take_profit: 1 }, 'take_profit', 'must be below 1 for SELL'],
    [{ side: 'SELL', trailing_stop: { activation_price: 1, trailing_delta: '0.1' } }, 'trailing_stop', 'below 1 for SELL'],
    [{ activation_bounds: [0.1, 0.1, 0.1] }, 'activation_bounds', 'one or two'],
    [{ trailing_stop: { activation_price: 0.1 } }, 'trailing_stop.trailing_delta', 'is required'],
    [{ triple_barrier_config: { stop_loss: 0.1 } }, 'triple_barrier_config', 'stand in executor_config itself'],
    [{ stoploss: 0.1 }, 'stoploss', 'did you mean stop_loss?'],
    [{ take_proft: 0.1 }, 'take_proft', 'did you mean take_profit?'],
  ])('%j is refused', (change, field, words) => {
    const error = refusal({ ...DCA, ...change });
    expect(error.message).toContain(`${field}: `);
    expect(error.message).toContain(words);
  });

  it('warns of what it ignores, and of a trailing stop that can lose', () => {
    expect(parseExecutorConfig({ ...DCA, trailing_stop: { activation_price: '0.01', trailing_delta: '0.02' }, colour: 1 }, context).warnings).toEqual([
      'colour: is unknown and ignored',
      'trailing_stop: trailing_delta is not below activation_price, so the stop can close at a loss',
    ]);
  });
});
