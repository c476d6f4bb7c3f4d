import { type Decimal, exactly, parseDecimal, toDecimalString, ZERO } from '../domain/money.js';

/** A reading of free balances: what the exchange told, and the ticks between which it was asked and answered. */
export interface BalanceReading {
  readonly startedTick: number;
  readonly endedTick: number;
  /** Asset -> free amount. An asset that is not listed is at zero. */
  readonly free: Readonly<Record<string, string>>;
}

export type ReserveVerdict =
  | { readonly kind: 'reserved' }
  /** Not there, whatever became of the orders under way. Amounts in the asset. */
  | { readonly kind: 'insufficient'; readonly available: string; readonly needed: string }
  /** It depends on whether the reading already shows orders of others that were under way when it was taken. */
  | { readonly kind: 'undecided'; readonly available: string; readonly needed: string };

interface Reservation {
  readonly sessionId: string;
  readonly asset: string;
  readonly amount: Decimal;
  readonly madeTick: number;
  /** Tick at which the exchange was known to have locked it; null while that is open. */
  readonly acknowledgedTick: number | null;
}

/** Order sessions of one account, twice over: each has what it reserved and what is acknowledged but not read yet. */
const MAX_RESERVATIONS = 50_000;

/**
 * Keeps executors of one account from counting on the same money: free balance as last told, minus what is reserved and
 * not in that reading yet. A reservation counts until a reading begins after its acknowledgement, so a sum is never
 * handed out twice. Pure: the caller gives ticks, any whole numbers that never fall.
 */
export class BalanceBook {
  #reading: BalanceReading | null = null;
  #reservations: Reservation[] = [];

  /** Tick at which the reading in use was begun; null before the first. */
  get readingStartedTick(): number | null {
    return this.#reading?.startedTick ?? null;
  }

  /** Reserves the amount when it is certainly free. Throws RangeError for an amount not above zero. */
  reserve(sessionId: string, asset: string, amount: string, tick: number): ReserveVerdict {
    const needed = parseDecimal('amount', amount);
    if (!needed.greaterThan(ZERO)) throw new RangeError(`amount: ${amount} must be above 0`);
    if (this.#reservations.length >= MAX_RESERVATIONS) throw new RangeError(`more than ${MAX_RESERVATIONS} reservations`);
    const bounds = this.#bounds(asset);
    const told = { available: toDecimalString(bounds.certain), needed: toDecimalString(needed) };
    if (needed.lessThanOrEqualTo(bounds.certain)) {
      this.#reservations.push({ sessionId, asset, amount: needed, madeTick: tick, acknowledgedTick: null });
      return { kind: 'reserved' };
    }
    return this.#reading !== null && needed.greaterThan(bounds.possible) ? { kind: 'insufficient', ...told } : { kind: 'undecided', ...told };
  }

  /** Gives back what the session reserved and did not use. */
  release(sessionId: string, asset: string | null = null): void {
    this.#reservations = this.#reservations.filter((entry) => !isOpen(entry, sessionId, asset));
  }

  /**
   * The exchange took an order that locks (or spent) `amount` of the session's reservation; the rest stays reserved.
   * More than was reserved counts too: it is gone until a reading shows it.
   */
  acknowledge(sessionId: string, asset: string, amount: string, tick: number): void {
    let left = parseDecimal('amount', amount);
    const next: Reservation[] = [];
    for (const entry of this.#reservations) {
      if (left.isZero() || !isOpen(entry, sessionId, asset)) {
        next.push(entry);
        continue;
      }
      const rest = exactly.difference(entry.amount, left);
      if (rest.greaterThan(ZERO)) {
        next.push({ ...entry, amount: left, acknowledgedTick: tick }, { ...entry, amount: rest });
        left = ZERO;
      } else {
        next.push({ ...entry, acknowledgedTick: tick });
        left = rest.negated();
      }
    }
    if (left.greaterThan(ZERO)) next.push({ sessionId, asset, amount: left, madeTick: tick, acknowledgedTick: tick });
    this.#reservations = next;
  }

  /** Takes a reading, unless one that began later is known already. */
  refresh(reading: BalanceReading): void {
    if (this.#reading !== null && reading.startedTick < this.#reading.startedTick) return;
    this.#reading = reading;
    this.#reservations = this.#reservations.filter((entry) => entry.acknowledgedTick === null || entry.acknowledgedTick >= reading.startedTick);
  }

  /** Free and not reserved, as far as it is certain, in the asset. */
  available(asset: string): string {
    return toDecimalString(this.#bounds(asset).certain);
  }

  /** Sum of what sessions reserved and the exchange has not acknowledged. */
  reserved(asset: string): string {
    const open = this.#reservations.filter((entry) => entry.asset === asset && entry.acknowledgedTick === null);
    return toDecimalString(exactly.sum(ZERO, ...open.map((entry) => entry.amount)));
  }

  #bounds(asset: string): { readonly certain: Decimal; readonly possible: Decimal } {
    const reading = this.#reading;
    if (reading === null) return { certain: ZERO, possible: ZERO };
    const free = parseDecimal(asset, reading.free[asset] ?? '0');
    const mine = this.#reservations.filter((entry) => entry.asset === asset);
    const all = exactly.sum(ZERO, ...mine.map((entry) => entry.amount));
    // Made after the answer: the reading cannot show it. Made before: it may, if its order got through meanwhile.
    const certainlyMissing = exactly.sum(ZERO, ...mine.filter((entry) => entry.madeTick > reading.endedTick).map((entry) => entry.amount));
    return { certain: notNegative(exactly.difference(free, all)), possible: notNegative(exactly.difference(free, certainlyMissing)) };
  }
}

function isOpen(entry: Reservation, sessionId: string, asset: string | null): boolean {
  return entry.sessionId === sessionId && entry.acknowledgedTick === null && (asset === null || entry.asset === asset);
}

function notNegative(value: Decimal): Decimal {
  return value.isNegative() ? ZERO : value;
}
