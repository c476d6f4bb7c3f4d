import type { Level } from '../matching/external-book.js';
import type { BalanceRow } from '../matching/balances.js';
import type { Order, Side, Trade } from '../matching/order.js';

export type EventKind =
  | 'order-new'
  | 'order-triggered'
  | 'order-trade'
  | 'order-canceled'
  | 'order-expired'
  | 'order-rejected'
  | 'order-amended'
  | 'conditional-new'
  | 'conditional-triggered'
  | 'conditional-ended'
  | 'leverage-set'
  | 'margin-mode-set'
  | 'position-mode-set'
  | 'contract-set'
  | 'funding'
  | 'liquidation'
  | 'perpetual-deposit'
  | 'perpetual-withdrawal'
  | 'deposit'
  | 'withdrawal'
  | 'book-set'
  | 'print'
  | 'fees-set'
  | 'rules-set'
  | 'manual-set'
  | 'retention-set'
  | 'feed-changed'
  | 'fault-armed'
  | 'fault-hit'
  | 'fault-cleared'
  | 'started';

/** One line of the exchange's history. `data` is JSON; amounts in it are decimal strings. */
export interface LedgerEvent {
  readonly sequence: number;
  readonly timeMs: number;
  readonly kind: EventKind;
  readonly account?: string;
  readonly symbol?: string;
  readonly orderId?: number;
  readonly clientOrderId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface LedgerRow {
  readonly sql: string;
  readonly values: readonly (string | number | null)[];
}

export interface UsedLevel {
  readonly symbol: string;
  readonly side: Side;
  readonly level: Level;
}

/** Everything one matching event changed; written in one transaction. */
export interface Batch {
  readonly orders: Set<Order>;
  readonly trades: Trade[];
  balances: readonly BalanceRow[];
  readonly usedLevels: UsedLevel[];
  readonly settings: Map<string, string>;
  readonly newAccounts: string[];
  readonly renewedSymbols: string[];
  /** Rows of tables that only one market has, written in this order. */
  readonly rows: LedgerRow[];
  readonly events: LedgerEvent[];
}
