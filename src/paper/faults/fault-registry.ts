import { ControlConflict } from '../exchange/rejection.js';
import { type Fault, type FaultKind, type FaultSubject, type FaultTarget, matches } from './fault.js';

const MAX_FAULTS = 1_000;

/** Armed faults, in the order they were armed. They live in memory: a restarted exchange has none. */
export class FaultRegistry {
  private readonly faults = new Map<number, Fault>();
  private nextId = 1;

  constructor(private readonly onHit: (fault: Fault, subject: FaultSubject) => void) {}

  /** @throws ControlConflict when too many are armed. */
  arm(fault: FaultKind, target: FaultTarget, skip: number, count: number | null): Fault {
    if (this.faults.size >= MAX_FAULTS) throw new ControlConflict(`${MAX_FAULTS} faults are armed; clear some first`);
    const armed: Fault = { id: this.nextId, fault, target, skip, remaining: count, hits: 0 };
    this.nextId += 1;
    this.faults.set(armed.id, armed);
    return armed;
  }

  /** Faults that hit this request, counted down. At most one per kind. */
  strike(subject: FaultSubject): FaultKind[] {
    const struck = new Map<string, FaultKind>();
    for (const fault of this.faults.values()) {
      if (fault.remaining === 0 || struck.has(fault.fault.kind) || !matches(fault.target, subject)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      if (fault.remaining !== null) fault.remaining -= 1;
      fault.hits += 1;
      struck.set(fault.fault.kind, fault.fault);
      this.onHit(fault, subject);
    }
    return [...struck.values()];
  }

  /** All faults of this process's life that were not cleared, used-up ones too: their `hits` tell a test what happened. */
  list(): Fault[] {
    return [...this.faults.values()];
  }

  clear(id?: number): number {
    if (id !== undefined) return this.faults.delete(id) ? 1 : 0;
    const cleared = this.faults.size;
    this.faults.clear();
    return cleared;
  }
}
