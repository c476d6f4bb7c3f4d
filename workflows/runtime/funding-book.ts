import { ActivityFailure } from '@temporalio/workflow';
import type { FundedLeg, FundingRequest, LiquidatedPart } from '../../src/contract/perpetual.js';
import { decimal, exactly, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import { bookFunding } from './contract-calls.js';
import type { DecisionLog } from './decisions.js';
import type { AccountAddress, OwnerWatch } from './session-call.js';

/** What moved the position of an executor, as far as it is known. */
export interface FundedPosition {
  readonly legs: readonly FundedLeg[];
  readonly liquidated: readonly LiquidatedPart[];
}

/** What a funding book takes into the next run of its workflow. */
export interface FundingRecord {
  readonly totalQuote: string;
  readonly count: number;
  readonly bookedThroughMs: number | null;
}

/**
 * Funding of one executor on a perpetual. The exchange is asked for all settlements since the last one booked, so one
 * that nobody told of is booked with the next, or at the end; none is booked twice.
 */
export class FundingBook {
  private total = ZERO;
  private count = 0;
  private bookedThroughMs: number | null = null;
  private turn: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly address: AccountAddress & { readonly pair: string },
    private readonly log: DecisionLog,
    private readonly watch: OwnerWatch,
    carried: FundingRecord | null = null,
  ) {
    if (carried === null) return;
    this.total = decimal(carried.totalQuote);
    this.count = carried.count;
    this.bookedThroughMs = carried.bookedThroughMs;
  }

  record(): FundingRecord {
    return { totalQuote: toDecimalString(this.total), count: this.count, bookedThroughMs: this.bookedThroughMs };
  }

  /** The last booking has begun: news of settlements change nothing any more, not even what is shown. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Positive: received. Negative: paid. */
  get totalQuote(): Decimal {
    return this.total;
  }

  /** Books up to that time, Unix ms; what cannot be read now is read with the next one. */
  async book(position: () => FundedPosition, throughMs: number): Promise<void> {
    if (this.isClosed) return;
    this.turn = this.turn.then(() => this.bookNow(position(), throughMs));
    await this.turn;
  }

  /** Books for the last time: what is settled after the executor closed is not in its sums, whoever tells of it. */
  async close(position: () => FundedPosition, closedAtMs: number): Promise<void> {
    const last = this.book(position, closedAtMs);
    this.isClosed = true;
    await last;
  }

  customInfo(): Readonly<Record<string, unknown>> {
    return { funding_fees_quote: toDecimalString(this.total.isZero() ? ZERO : this.total.negated()), funding_settlements: this.count };
  }

  private async bookNow({ legs, liquidated }: FundedPosition, throughMs: number): Promise<void> {
    const firstFillAtMs = legs.reduce<number | null>((first, { totals }) => earliest(first, totals.firstFillAtMs), null);
    if (firstFillAtMs === null) return;
    const afterMs = this.bookedThroughMs ?? firstFillAtMs - 1;
    if (throughMs <= afterMs) return;
    const request: FundingRequest = { pair: this.address.pair, legs, liquidated, afterMs, throughMs };
    try {
      for (const { id, atMs, heldBase, shareQuote } of await bookFunding(this.address, request, this.watch)) {
        this.total = exactly.sum(this.total, decimal(shareQuote));
        this.count += 1;
        this.bookedThroughMs = Math.max(this.bookedThroughMs ?? 0, atMs);
        this.log.add('funding', { quote: shareQuote, held_base: heldBase, settlement: id });
      }
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      this.log.add('funding could not be read', { error: error.cause?.message ?? error.message });
    }
  }
}

function earliest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}
