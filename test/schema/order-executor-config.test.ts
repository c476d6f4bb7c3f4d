import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../../src/schema/exact-number.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { type ConfigContext, parseExecutorConfig } from '../../src/schema/parse-executor-config.js';

const NOW_MS = 1_760_000_000_000;
const context: ConfigContext = { nowMs: NOW_MS };

const LIMIT_ORDER = {
  type: 'order_executor',
  connector_name: 'binance_paper_trade',
  trading_pair: 'BTC-USDT',
  side: 'BUY',
  amount: '0.01',
  execution_strategy: 'LIMIT',
  price: '70000',
};

function refusal(raw: unknown, given: ConfigContext = context): InvalidConfigError {
  try {
    parseExecutorConfig(raw, given);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('order_executor config', () => {
  it('is normalised, with every default filled in', () => {
    const { config, warnings, timestampGiven } = parseExecutorConfig({ ...LIMIT_ORDER, id: 'my-order_1' }, context);
    expect(config).toEqual({
      type: 'order_executor',
      id: 'my-order_1',
      createdAtMs: NOW_MS,
      controllerId: 'main',
      account: 'master_account',
      connector: 'binance_paper_trade',
      pair: 'BTC-USDT',
      levelId: null,
      leverage: 1,
      side: 'BUY',
      amountBase: '0.01',
      executionStrategy: 'LIMIT',
      priceQuote: '70000',
      chaser: null,
      positionAction: 'OPEN',
    });
    expect(warnings).toEqual([]);
    expect(timestampGiven).toBe(false);
  });

  it.each([
    ['side', 1, { side: 'BUY' }],
    ['side', new ExactNumber('1.0'), { side: 'BUY' }],
    ['side', true, { side: 'BUY' }],
    ['side', '2', { side: 'SELL' }],
    ['side', 'sell', { side: 'SELL' }],
    ['side', 'Long', { side: 'BUY' }],
    ['side', 'SHORT', { side: 'SELL' }],
    ['execution_strategy', 'limit_maker', { executionStrategy: 'LIMIT_MAKER' }],
    ['position_action', 'close', { positionAction: 'CLOSE' }],
    ['position_action', null, { positionAction: 'OPEN' }],
    ['amount', new ExactNumber('0.100000000000000000001'), { amountBase: '0.100000000000000000001' }],
    ['amount', new ExactNumber('1.50e-3'), { amountBase: '0.0015' }],
    ['amount', 0.25, { amountBase: '0.25' }],
    ['amount', ' 3.1400 ', { amountBase: '3.14' }],
    ['leverage', '10', { leverage: 10 }],
    ['leverage', new ExactNumber('10.0'), { leverage: 10 }],
    ['level_id', 'L3', { levelId: 'L3' }],
    ['timestamp', new ExactNumber('1700000000.1234'), { createdAtMs: 1_700_000_000_123 }],
    ['type', 'Order Executor', { type: 'order_executor' }],
  ])('accepts %s = %s', (field, value, expected) => {
    expect(parseExecutorConfig({ ...LIMIT_ORDER, [field]: value }, context).config).toMatchObject(expected);
  });

  it.each([
    ['side', 'RANGE', 'must be one of BUY, SELL'],
    ['side', 0, 'must be one of BUY, SELL'],
    ['side', undefined, 'is required'],
    ['amount', undefined, 'is required'],
    ['amount', 0, 'must be greater than 0'],
    ['amount', '-1', 'must be greater than 0'],
    ['amount', '$100', 'must be a decimal number'],
    ['amount', 'NaN', 'must be a decimal number'],
    ['amount', 'Infinity', 'must be a decimal number'],
    ['amount', Number.POSITIVE_INFINITY, 'must be a decimal number'],
    ['amount', true, 'must be a decimal number'],
    ['amount', null, 'must be a decimal number'],
    ['amount', '1e400', 'must have at most'],
    ['amount', '1e-31', 'must have at most'],
    ['price', undefined, 'is required for execution_strategy LIMIT'],
    ['price', null, 'is required for execution_strategy LIMIT'],
    ['price', 0, 'must be greater than 0'],
    ['price', '-5', 'must be greater than 0'],
    ['execution_strategy', 'STOP', 'must be one of MARKET, LIMIT, LIMIT_MAKER, LIMIT_CHASER'],
    ['position_action', 'HOLD', 'must be one of OPEN, CLOSE, NIL'],
    ['leverage', 0, 'must be a whole number from 1'],
    ['leverage', '2.5', 'must be a whole number from 1'],
    ['trading_pair', 'BTCUSDT', 'BASE-QUOTE'],
    ['trading_pair', 'BTC|X-USDT', 'BASE-QUOTE'],
    ['connector_name', '', 'must be a string of 1 to 64'],
    ['connector_name', undefined, 'is required'],
    ['id', 'a/b', 'letters, digits, _ or -'],
    ['id', 'x'.repeat(45), 'letters, digits, _ or -'],
    ['id', 'positions', 'must not be the name of a route'],
    ['timestamp', NOW_MS * 10, 'Unix seconds'],
    ['controller_id', "x' OR '1'='1", 'no quotes'],
  ])('refuses %s = %s, naming field, value and rule', (field, value, rule) => {
    const error = refusal({ ...LIMIT_ORDER, [field]: value });
    expect(error.issues).toHaveLength(1);
    expect(error.issues[0]).toMatchObject({ field });
    expect(error.issues[0]?.rule).toContain(rule);
    expect(error.message).toContain('Invalid executor config: ');
    expect(error.message).toContain(field);
  });

  it('names every broken field at once', () => {
    const error = refusal({ ...LIMIT_ORDER, amount: '-1', side: 'UP', leverage: 0 });
    expect(error.issues.map((issue) => issue.field).sort()).toEqual(['amount', 'leverage', 'side']);
  });

  it('ignores the price of a MARKET order and says so', () => {
    const { config, warnings } = parseExecutorConfig({ ...LIMIT_ORDER, execution_strategy: 'MARKET', price: 'anything' }, context);
    expect(config).toMatchObject({ executionStrategy: 'MARKET', priceQuote: null });
    expect(warnings).toEqual(['price: "anything" is ignored for execution_strategy MARKET']);
  });

  it('accepts unknown keys with a warning that names what was probably meant', () => {
    const { warnings } = parseExecutorConfig({ ...LIMIT_ORDER, levrage: 5, colour: 'red' }, context);
    expect(warnings).toEqual(['levrage: is unknown and ignored; did you mean leverage?', 'colour: is unknown and ignored']);
  });
});

describe('executor type', () => {
  it('has to be there', () => {
    expect(refusal({ amount: 1 }).message).toBe("executor_config must include 'type' field");
  });

  it('is one of the eight', () => {
    expect(refusal({ type: 'martingale' }).message).toMatch(/^Invalid executor type 'martingale'\. Valid types: \['position_executor', /);
  });

  it.each(['lp_executor'])('%s is not available yet', (type) => {
    expect(refusal({ type }).message).toContain(`type: "${type}" is not available yet; available types: position_executor, order_executor, grid_executor, dca_executor, twap_executor, xemm_executor, arbitrage_executor`);
  });

  it.each([null, 5, 'text', [], undefined])('the config %s is no object', (raw) => {
    expect(refusal(raw).message).toMatch(/executor_config: .* must be an object/);
  });
});

describe('controller tag', () => {
  it.each([
    [undefined, undefined, 'main'],
    ['agent', undefined, 'agent'],
    [undefined, 'agent', 'agent'],
    ['main', 'agent', 'agent'],
    ['agent', 'main', 'agent'],
    ['agent', 'agent', 'agent'],
  ])('body %s and config %s give %s', (body, inConfig, expected) => {
    expect(parseExecutorConfig({ ...LIMIT_ORDER, controller_id: inConfig }, { ...context, controllerId: body }).config.controllerId).toBe(expected);
  });

  it('refuses two different tags and names both', () => {
    const { message } = refusal({ ...LIMIT_ORDER, controller_id: 'other' }, { ...context, controllerId: 'agent' });
    expect(message).toContain('agent');
    expect(message).toContain('other');
  });
});

describe('account', () => {
  it('of the request and of the config have to agree', () => {
    expect(parseExecutorConfig(LIMIT_ORDER, { ...context, accountName: 'second' }).config.account).toBe('second');
    expect(parseExecutorConfig({ ...LIMIT_ORDER, account_name: 'second' }, context).config.account).toBe('second');
    expect(refusal({ ...LIMIT_ORDER, account_name: 'second' }, { ...context, accountName: 'first' }).message).toContain('account_name: "first"');
  });

  describe('of a chaser', () => {
    const CHASER = { ...LIMIT_ORDER, price: null, execution_strategy: 'limit_chaser', chaser_config: { distance: '0.001', refresh_threshold: 0.002 } };

    it('keeps its terms and no price', () => {
      expect(parseExecutorConfig(CHASER, { nowMs: NOW_MS }).config).toMatchObject({ executionStrategy: 'LIMIT_CHASER', priceQuote: null, chaser: { distanceFraction: '0.001', refreshThresholdFraction: '0.002' } });
      expect(parseExecutorConfig({ ...CHASER, price: 5 }, { nowMs: NOW_MS }).warnings).toEqual([expect.stringContaining('price: 5 is ignored')]);
    });

    it.each([
      [undefined, 'chaser_config', 'is required'],
      [null, 'chaser_config', 'is required'],
      ['close', 'chaser_config', 'must be an object'],
      [{ distance: 0 }, 'chaser_config.refresh_threshold', 'is required'],
      [{ distance: -1, refresh_threshold: 0 }, 'chaser_config.distance', 'must be a fraction from 0 and below 1'],
      [{ distance: 0, refresh_threshold: 1 }, 'chaser_config.refresh_threshold', 'must be a fraction from 0 and below 1'],
      [{ distance: 0, refresh_threshold: 0, offset: 1 }, 'chaser_config.offset', 'is not a field of chaser_config'],
    ])('refuses chaser_config %j', (chaser_config, field, rule) => {
      const error = refusal({ ...CHASER, chaser_config });
      expect(error.issues[0]).toMatchObject({ field, rule: expect.stringContaining(rule) as string });
    });
  });
});
