import type { Decimal } from '../matching/exact-decimal.js';
import type { Fee } from '../matching/fees.js';
import type { Order } from '../matching/order.js';
import type { ContractTradeDetails } from '../perpetual/contract.js';
import type { Fill } from './execution.js';
import type { UnitOfWork } from './unit-of-work.js';

/** What a pair that is a contract does in place of, or after, what a spot pair does. */
export interface ContractHooks {
  /** Settles a fill against margin and position and advances the order. */
  settle(work: UnitOfWork, fill: Fill): { readonly fee: Fee; readonly details: ContractTradeDetails };
  /** The fill is written down and the order is off the book if it is complete. */
  filled(work: UnitOfWork, order: Order): void;
  /** An order ended without being filled. */
  closed(work: UnitOfWork, order: Order): void;
  /** A price somebody traded at. */
  observe(priceQuote: Decimal): void;
  /** The market moved and everything it fills is filled: what waits for prices has its turn. */
  moved(work: UnitOfWork): void;
}
