import { PAPER_CONNECTOR, PAPER_PERPETUAL_CONNECTOR, SECOND_PAPER_CONNECTOR } from '../../src/stack/executors-configuration.js';

/** A market of the run. */
export interface TradedPair {
  readonly contract: 'spot' | 'perpetual';
  readonly connector: string;
  readonly pair: string;
  /** As the control API names it: perpetuals carry a suffix. */
  readonly symbol: string;
  /** Where new orders go, and where they are canceled. */
  readonly orderRoute: string;
  readonly startTicks: number;
  /** Digits behind the point of a price of one tick. */
  readonly priceDigits: number;
  /** Typical size of a level, in lots. */
  readonly levelLots: number;
  /** Digits behind the point of an amount of one lot. */
  readonly amountDigits: number;
}

const SPOT = { contract: 'spot', connector: PAPER_CONNECTOR, orderRoute: '/api/v3/order', priceDigits: 2, amountDigits: 5 } as const;
const PERPETUAL = { contract: 'perpetual', connector: PAPER_PERPETUAL_CONNECTOR, orderRoute: '/fapi/v1/order', amountDigits: 3 } as const;

export const SPOT_PAIRS: readonly TradedPair[] = [
  { ...SPOT, pair: 'BTC-USDT', symbol: 'BTCUSDT', startTicks: 6_000_000, levelLots: 1_500 },
  { ...SPOT, pair: 'ETH-USDT', symbol: 'ETHUSDT', startTicks: 300_000, levelLots: 30_000 },
];

/** The same on the second exchange. */
export const SECOND_SPOT_PAIRS: readonly TradedPair[] = SPOT_PAIRS.map((traded) => ({ ...traded, connector: SECOND_PAPER_CONNECTOR }));

export const PERPETUAL_PAIRS: readonly TradedPair[] = [
  { ...PERPETUAL, pair: 'BTC-USDT', symbol: 'BTCUSDT_PERP', startTicks: 600_000, priceDigits: 1, levelLots: 20 },
  { ...PERPETUAL, pair: 'ETH-USDT', symbol: 'ETHUSDT_PERP', startTicks: 300_000, priceDigits: 2, levelLots: 300 },
];

export const TRADED_PAIRS: readonly TradedPair[] = [...SPOT_PAIRS, ...PERPETUAL_PAIRS];

/** Quote, from whole ticks. */
export function price({ priceDigits }: TradedPair, ticks: number): string {
  return (ticks / 10 ** priceDigits).toFixed(priceDigits);
}

/** Base, from lots; at least one. */
export function lots({ amountDigits }: TradedPair, count: number): string {
  return (Math.max(1, Math.round(count)) / 10 ** amountDigits).toFixed(amountDigits);
}
