import { decimal, type Decimal } from '../../src/domain/money.js';
import type { ExchangePort, TopOfBook } from '../../src/ports/exchange.js';

export interface Top {
  readonly bidQuote: Decimal | null;
  readonly askQuote: Decimal | null;
  readonly atMs: number;
}

export type TopListener = (top: Top) => void;

/** Best prices per pair for all sessions of an account: one subscription, numbers parsed once, fanned out. */
export class MarketFeed {
  private readonly pairs = new Map<string, { listeners: Set<TopListener>; last: Top | null; stop: () => void }>();

  constructor(private readonly exchange: ExchangePort) {}

  /** The last known prices come at once, if there are any. */
  subscribe(pair: string, listener: TopListener): () => void {
    const entry = this.pairs.get(pair) ?? this.open(pair);
    entry.listeners.add(listener);
    if (entry.last !== null) listener(entry.last);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size > 0) return;
      entry.stop();
      this.pairs.delete(pair);
    };
  }

  last(pair: string): Top | null {
    return this.pairs.get(pair)?.last ?? null;
  }

  close(): void {
    for (const entry of this.pairs.values()) entry.stop();
    this.pairs.clear();
  }

  private open(pair: string): { listeners: Set<TopListener>; last: Top | null; stop: () => void } {
    const entry = { listeners: new Set<TopListener>(), last: null as Top | null, stop: (): void => undefined };
    this.pairs.set(pair, entry);
    entry.stop = this.exchange.subscribeTopOfBook(pair, (top) => {
      entry.last = parse(top);
      for (const listener of entry.listeners) listener(entry.last);
    });
    return entry;
  }
}

function parse(top: TopOfBook): Top {
  return {
    bidQuote: top.bidQuote === null ? null : decimal(top.bidQuote),
    askQuote: top.askQuote === null ? null : decimal(top.askQuote),
    atMs: top.atMs,
  };
}
