import { describe, expect, it } from 'vitest';
import { wireConfig } from '../../src/contract/wire-config.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';

const context = { nowMs: 1_760_000_000_000 };
const TWAP = {
  type: 'twap_executor',
  id: 'slices',
  connector_name: 'binance_paper_trade',
  trading_pair: 'BTC-USDT',
  side: 'SELL',
  total_amount_quote: '1000.50',
  total_duration: '60',
  order_interval: 10,
};
const MAKER = { ...TWAP, mode: 'maker', limit_order_buffer: '0.001' };

function refusal(raw: unknown): InvalidConfigError {
  try {
    parseExecutorConfig(raw, context);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('twap_executor config', () => {
  it('is normalised, with every default filled in', () => {
    const { config, warnings } = parseExecutorConfig(TWAP, context);
    expect(config).toEqual({
      type: 'twap_executor',
      id: 'slices',
      createdAtMs: context.nowMs,
      controllerId: 'main',
      account: 'master_account',
      connector: 'binance_paper_trade',
      pair: 'BTC-USDT',
      levelId: null,
      leverage: 1,
      side: 'SELL',
      totalAmountQuote: '1000.5',
      totalDurationSeconds: 60,
      orderIntervalSeconds: 10,
      mode: 'TAKER',
      limitOrderBufferFraction: null,
      orderResubmissionSeconds: null,
      catchUp: 'stretch',
    });
    expect(warnings).toEqual([]);
  });

  it('of a MAKER keeps its buffer, its resubmission time and its policy', () => {
    const { config, warnings } = parseExecutorConfig({ ...MAKER, order_resubmission_time: 30, catch_up: 'SKIP' }, context);
    expect(config).toMatchObject({ mode: 'MAKER', limitOrderBufferFraction: '0.001', orderResubmissionSeconds: 30, catchUp: 'skip' });
    expect(warnings).toEqual([]);
  });

  it('accepts null where nothing is needed, as stored configs of the reference have it', () => {
    const { config, warnings } = parseExecutorConfig({ ...TWAP, limit_order_buffer: null, order_resubmission_time: null }, context);
    expect(config).toMatchObject({ mode: 'TAKER', limitOrderBufferFraction: null, orderResubmissionSeconds: null });
    expect(warnings).toEqual([]);
  });

  it('says which fields a TAKER does not use', () => {
    const { config, warnings } = parseExecutorConfig({ ...TWAP, limit_order_buffer: '0.001', order_resubmission_time: 5 }, context);
    expect(config).toMatchObject({ limitOrderBufferFraction: null, orderResubmissionSeconds: null });
    expect(warnings).toEqual(['limit_order_buffer: is ignored for mode TAKER', 'order_resubmission_time: is ignored for mode TAKER']);
  });

  it('goes back to the wire as it came, normalised', () => {
    const { config } = parseExecutorConfig({ ...MAKER, order_resubmission_time: 30 }, context);
    const wire = wireConfig(config);
    expect(wire).toMatchObject({ total_amount_quote: '1000.5', total_duration: 60, order_interval: 10, mode: 'MAKER', limit_order_buffer: '0.001', order_resubmission_time: 30, catch_up: 'stretch' });
    expect(parseExecutorConfig(wire, context).config).toEqual(config);
  });

  it.each<[string, object, string]>([
    ['no budget', { ...TWAP, total_amount_quote: undefined }, 'total_amount_quote'],
    ['a budget of 0', { ...TWAP, total_amount_quote: '0' }, 'total_amount_quote'],
    ['no duration', { ...TWAP, total_duration: undefined }, 'total_duration'],
    ['a negative duration', { ...TWAP, total_duration: -1 }, 'total_duration'],
    ['a half second', { ...TWAP, order_interval: 0.5 }, 'order_interval'],
    ['more slices than a plan has', { ...TWAP, total_duration: 2_000, order_interval: 1 }, 'order_interval'],
    ['a mode that is none', { ...TWAP, mode: 'BOTH' }, 'mode'],
    ['a MAKER without a buffer', { ...TWAP, mode: 'MAKER' }, 'limit_order_buffer'],
    ['a buffer of 1', { ...MAKER, limit_order_buffer: 1 }, 'limit_order_buffer'],
    ['a resubmission time of 0', { ...MAKER, order_resubmission_time: 0 }, 'order_resubmission_time'],
    ['a policy that is none', { ...TWAP, catch_up: 'later' }, 'catch_up'],
  ])('refuses %s, naming the field', (_name, raw, field) => {
    expect(refusal(raw).issues.map((issue) => issue.field)).toEqual([field]);
  });

  it('takes as many slices as a plan has', () => {
    expect(parseExecutorConfig({ ...TWAP, total_duration: 1_999, order_interval: 1 }, context).config).toMatchObject({ totalDurationSeconds: 1_999 });
  });
});
