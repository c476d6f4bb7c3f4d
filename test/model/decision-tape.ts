/**
 * Every random decision of a schedule, in order. A seed writes the tape; a written tape plays the same schedule again,
 * whole or shortened. 0 is always the harmless choice, and what lies behind the end of a tape is 0: so a tape shrinks by
 * losing entries and lowering them.
 */
export class DecisionTape {
  readonly values: number[] = [];
  private state: number;
  private readonly written: readonly number[] | null;

  private constructor(seed: number, written: readonly number[] | null) {
    // Neighbouring seeds must not give neighbouring streams.
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
    this.written = written;
  }

  static seeded(seed: number): DecisionTape {
    return new DecisionTape(seed, null);
  }

  static written(values: readonly number[]): DecisionTape {
    return new DecisionTape(0, values);
  }

  /** A whole number from 0 to `count - 1`. */
  pick(count: number): number {
    const value = this.written === null ? Math.floor(this.random() * count) : Math.min(this.written[this.values.length] ?? 0, count - 1);
    this.values.push(value);
    return value;
  }

  /** True in about `perMille` of a thousand cases; without an entry when it cannot be. */
  chance(perMille: number): boolean {
    return perMille > 0 && this.pick(1000) >= 1000 - perMille;
  }

  /** Both ends included; `low` is the harmless one. */
  between(low: number, high: number): number {
    return low + this.pick(high - low + 1);
  }

  of<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.pick(values.length)] ?? values[0];
  }

  /** mulberry32: small, quick, and good enough to choose faults with. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}
