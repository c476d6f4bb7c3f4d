/** The eight executor types, with what a caller needs to choose one. */
export interface ExecutorTypeDescription {
  readonly type: string;
  readonly available: boolean;
  readonly description: string;
  readonly use_case: string;
}

export const EXECUTOR_TYPE_DESCRIPTIONS: readonly ExecutorTypeDescription[] = [
  {
    type: 'position_executor',
    available: true,
    description: 'Opens a position and closes it by take profit, stop loss, trailing stop or time limit.',
    use_case: 'A directional trade with its exits decided in advance.',
  },
  {
    type: 'order_executor',
    available: true,
    description: 'Brings one order to its end: market, limit or post-only limit.',
    use_case: 'Buy or sell an amount and keep what was filled under the tag of the controller.',
  },
  {
    type: 'grid_executor',
    available: true,
    description: 'Buys and sells on price levels inside a range.',
    use_case: 'A market that moves sideways.',
  },
  {
    type: 'dca_executor',
    available: true,
    description: 'Enters in several steps at set prices, with one exit for all.',
    use_case: 'Building a position while the price moves against it.',
  },
  {
    type: 'twap_executor',
    available: true,
    description: 'Trades a budget in equal slices over time, at market or resting near mid.',
    use_case: 'A large order with little market impact.',
  },
  {
    type: 'xemm_executor',
    available: true,
    description: 'Quotes on one market and hedges each fill on another.',
    use_case: 'Market making against a more liquid venue.',
  },
  {
    type: 'arbitrage_executor',
    available: true,
    description: 'Buys on one market and sells on another when the difference pays.',
    use_case: 'A price difference between two venues.',
  },
  {
    type: 'lp_executor',
    available: false,
    description: 'Provides liquidity in a price range of a pool.',
    use_case: 'Earning pool fees in a chosen range.',
  },
];

export const EXECUTOR_TYPE_NAMES: readonly string[] = EXECUTOR_TYPE_DESCRIPTIONS.map((entry) => entry.type);
export const AVAILABLE_EXECUTOR_TYPES: readonly string[] = EXECUTOR_TYPE_DESCRIPTIONS.filter((entry) => entry.available).map((entry) => entry.type);
