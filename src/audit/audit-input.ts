import type { ControllerState } from '../contract/controller.js';
import type { ExecutorReport } from '../contract/report.js';
import type { Side } from '../domain/enumerations.js';

/** One order as the exchange's own ledger has it. Amounts are decimal strings, times Unix ms. */
export interface LedgerOrder {
  readonly orderId: number;
  readonly account: string;
  /** The exchange's name of the pair: `BTCUSDT`. */
  readonly symbol: string;
  /** As the exchange itself numbers it, where ledgers of several are joined. */
  readonly exchangeOrderId?: string;
  readonly clientOrderId: string;
  readonly side: 'buy' | 'sell';
  readonly amountBase: string;
  readonly filledBase: string;
  readonly state: 'new' | 'partially_filled' | 'filled' | 'canceled' | 'expired' | 'rejected';
  readonly lockedAsset: string;
  readonly locked: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface LedgerTrade {
  readonly tradeId: number;
  readonly orderId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: 'buy' | 'sell';
  readonly priceQuote: string;
  readonly amountBase: string;
  readonly feeAsset: string;
  readonly feeAmount: string;
  readonly timeMs: number;
}

export interface LedgerBalance {
  readonly account: string;
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
}

export interface LedgerTransfer {
  readonly kind: 'deposit' | 'withdrawal';
  readonly account: string;
  readonly asset: string;
  readonly amount: string;
}

export interface LedgerIncome {
  readonly account: string;
  /** Null for transfers. */
  readonly symbol: string | null;
  readonly type: string;
  readonly amount: string;
  readonly asset: string;
  readonly timeMs: number;
}

/** What the exchange keeps of perpetuals beside orders and trades. */
export interface PerpetualLedger {
  readonly positions: readonly { readonly account: string; readonly symbol: string; readonly amountBase: string }[];
  readonly wallets: readonly { readonly account: string; readonly asset: string; readonly balance: string }[];
  /** Everything that ever moved a wallet. */
  readonly incomes: readonly LedgerIncome[];
}

/** Everything the exchange knows, read in one moment of rest. */
export interface ExchangeLedger {
  readonly orders: readonly LedgerOrder[];
  readonly trades: readonly LedgerTrade[];
  readonly balances: readonly LedgerBalance[];
  readonly transfers: readonly LedgerTransfer[];
  readonly perpetual: PerpetualLedger;
}

export interface AuditedMarket {
  readonly contract: 'spot' | 'perpetual';
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly amountStepBase: string;
  readonly minAmountBase: string;
  readonly minNotionalQuote: string;
}

/** `missing`: it does not run and left no report. */
export type AuditedEnd = { readonly kind: 'running' } | { readonly kind: 'closed'; readonly report: ExecutorReport } | { readonly kind: 'missing' };

/** Symbols of an executor that buys on one market and sells on another. */
export interface TradedMarkets {
  readonly buying: string;
  readonly selling: string;
}

/** An executor as it was started, and how it stands. */
export interface AuditedExecutor {
  readonly id: string;
  readonly type: 'order_executor' | 'position_executor' | 'twap_executor' | 'dca_executor' | 'grid_executor' | 'xemm_executor' | 'arbitrage_executor';
  readonly createdAtMs: number;
  readonly side: Side;
  /** At most this is to be entered; null for a budget in quote, which bounds no base. */
  readonly amountBase: string | null;
  /** Of one that buys on one market and sells on another. */
  readonly markets?: TradedMarkets;
  readonly end: AuditedEnd;
}

export interface AuditInput {
  readonly ledger: ExchangeLedger;
  readonly markets: readonly AuditedMarket[];
  /** Every executor that was ever started on the audited accounts. */
  readonly executors: readonly AuditedExecutor[];
  readonly controllers: readonly ControllerState[];
}
