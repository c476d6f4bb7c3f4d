import { expect, it } from 'vitest';
import { wireConfig } from '../../src/contract/wire-config.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';

const context = { nowMs: 1_760_000_000_000 };
const ARBITRAGE = {
  type: 'arbitrage_executor',
  id: 'spread',
  buying_market: { connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT' },
  selling_market: { connector_name: 'kucoin_paper_trade', trading_pair: 'BTC-USDT', account_name: 'desk' },
  order_amount: 0.1,
  min_profitability: '0.0020',
};

it('is normalised, with every default filled in, and read from its own report as it was', () => {
  const { config, warnings } = parseExecutorConfig(ARBITRAGE, context);
  expect(config).toEqual({
    type: 'arbitrage_executor',
    id: 'spread',
    createdAtMs: context.nowMs,
    controllerId: 'main',
    account: 'master_account',
    connector: 'binance_paper_trade',
    pair: 'BTC-USDT',
    levelId: null,
    leverage: 1,
    side: 'BUY',
    selling: { connector: 'kucoin_paper_trade', account: 'desk', pair: 'BTC-USDT' },
    amountBase: '0.1',
    minProfitabilityFraction: '0.002',
    onFailedLeg: 'unwind',
    timeLimitSeconds: null,
  });
  expect(warnings).toEqual([]);
  expect(parseExecutorConfig(wireConfig(config), { nowMs: 1 })).toMatchObject({ config, warnings: [] });
});

it('takes the policy in any case, and says what a field of the reference does not do here', () => {
  const { config, warnings } = parseExecutorConfig({ ...ARBITRAGE, on_failed_leg: 'HAND_OVER', gas_conversion_price: 3000, time_limit: '60' }, context);
  expect(config).toMatchObject({ onFailedLeg: 'hand_over', timeLimitSeconds: 60 });
  expect(warnings).toEqual(['gas_conversion_price: is ignored: both markets are order books']);
});

it.each<[string, object, string]>([
  ['one market twice', { selling_market: ARBITRAGE.buying_market }, 'selling_market'],
  ['two assets', { selling_market: { connector_name: 'kucoin_paper_trade', trading_pair: 'ETH-USDT' } }, 'selling_market.trading_pair'],
  ['another policy', { on_failed_leg: 'hope' }, 'on_failed_leg'],
  ['a negative minimum', { min_profitability: '-0.1' }, 'min_profitability'],
  ['no amount', { order_amount: undefined }, 'order_amount'],
])('refuses %s', (_what, change, field) => {
  try {
    parseExecutorConfig({ ...ARBITRAGE, ...change }, context);
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return expect(error.issues.map((issue) => issue.field)).toContain(field);
  }
  throw new Error('the config was accepted');
});
