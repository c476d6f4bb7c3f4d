import { ControlConflict } from '../exchange/rejection.js';
import { SeededRandom } from '../feeds/seeded-random.js';
import {
  type Fault,
  type FaultDose,
  type FaultKind,
  type FaultTarget,
  type FrameFault,
  type FrameSubject,
  type RequestFault,
  type RequestSubject,
  isFrameFault,
  matches,
} from './fault.js';

const MAX_FAULTS = 1_000;

/** Armed faults, in the order they were armed. They live in memory: a restarted exchange has none. */
export class FaultRegistry {
  private readonly faults = new Map<number, Fault>();
  private readonly chances = new Map<number, SeededRandom>();
  private frameFaults = 0;
  private nextId = 1;

  /** `onHit` is told of requests only: frames are many, and are counted. */
  constructor(private readonly onHit: (fault: Fault, subject: RequestSubject) => void) {}

  /** @throws ControlConflict when too many are armed. */
  arm(fault: FaultKind, target: FaultTarget, dose: FaultDose): Fault {
    if (this.faults.size >= MAX_FAULTS) throw new ControlConflict(`${MAX_FAULTS} faults are armed; clear some first`);
    const { skip, count, share } = dose;
    const armed: Fault = { id: this.nextId, fault, target, skip, remaining: count, share, hits: 0 };
    this.nextId += 1;
    this.faults.set(armed.id, armed);
    if (share < 1) this.chances.set(armed.id, new SeededRandom(dose.seed));
    if (isFrameFault(fault)) this.frameFaults += 1;
    return armed;
  }

  /** Faults that hit this request, counted down. At most one per kind. */
  strike(subject: RequestSubject): RequestFault[] {
    const struck = new Map<string, RequestFault>();
    for (const armed of this.faults.values()) {
      const { fault } = armed;
      if (isFrameFault(fault) || struck.has(fault.kind) || !this.hits(armed, subject)) continue;
      struck.set(fault.kind, fault);
      this.onHit(armed, subject);
    }
    return [...struck.values()];
  }

  /** Faults that hit this frame, counted down. At most one per kind. */
  strikeFrame(subject: FrameSubject): FrameFault[] {
    if (this.frameFaults === 0) return [];
    const struck = new Map<string, FrameFault>();
    for (const armed of this.faults.values()) {
      const { fault } = armed;
      if (!isFrameFault(fault) || struck.has(fault.kind)) continue;
      if (fault.scope !== 'all' && fault.scope !== subject.channel) continue;
      if (this.hits(armed, subject)) struck.set(fault.kind, fault);
    }
    return [...struck.values()];
  }

  private hits(armed: Fault, subject: RequestSubject | FrameSubject): boolean {
    if (armed.remaining === 0 || !matches(armed.target, subject)) return false;
    if (armed.skip > 0) {
      armed.skip -= 1;
      return false;
    }
    if ((this.chances.get(armed.id)?.next() ?? 0) >= armed.share) return false;
    if (armed.remaining !== null) armed.remaining -= 1;
    armed.hits += 1;
    return true;
  }

  /** All faults of this process's life that were not cleared, used-up ones too: their `hits` tell a test what happened. */
  list(): Fault[] {
    return [...this.faults.values()];
  }

  clear(id?: number): number {
    const cleared = id === undefined ? [...this.faults.values()] : [this.faults.get(id)].flatMap((fault) => fault ?? []);
    for (const fault of cleared) {
      this.faults.delete(fault.id);
      this.chances.delete(fault.id);
      if (isFrameFault(fault.fault)) this.frameFaults -= 1;
    }
    return cleared.length;
  }
}
