import type { Decimal } from '../domain/money.js';

/** Tag under which everything of the demo is filed. */
export const DEMO_CONTROLLER = 'demo';
/** Upper bound of the position, and with it of the demo. */
export const TIME_LIMIT_SECONDS = 60;
/** How far below the market the limit order waits. */
const LIMIT_DISTANCE = '0.0004';

export interface DemoExecutor {
  /** What it is, in a word or two. */
  readonly name: string;
  /** One sentence for the person watching. */
  readonly sentence: string;
  /** `executor_config` of the request, by the names of the wire. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The three executors of the demo, the position first. Barriers are fractions of the P&L net of the fees paid so far: with
 * 0.1 % fees a side, the price has to move 0.28 % for the take profit, of which the closing fee leaves 0.08 %, and 0.2 %
 * the other way for the stop loss.
 */
export function demoExecutors(connector: string, limitBidQuote: Decimal): readonly DemoExecutor[] {
  const price = limitBidQuote.minus(limitBidQuote.times(LIMIT_DISTANCE)).toDecimalPlaces(2);
  return [
    {
      name: 'position',
      sentence: `sells 0.02 BTC and buys it back by take profit, stop loss, trailing stop or after ${TIME_LIMIT_SECONDS} s`,
      config: {
        type: 'position_executor',
        connector_name: connector,
        trading_pair: 'BTC-USDT',
        side: 'SELL',
        amount: '0.02',
        triple_barrier_config: {
          take_profit: '0.0018',
          stop_loss: '0.003',
          time_limit: TIME_LIMIT_SECONDS,
          trailing_stop: { activation_price: '0.0012', trailing_delta: '0.0005' },
          open_order_type: 'MARKET',
        },
      },
    },
    {
      name: 'market order',
      sentence: 'buys 0.01 BTC at once',
      config: { type: 'order_executor', connector_name: connector, trading_pair: 'BTC-USDT', side: 'BUY', amount: '0.01', execution_strategy: 'MARKET' },
    },
    {
      name: 'limit order',
      sentence: `buys 0.2 ETH when it can be had for ${price.toFixed()}; stopped with the position if it waits that long`,
      config: { type: 'order_executor', connector_name: connector, trading_pair: 'ETH-USDT', side: 'BUY', amount: '0.2', execution_strategy: 'LIMIT', price: price.toFixed() },
    },
  ];
}
