import type { Decimal } from '../domain/money.js';

/** Tag under which everything of the demo is filed. */
export const DEMO_CONTROLLER = 'demo';
/** Upper bound of the position, and with it of the demo. */
export const TIME_LIMIT_SECONDS = 60;
/** How far below the market the limit order waits. */
const LIMIT_DISTANCE = '0.0004';
/** Edges of the grid around the market. */
const GRID_BELOW = '0.0024';
const GRID_ABOVE = '0.0006';

export interface DemoExecutor {
  /** What it is, in a word or two. */
  readonly name: string;
  /** One sentence for the person watching. */
  readonly sentence: string;
  /** `executor_config` of the request, by the names of the wire. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The executors of the demo, the position first. Barriers are fractions of the P&L net of the fees paid so far: with
 * 0.1 % fees a side, the price has to move 0.28 % for the take profit, of which the closing fee leaves 0.08 %, and 0.2 %
 * the other way for the stop loss. A round trip of the grid earns 0.05 % after its fees.
 */
export function demoExecutors(connector: string, limitBidQuote: Decimal): readonly DemoExecutor[] {
  const away = (fraction: string): string => limitBidQuote.plus(limitBidQuote.times(fraction)).toDecimalPlaces(2).toFixed();
  const price = away(`-${LIMIT_DISTANCE}`);
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
      sentence: `buys 0.2 ETH when it can be had for ${price}; stopped with the position if it waits that long`,
      config: { type: 'order_executor', connector_name: connector, trading_pair: 'ETH-USDT', side: 'BUY', amount: '0.2', execution_strategy: 'LIMIT', price },
    },
    {
      name: 'grid',
      sentence: 'buys ETH on six levels around the market and sells each 0.25 % higher, again and again; stopped with the position',
      config: {
        type: 'grid_executor',
        connector_name: connector,
        trading_pair: 'ETH-USDT',
        side: 'BUY',
        start_price: away(`-${GRID_BELOW}`),
        end_price: away(GRID_ABOVE),
        total_amount_quote: '3000',
        min_spread_between_orders: '0.0005',
        min_order_amount_quote: '400',
        max_open_orders: 6,
        triple_barrier_config: { take_profit: '0.0025', stop_loss: '0.02', time_limit: TIME_LIMIT_SECONDS },
      },
    },
  ];
}
