import type { Decimal } from '../matching/exact-decimal.js';

export type IncomeType = 'TRANSFER' | 'REALIZED_PNL' | 'FUNDING_FEE' | 'COMMISSION' | 'INSURANCE_CLEAR';

/** One change of a wallet and its reason. The sum of an account's incomes is its wallet. */
export interface Income {
  readonly account: string;
  /** Contract it belongs to; undefined for transfers. */
  readonly symbol: string | undefined;
  readonly type: IncomeType;
  readonly amount: Decimal;
  readonly asset: string;
  readonly tradeId: number | undefined;
}

export interface StoredIncome extends Income {
  readonly incomeId: number;
  readonly timeMs: number;
}
