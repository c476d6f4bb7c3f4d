import { describe, expect, it } from 'vitest';
import { wireConfig } from '../../src/contract/wire-config.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';

const context = { nowMs: 1_760_000_000_000 };
const XEMM = {
  type: 'xemm_executor',
  id: 'cross',
  buying_market: { connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT' },
  selling_market: { connector_name: 'kucoin_paper_trade', trading_pair: 'WBTC-USDC' },
  maker_side: 1,
  order_amount: '0.10',
  min_profitability: '0.001',
  target_profitability: 0.002,
  max_profitability: '0.004',
};

function issues(raw: unknown): readonly string[] {
  try {
    parseExecutorConfig(raw, context);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.issues.map(({ field, value, rule }) => `${field}: ${value} ${rule}`);
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('xemm_executor config', () => {
  it('names the maker market by its side, with every default filled in', () => {
    const { config, warnings } = parseExecutorConfig(XEMM, context);
    expect(config).toEqual({
      type: 'xemm_executor',
      id: 'cross',
      createdAtMs: context.nowMs,
      controllerId: 'main',
      account: 'master_account',
      connector: 'binance_paper_trade',
      pair: 'BTC-USDT',
      levelId: null,
      leverage: 1,
      side: 'BUY',
      hedge: { connector: 'kucoin_paper_trade', account: 'master_account', pair: 'WBTC-USDC' },
      amountBase: '0.1',
      minProfitabilityFraction: '0.001',
      targetProfitabilityFraction: '0.002',
      maxProfitabilityFraction: '0.004',
      timeLimitSeconds: null,
    });
    expect(warnings).toEqual([]);
  });

  it('that sells rests on the other market, and each market may have an account of its own', () => {
    const { config } = parseExecutorConfig({ ...XEMM, maker_side: 'sell', selling_market: { ...XEMM.selling_market, account_name: 'desk' }, time_limit: 60 }, { ...context, accountName: 'fund' });
    expect(config).toMatchObject({ side: 'SELL', connector: 'kucoin_paper_trade', account: 'desk', hedge: { connector: 'binance_paper_trade', account: 'fund', pair: 'BTC-USDT' }, timeLimitSeconds: 60 });
  });

  it('is read from its own report as it was', () => {
    for (const maker_side of ['BUY', 'SELL']) {
      const { config } = parseExecutorConfig({ ...XEMM, maker_side }, context);
      expect(parseExecutorConfig(wireConfig(config), { nowMs: 1, accountName: config.account })).toMatchObject({ config, warnings: [] });
    }
  });

  it.each<[string, object, string]>([
    ['one market twice', { selling_market: XEMM.buying_market }, 'selling_market: '],
    ['two assets that are not the same', { selling_market: { connector_name: 'kucoin_paper_trade', trading_pair: 'ETH-USDT' } }, 'selling_market.trading_pair: "ETH-USDT" must have the base of buying_market, BTC'],
    ['a target that is not above the minimum', { target_profitability: '0.001' }, 'target_profitability: "0.001" must be above min_profitability 0.001'],
    ['a maximum that is not above the target', { max_profitability: '0.002' }, 'max_profitability: "0.002" must be above target_profitability 0.002'],
    ['a market without a pair', { buying_market: { connector_name: 'binance_paper_trade' } }, 'buying_market.trading_pair: (missing) is required'],
    ['a misspelt market', { buying_market: undefined }, 'buying_market: '],
    ['no amount', { order_amount: 0 }, 'order_amount: 0 must be'],
    ['percent for a fraction', { min_profitability: 2 }, 'min_profitability: 2 must be a fraction from 0 and below 1'],
    ['no side', { maker_side: 'RANGE' }, 'maker_side: "RANGE" must be'],
  ])('refuses %s', (_what, change, expected) => {
    expect(issues({ ...XEMM, ...change }).some((issue) => issue.startsWith(expected))).toBe(true);
  });

  it('warns of a field it does not know', () => {
    expect(parseExecutorConfig({ ...XEMM, min_profitabilty: 1 }, context).warnings).toEqual(['min_profitabilty: is unknown and ignored; did you mean min_profitability?']);
  });
});
