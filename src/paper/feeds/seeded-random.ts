/** Deterministic random numbers from 32 bits of state (mulberry32), so that a run can be repeated and continued. */
export class SeededRandom {
  constructor(private bits: number) {}

  get state(): number {
    return this.bits;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.bits = (this.bits + 0x6d2b79f5) >>> 0;
    return mix(this.bits) / 4_294_967_296;
  }

  /** Normal with mean 0 and standard deviation 1 (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }
}

/** 32 well-mixed bits of an integer. */
export function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return (bits ^ (bits >>> 14)) >>> 0;
}

/** 32 bits of a text. */
export function hashText(text: string): number {
  let bits = 2_166_136_261;
  for (const character of text) bits = Math.imul(bits ^ character.codePointAt(0)!, 16_777_619);
  return mix(bits);
}
