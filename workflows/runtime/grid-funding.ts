import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import type { LevelTold } from '../../src/contract/messages.js';
import type { FundedLeg, FundedPosition } from '../../src/contract/perpetual.js';
import type { Side } from '../../src/domain/enumerations.js';
import { LIMITS } from '../../src/domain/limits.js';
import { decimal, exactly, toDecimalString, type Decimal } from '../../src/domain/money.js';
import type { DecisionLog } from './decisions.js';
import { FundingBook, type FundingRecord } from './funding-book.js';
import { pathOf } from './order-planning.js';
import type { OwnerWatch } from './session-call.js';

interface Trip {
  readonly funded: FundedPosition;
  readonly ended: boolean;
}

/** What the funding of a grid takes into the next run of its workflow. */
export interface GridFundingRecord {
  readonly book: FundingRecord;
  readonly trips: readonly (readonly [string, Trip])[];
  /** Of round trips too long ago to be kept one by one: what they left, below 0 for a short. */
  readonly foldedBase: string;
  readonly foldedThroughMs: number;
}

/** A fill may be told, and a settlement listed, so long after it happened. */
const SETTLED_AFTER_MS = 60_000;
/** Each of them names what was known of every leg. */
const CARRIED_SETTLEMENTS = 2;

/**
 * Funding of a grid on a perpetual: booked once for the net of all its levels and its exits, since what one level leaves
 * open another order closes. Round trips that are over are folded into what they left; settlements of before that are final then.
 */
export class GridFunding {
  private readonly book: FundingBook;
  private readonly trips: Map<string, Trip>;
  private foldedBase: Decimal;
  private foldedThroughMs: number;

  constructor(private readonly config: GridExecutorConfig, log: DecisionLog, watch: OwnerWatch, carried: GridFundingRecord | null) {
    this.book = new FundingBook(config, log, watch, carried?.book ?? null);
    this.trips = new Map(carried?.trips ?? []);
    this.foldedBase = decimal(carried?.foldedBase ?? '0');
    this.foldedThroughMs = carried?.foldedThroughMs ?? 0;
  }

  /** Positive: received. Negative: paid. */
  get totalQuote(): Decimal {
    return this.book.totalQuote;
  }

  get closed(): boolean {
    return this.book.closed;
  }

  customInfo(): Readonly<Record<string, unknown>> {
    return this.book.customInfo();
  }

  /** What a level told of its legs; true when so many round trips are kept that they should be folded. */
  hear({ levelIndex, cycle, funded, ended }: LevelTold): boolean {
    if (funded === null || funded.legs.every(({ totals }) => totals.fillCount === 0)) return false;
    this.trips.set(`L${levelIndex}/${cycle}`, { funded, ended: ended !== null });
    return this.trips.size > LIMITS.maxFundedTrips;
  }

  async bookThrough(exits: FundedPosition, throughMs: number): Promise<void> {
    await this.book.book(() => this.position(exits), throughMs);
    this.fold(throughMs - SETTLED_AFTER_MS);
  }

  async close(exits: FundedPosition, closedAtMs: number): Promise<void> {
    await this.book.close(() => this.position(exits), closedAtMs);
  }

  record(): GridFundingRecord {
    return { book: this.book.record(CARRIED_SETTLEMENTS), trips: [...this.trips], foldedBase: toDecimalString(this.foldedBase), foldedThroughMs: this.foldedThroughMs };
  }

  private position(exits: FundedPosition): FundedPosition {
    const trips = [...this.trips.values()];
    return { legs: [...this.foldedLeg(), ...trips.flatMap(({ funded }) => funded.legs), ...exits.legs], liquidated: [...trips.flatMap(({ funded }) => funded.liquidated), ...exits.liquidated] };
  }

  /** Round trips whose last fill was before that time, once there are many. */
  private fold(beforeMs: number): void {
    if (this.trips.size <= LIMITS.maxFundedTrips / 2) return;
    for (const [key, { funded, ended }] of this.trips) {
      if (!ended || funded.legs.some(({ totals }) => (totals.lastFillAtMs ?? 0) > beforeMs)) continue;
      for (const { side, totals } of funded.legs) this.foldedBase = moved(this.foldedBase, side, decimal(totals.filledBase));
      this.foldedThroughMs = Math.max(this.foldedThroughMs, ...funded.legs.map(({ totals }) => totals.lastFillAtMs ?? 0));
      this.trips.delete(key);
    }
    this.book.finalise(this.foldedThroughMs);
  }

  private foldedLeg(): readonly FundedLeg[] {
    if (this.foldedBase.isZero()) return [];
    const atMs = this.foldedThroughMs;
    const totals = { filledBase: toDecimalString(this.foldedBase.abs()), filledQuote: '0', feesBase: '0', feesQuote: '0', feesByAsset: {}, fillCount: 1, firstFillAtMs: atMs, lastFillAtMs: atMs };
    return [{ path: pathOf(this.config, `${this.config.id}/folded`, 'folded'), side: this.foldedBase.isNegative() ? 'SELL' : 'BUY', totals }];
  }
}

function moved(held: Decimal, side: Side, base: Decimal): Decimal {
  return side === 'BUY' ? exactly.sum(held, base) : exactly.difference(held, base);
}
