/** Prints take ids too but are not stored, so ids are reserved in blocks and a restart begins a new block. */
const BLOCK = 100_000;

/** Trade ids of one pair: rising, never given twice, also across a crash. */
export class TradeIds {
  private next: number;
  private reservedBelow: number;

  constructor(
    lastReserved: number,
    private readonly reserve: (reservedBelow: number) => void,
  ) {
    this.next = Math.max(lastReserved, 1);
    this.reservedBelow = this.next;
  }

  take(): number {
    if (this.next >= this.reservedBelow) {
      this.reserve(this.next + BLOCK);
      this.reservedBelow = this.next + BLOCK;
    }
    const id = this.next;
    this.next += 1;
    return id;
  }
}
