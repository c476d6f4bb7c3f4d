import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../../src/schema/exact-number.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { createExecutorId } from '../../src/schema/executor-id.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';
import { InvalidRequestError, parseListQuery, parseSearchBody } from '../../src/schema/requests.js';

const KEYS = [
  'type', 'id', 'timestamp', 'controller_id', 'account_name', 'connector_name', 'trading_pair', 'side', 'leverage', 'level_id', 'amount', 'price',
  'execution_strategy', 'position_action', 'chaser_config', 'entry_price', 'triple_barrier_config', 'activation_bounds', 'stop_loss', 'take_profit',
  'time_limit', 'trailing_stop', 'open_order_type', 'activation_price', 'trailing_delta', 'total_amount_quote', 'total_duration', 'order_interval', 'mode', 'limit_order_buffer', 'order_resubmission_time', 'catch_up', 'amounts_quote', 'prices',
  'start_price', 'end_price', 'limit_price', 'max_open_orders', 'min_spread_between_orders', 'keep_position', 'coerce_tp_to_step', '__proto__', 'constructor', 'toString',
] as const;

const scalar = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, 0, -1, 1, 2, 1.5, Number.NaN, Number.MAX_VALUE, '', 'BUY', 'LIMIT', 'MARKET', 'BTC-USDT', '0.01', '1e9', '-0', '1e-400', 'order_executor', 'position_executor', 'twap_executor', 'grid_executor', 'MAKER', 'burst'),
  fc.double().map((number) => (Number.isFinite(number) ? new ExactNumber(String(number)) : null)),
  fc.string(),
  fc.integer().map(String),
);

const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), tie('value'), { maxKeys: 12 }),
})).value;

/** Mostly valid, so that the fuzz reaches what lies behind the first check. */
const nearlyValid = fc
  .record({
    type: fc.constantFrom('order_executor', 'position_executor', 'twap_executor', 'dca_executor', 'grid_executor', 'xemm_executor'),
    connector_name: fc.constant('paper'),
    trading_pair: fc.constant('BTC-USDT'),
    side: fc.constantFrom<unknown>('BUY', 2),
    amount: fc.constant('1'),
    execution_strategy: fc.constantFrom('LIMIT', 'MARKET'),
    price: fc.constant('1'),
    total_amount_quote: fc.constant('100'),
    total_duration: fc.constant(60),
    order_interval: fc.constant(10),
    amounts_quote: fc.constant(['1', '2']),
    prices: fc.constant(['2', '1']),
    start_price: fc.constant('1'),
    end_price: fc.constant('2'),
    coerce_tp_to_step: fc.constant(true),
  })
  .chain((valid) => fc.dictionary(fc.constantFrom(...KEYS.slice(1, -3)), anything, { maxKeys: 3 }).map((changes) => ({ ...valid, ...changes })));

const DIGITS = /^(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

function everyDecimal(value: unknown, key = ''): void {
  if (Array.isArray(value)) return value.forEach((entry) => everyDecimal(entry, key));
  if (typeof value === 'object' && value !== null) return Object.entries(value).forEach(([name, entry]) => everyDecimal(entry, name));
  if (/(Base|Quote|Fraction)$/.test(key) && value !== null) expect(value).toMatch(DIGITS);
}

describe('any input', () => {
  it.each([
    ['anything', anything],
    ['nearly valid', nearlyValid],
  ])('gives a normalised config or a typed error: %s', (_name, inputs) => {
    let accepted = 0;
    fc.assert(
      fc.property(inputs, (input) => {
        try {
          const { config } = parseExecutorConfig(input, { nowMs: 1_760_000_000_000 });
          everyDecimal(config);
          expect(config.id).toMatch(/^[A-Za-z0-9_-]{1,44}$/);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof InvalidConfigError)) throw error;
          expect(error.issues.length).toBeGreaterThan(0);
          expect(error.message.length).toBeLessThan(4_000);
        }
      }),
      { numRuns: 3_000 },
    );
    if (_name === 'nearly valid') expect(accepted).toBeGreaterThan(50);
  });

  it('gives a search request or a typed error', () => {
    fc.assert(
      fc.property(anything, (input) => {
        for (const parse of [parseSearchBody, parseListQuery]) {
          try {
            expect(parse(input).limit).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof InvalidRequestError)) throw error;
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('executor id', () => {
  it('is 43 or 44 characters of base58 and unique in its first 8', () => {
    const ids = Array.from({ length: 2_000 }, createExecutorId);
    for (const id of ids) expect(id).toMatch(/^[1-9A-HJ-NP-Za-km-z]{43,44}$/);
    expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(ids.length);
  });
});
