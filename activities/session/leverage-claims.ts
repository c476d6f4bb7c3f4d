/**
 * Which executors of an account need which leverage on which pair, as far as this process set it. At the exchange there
 * is one leverage per pair: whoever asks second has to want the same.
 */
export class LeverageClaims {
  private readonly claims = new Map<string, Map<string, number>>();
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly asking = new Set<string>();

  /** Executors that asked and have no claim yet: none of them has sent anything. */
  get waiting(): ReadonlySet<string> {
    return this.asking;
  }

  asked(rootId: string): void {
    this.asking.add(rootId);
  }

  /** One after the other for a pair, so that two that ask in the same moment see each other. */
  async inTurn<Value>(pair: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.turns.get(pair) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.turns.set(pair, turn);
    try {
      return await turn;
    } finally {
      if (this.turns.get(pair) === turn) this.turns.delete(pair);
    }
  }

  claim(pair: string, rootId: string, leverage: number): void {
    this.asking.delete(rootId);
    const claims = this.claims.get(pair) ?? new Map<string, number>();
    this.claims.set(pair, claims.set(rootId, leverage));
  }

  release(pair: string, rootId: string): void {
    this.asking.delete(rootId);
    const claims = this.claims.get(pair);
    claims?.delete(rootId);
    if (claims?.size === 0) this.claims.delete(pair);
  }

  of(pair: string): ReadonlyMap<string, number> {
    return new Map(this.claims.get(pair));
  }
}
