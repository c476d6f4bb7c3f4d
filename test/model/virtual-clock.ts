interface Appointment {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: what happens when. Equal times happen in the order they were asked for. */
export class VirtualClock {
  nowMs: number;
  private readonly heap: Appointment[] = [];
  private count = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  get nextAtMs(): number {
    return this.heap[0]?.atMs ?? Infinity;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  at(atMs: number, run: () => void): void {
    const heap = this.heap;
    const entry = { atMs: Math.max(atMs, this.nowMs), order: this.count++, run };
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Appointment;
      if (isEarlier(above, entry)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Runs the earliest appointment; the clock never goes back. */
  runNext(): void {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return;
    if (heap.length > 0) this.sink(last);
    this.nowMs = first.atMs;
    first.run();
  }

  private sink(entry: Appointment): void {
    const heap = this.heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below === undefined) break;
      if (right !== undefined && isEarlier(right, below)) {
        child += 1;
        below = right;
      }
      if (isEarlier(entry, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = entry;
  }
}

function isEarlier(left: Appointment, right: Appointment): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
