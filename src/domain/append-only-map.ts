/**
 * A map that only grows and whose earlier versions stay what they were. All versions share one store; a version sees
 * the entries below its own size. Appending to the newest version costs the same however large the map is (an order of a
 * thousand fills would otherwise copy half a million ids); appending to an older one, which replays and shrinking tests
 * do, copies what that version sees. From outside no version ever changes.
 */
export class AppendOnlyMap<Value> {
  private constructor(
    private readonly store: Map<string, { readonly index: number; readonly value: Value }>,
    readonly size: number,
  ) {}

  static empty<Value>(): AppendOnlyMap<Value> {
    return new AppendOnlyMap<Value>(new Map(), 0);
  }

  get(key: string): Value | undefined {
    const entry = this.store.get(key);
    return entry !== undefined && entry.index < this.size ? entry.value : undefined;
  }

  has(key: string): boolean {
    const entry = this.store.get(key);
    return entry !== undefined && entry.index < this.size;
  }

  /** Throws when the key is there already: an entry is never replaced. */
  append(key: string, value: Value): AppendOnlyMap<Value> {
    if (this.has(key)) throw new Error(`append-only map: ${key} is there already`);
    // The empty map is a shared constant: writing into its store would keep one order's entries alive for ever.
    const store = this.size > 0 && this.store.size === this.size ? this.store : this.copy();
    store.set(key, { index: this.size, value });
    return new AppendOnlyMap(store, this.size + 1);
  }

  *keys(): IterableIterator<string> {
    for (const [key, { index }] of this.store) {
      // Insertion order is index order.
      if (index >= this.size) return;
      yield key;
    }
  }

  private copy(): Map<string, { readonly index: number; readonly value: Value }> {
    const copy = new Map<string, { readonly index: number; readonly value: Value }>();
    for (const [key, entry] of this.store) {
      if (entry.index >= this.size) break;
      copy.set(key, entry);
    }
    return copy;
  }
}
