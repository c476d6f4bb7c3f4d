import { ActivityFailure } from '@temporalio/workflow';
import type { BookedFunding, FundedLeg, FundedPosition, FundingRequest } from '../../src/contract/perpetual.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { FillTotalsRecord } from '../../src/contract/session-result.js';
import { decimal, exactly, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import type { DecimalString } from '../../src/contract/order-plan.js';
import { bookFunding } from './contract-calls.js';
import type { DecisionLog } from './decisions.js';
import type { AccountAddress, OwnerWatch } from './session-call.js';

/** A settlement in the sums, with what was known of each leg, by workflow id, when it was booked. */
interface Settlement extends BookedFunding {
  readonly known: ReadonlyMap<string, FillTotalsRecord>;
}

interface FoldedFunding {
  readonly quote: Decimal;
  readonly count: number;
  /** Of the last of them; 0 = none. */
  readonly throughMs: number;
}

/** What a funding book takes into the next run of its workflow: the last settlements as they stand, the sum of those before. */
export interface FundingRecord {
  readonly foldedQuote: DecimalString;
  readonly foldedCount: number;
  readonly foldedThroughMs: number;
  readonly settlements: readonly (BookedFunding & { readonly known: Readonly<Record<string, FillTotalsRecord>> })[];
}

/**
 * Funding of one executor on a perpetual. The exchange is asked for all settlements since the last one booked, so one
 * that nobody told of is booked with the next, or at the end; none is booked twice. What was held at a settlement is
 * known by the fills that were told: one that is told later has it booked again, at the end at the latest.
 */
export class FundingBook {
  private settlements: readonly Settlement[] = [];
  /** Of settlements too long ago to be booked again. */
  private folded: FoldedFunding = { quote: ZERO, count: 0, throughMs: 0 };
  private turn: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly address: AccountAddress & { readonly pair: string },
    private readonly log: DecisionLog,
    private readonly watch: OwnerWatch,
    carried: FundingRecord | null = null,
  ) {
    if (carried === null) return;
    this.folded = { quote: decimal(carried.foldedQuote), count: carried.foldedCount, throughMs: carried.foldedThroughMs };
    this.settlements = carried.settlements.map((settlement) => ({ ...settlement, known: new Map(Object.entries(settlement.known)) }));
  }

  record(most: number = LIMITS.maxCarriedSettlements): FundingRecord {
    const { folded, open } = fold(this.folded, this.settlements, most);
    return {
      foldedQuote: toDecimalString(folded.quote),
      foldedCount: folded.count,
      foldedThroughMs: folded.throughMs,
      settlements: open.map((settlement) => ({ ...settlement, known: Object.fromEntries(settlement.known) })),
    };
  }

  /** The last booking has begun: news of settlements change nothing any more, not even what is shown. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Positive: received. Negative: paid. */
  get totalQuote(): Decimal {
    return this.settlements.reduce((sum, { shareQuote }) => exactly.sum(sum, decimal(shareQuote)), this.folded.quote);
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

  /** Settlements up to that time are not booked again, whatever is told of fills of before. */
  finalise(throughMs: number): void {
    const open = this.settlements.filter(({ atMs }) => atMs > throughMs).length;
    const { folded, open: kept } = fold(this.folded, this.settlements, open);
    this.folded = { ...folded, throughMs: Math.max(folded.throughMs, throughMs) };
    this.settlements = kept;
  }

  customInfo(): Readonly<Record<string, unknown>> {
    const total = this.totalQuote;
    return { funding_fees_quote: toDecimalString(total.isZero() ? ZERO : total.negated()), funding_settlements: this.folded.count + this.settlements.filter(isPaid).length };
  }

  private async bookNow({ legs, liquidated }: FundedPosition, throughMs: number): Promise<void> {
    const firstFillAtMs = legs.reduce<number | null>((first, { totals }) => earliest(first, totals.firstFillAtMs), null);
    if (firstFillAtMs === null) return;
    const doubtful = this.settlements.find((settlement) => mayHaveChanged(settlement, legs));
    const lastAtMs = this.settlements.at(-1)?.atMs ?? Math.max(firstFillAtMs - 1, this.folded.throughMs);
    const afterMs = doubtful === undefined ? lastAtMs : doubtful.atMs - 1;
    // What is booked again is booked to the last of those that were, whatever the news was of.
    const request: FundingRequest = { pair: this.address.pair, legs, liquidated, afterMs, throughMs: Math.max(throughMs, lastAtMs) };
    if (request.throughMs <= afterMs) return;
    try {
      this.take(afterMs, await bookFunding(this.address, request, this.watch), legs);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      this.log.add('funding could not be read', { error: error.cause?.message ?? error.message });
    }
  }

  /** Everything after that time, as it is known now. */
  private take(afterMs: number, booked: readonly BookedFunding[], legs: readonly FundedLeg[]): void {
    const known = new Map(legs.map(({ path, totals }) => [path.workflowId, totals]));
    const before = new Map(this.settlements.map(({ id, shareQuote }) => [id, shareQuote]));
    this.settlements = [...this.settlements.filter(({ atMs }) => atMs <= afterMs), ...booked.map((settlement) => ({ ...settlement, known }))];
    for (const { id, heldBase, shareQuote } of booked) {
      const told = before.get(id);
      if (told === shareQuote || (told === undefined && decimal(shareQuote).isZero())) continue;
      const evidence = { quote: shareQuote, held_base: heldBase, settlement: id };
      if (told === undefined) this.log.add('funding', evidence);
      else this.log.add('funding corrected', { ...evidence, before_quote: told });
    }
    const { folded, open } = fold(this.folded, this.settlements, LIMITS.maxOpenSettlements);
    this.folded = folded;
    this.settlements = open;
  }
}

/** Keeps the latest settlements open, and only the sum of those before. */
function fold(folded: FoldedFunding, settlements: readonly Settlement[], most: number): { readonly folded: FoldedFunding; readonly open: readonly Settlement[] } {
  const old = settlements.slice(0, Math.max(settlements.length - most, 0));
  const quote = old.reduce((sum, { shareQuote }) => exactly.sum(sum, decimal(shareQuote)), folded.quote);
  return { folded: { quote, count: folded.count + old.filter(isPaid).length, throughMs: old.at(-1)?.atMs ?? folded.throughMs }, open: settlements.slice(old.length) };
}

/** A leg has told of fills since, and they may have been before the settlement. */
function mayHaveChanged({ atMs, known }: Settlement, legs: readonly FundedLeg[]): boolean {
  return legs.some(({ path, totals }) => {
    const then = known.get(path.workflowId);
    if (totals.fillCount === (then?.fillCount ?? 0)) return false;
    // With a fill after the settlement the exchange's own trades were read, up to it.
    if (then !== undefined && then.lastFillAtMs !== null && then.lastFillAtMs > atMs) return false;
    return (then?.fillCount ?? 0) > 0 || totals.firstFillAtMs === null || totals.firstFillAtMs <= atMs;
  });
}

function isPaid({ shareQuote }: BookedFunding): boolean {
  return !decimal(shareQuote).isZero();
}

function earliest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}
