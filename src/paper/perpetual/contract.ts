import type { Decimal } from '../matching/exact-decimal.js';
import type { LeverageBracket } from './leverage-brackets.js';

export type PositionSide = 'both' | 'long' | 'short';
export type MarginMode = 'cross' | 'isolated';

/** What a linear perpetual has beyond the rules of a pair. Its amounts are in base, one contract is one base unit. */
export interface Contract {
  /** The exchange's own name, `BTCUSDT_PERP`. */
  readonly symbol: string;
  /** The name on the wire, `BTCUSDT`. */
  readonly wireSymbol: string;
  readonly settleAsset: string;
  readonly brackets: readonly LeverageBracket[];
  /** Fraction of the notional that a liquidation costs, as far as margin is left. */
  readonly liquidationFeeRate: Decimal;
  readonly defaultLeverage: number;
}

/** What an order on a contract carries beyond a spot order. */
export interface ContractTerms {
  readonly positionSide: PositionSide;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly origin: 'customer' | 'conditional' | 'liquidation';
}

/** What a trade on a contract did to the position. */
export interface ContractTradeDetails {
  readonly positionSide: PositionSide;
  readonly realizedQuote: Decimal;
}

export interface LeverageTerms {
  readonly leverage: number;
  readonly marginMode: MarginMode;
}
