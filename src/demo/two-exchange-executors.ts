import type { DemoExecutor } from './demo-executors.js';
import { TIME_LIMIT_SECONDS } from './demo-executors.js';

export const TWO_EXCHANGE_DEMOS = ['xemm', 'arbitrage'] as const;
export type TwoExchangeDemo = (typeof TWO_EXCHANGE_DEMOS)[number];

/**
 * How the second exchange differs from the first: dearer by a little more than the fees of both legs, 0.1 % each, and
 * later, so that the spread between the two moves with the market.
 */
export const SECOND_EXCHANGE = { priceOffset: '0.0023', feedDelayMs: 500 } as const;

/** Buys on the first exchange what it sells on the second. */
export function twoExchangeExecutors(demos: readonly TwoExchangeDemo[], first: string, second: string): readonly DemoExecutor[] {
  const markets = { buying_market: { connector_name: first, trading_pair: 'BTC-USDT' }, selling_market: { connector_name: second, trading_pair: 'BTC-USDT' } };
  const all: Readonly<Record<TwoExchangeDemo, DemoExecutor>> = {
    xemm: {
      name: 'xemm',
      sentence: `rests a bid for 0.05 BTC on ${first}, priced by the book of ${second}, and sells there what it fills`,
      config: { type: 'xemm_executor', ...markets, maker_side: 'BUY', order_amount: '0.05', min_profitability: '0.0001', target_profitability: '0.0003', max_profitability: '0.001', time_limit: TIME_LIMIT_SECONDS },
    },
    arbitrage: {
      name: 'arbitrage',
      sentence: `buys 0.05 BTC on ${first} and sells it on ${second} as soon as that leaves more than 0.03 % after fees`,
      config: { type: 'arbitrage_executor', ...markets, order_amount: '0.05', min_profitability: '0.0003', time_limit: TIME_LIMIT_SECONDS },
    },
  };
  return demos.map((demo) => all[demo]);
}
