import type { LedgerEvent } from '../ledger/batch.js';
import type { BalanceRow } from '../matching/balances.js';
import type { Decimal } from '../matching/exact-decimal.js';
import type { Order, Trade } from '../matching/order.js';
import type { ConditionalOrder } from '../perpetual/conditional-order.js';
import type { ContractAccountChange, ContractConfigChange, MarginCall } from '../perpetual/perpetual-changes.js';

export type OrderUpdate =
  | { readonly execution: 'new' | 'amended' | 'expired' | 'rejected'; readonly order: Readonly<Order> }
  | { readonly execution: 'trade'; readonly order: Readonly<Order>; readonly trade: Trade }
  | { readonly execution: 'canceled'; readonly order: Readonly<Order>; readonly cancelClientOrderId: string };

export interface PublicTrade {
  readonly symbol: string;
  readonly tradeId: number;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  readonly buyerIsMaker: boolean;
  readonly timeMs: number;
}

/** Told after the change is durable. Must not throw and must not call the exchange back synchronously. */
export interface ExchangeListener {
  orderUpdated?(update: OrderUpdate): void;
  balancesChanged?(account: string, rows: readonly BalanceRow[], timeMs: number): void;
  traded?(trade: PublicTrade): void;
  bookChanged?(symbol: string): void;
  contractAccountChanged?(change: ContractAccountChange): void;
  contractConfigChanged?(change: ContractConfigChange): void;
  conditionalChanged?(order: Readonly<ConditionalOrder>, actual: Readonly<Order> | undefined): void;
  marginCalled?(call: MarginCall): void;
  recorded?(events: readonly LedgerEvent[]): void;
}
