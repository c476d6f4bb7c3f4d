import type { Side } from '../domain/enumerations.js';
import type { DecimalString, OrderPath } from './order-plan.js';
import type { FillTotalsRecord } from './session-result.js';

/** What an executor asks of its account before its first order on a perpetual. */
export interface ContractRequest {
  /** Executor that asks. */
  readonly rootId: string;
  readonly pair: string;
  readonly leverage: number;
}

/** How the account stands on that pair from now on. */
export interface ContractSetting {
  /** Read, never changed. */
  readonly positionMode: 'oneway' | 'hedge';
  readonly leverage: number;
  /** As it stood before. */
  readonly leverageBefore: number;
}

/** One order session of an executor: whose fills moved its position. */
export interface FundedLeg {
  readonly path: OrderPath;
  readonly side: Side;
  readonly totals: FillTotalsRecord;
}

/** A part of the position that the exchange itself closed. */
export interface LiquidatedPart {
  readonly side: Side;
  readonly amountBase: DecimalString;
  readonly atMs: number;
}

/** What moved the position of an executor, as far as it is known. */
export interface FundedPosition {
  readonly legs: readonly FundedLeg[];
  /** They are in the totals of a leg too. */
  readonly liquidated: readonly LiquidatedPart[];
}

export interface FundingRequest extends FundedPosition {
  readonly pair: string;
  /** Settlements after this and up to `throughMs`, Unix ms. */
  readonly afterMs: number;
  readonly throughMs: number;
}

/** The executor's share of one settlement. */
export interface BookedFunding {
  readonly id: string;
  readonly atMs: number;
  /** Held by the executor at that moment; negative for a short. */
  readonly heldBase: DecimalString;
  /** Positive: received. Negative: paid. */
  readonly shareQuote: DecimalString;
}

/** Run on the account's command queue, by the owner only. */
export interface PerpetualActivities {
  /** Reads the position mode and sets the leverage. Throws LEVERAGE_CONFLICT, not retryable, when another executor needs another one. */
  openContract(request: ContractRequest): Promise<ContractSetting>;
  /** What an executor received and paid in a time, settlement by settlement, oldest first; also those it held nothing at. */
  bookFunding(request: FundingRequest): Promise<readonly BookedFunding[]>;
}
