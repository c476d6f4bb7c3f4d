import type { Decimal } from '../matching/exact-decimal.js';
import type { LeverageTerms, PositionSide } from './contract.js';
import type { Position } from './position.js';

/** Why an account changed, in Binance's words. */
export type AccountReason = 'ORDER' | 'FUNDING_FEE' | 'DEPOSIT' | 'WITHDRAW' | 'INSURANCE_CLEAR' | 'MARGIN_TYPE_CHANGE';

export interface PositionReference {
  readonly symbol: string;
  readonly positionSide: PositionSide;
}

/** A position with the prices and settings it is shown with. */
export interface PositionView extends LeverageTerms {
  readonly position: Position;
  readonly markQuote: Decimal;
}

export interface ContractAccountChange {
  readonly account: string;
  readonly reason: AccountReason;
  readonly asset: string;
  readonly walletQuote: Decimal;
  readonly crossWalletQuote: Decimal;
  readonly positions: readonly PositionView[];
  readonly timeMs: number;
}

/** Leverage was set for a contract. */
export interface ContractConfigChange {
  readonly account: string;
  readonly symbol: string;
  readonly leverage: number;
  readonly timeMs: number;
}

/** Positions are close to being taken over. */
export interface MarginCall {
  readonly account: string;
  readonly crossWalletQuote: Decimal;
  readonly positions: readonly (PositionView & { readonly maintenanceQuote: Decimal })[];
  readonly timeMs: number;
}
