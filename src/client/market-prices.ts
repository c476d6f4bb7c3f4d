import { Decimal, decimal } from '../domain/money.js';
import { type MarketRules, marketRules } from '../domain/market-rules.js';
import type { MarketDataPort, TopOfBook } from '../ports/exchange.js';

/** Rules and best prices of one pair at one moment. */
export interface MarketView {
  readonly rules: MarketRules;
  readonly bidQuote: Decimal | null;
  readonly askQuote: Decimal | null;
  readonly midQuote: Decimal | null;
}

export interface MarketPricesOptions {
  /** Age up to which a price is used again. */
  readonly maxAgeMs?: number;
  /** Longest a list waits for prices. */
  readonly waitMs?: number;
  /** How long a pair whose price did not come is not asked for again. */
  readonly pauseMs?: number;
}

interface Entry {
  view: Promise<MarketView | null>;
  validUntilMs: number;
}

const MAX_ENTRIES = 2_000;

/**
 * Current prices for marking running executors: cached for a moment, shared by callers, bounded in time. A price that
 * does not come in time is null, and the caller shows the last durable numbers instead.
 */
export class MarketPrices {
  readonly #marketData: (connector: string) => MarketDataPort | null;
  readonly #maxAgeMs: number;
  readonly #waitMs: number;
  readonly #pauseMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(marketData: (connector: string) => MarketDataPort | null, options: MarketPricesOptions = {}) {
    this.#marketData = marketData;
    this.#maxAgeMs = options.maxAgeMs ?? 500;
    this.#waitMs = options.waitMs ?? 800;
    this.#pauseMs = options.pauseMs ?? 3_000;
  }

  /** Null when the price is not known now; never throws for what an exchange or a network does. */
  async view(connector: string, pair: string): Promise<MarketView | null> {
    const key = `${connector}|${pair}`;
    const now = Date.now();
    const cached = this.#entries.get(key);
    if (cached !== undefined && now < cached.validUntilMs) return await cached.view;
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    const entry: Entry = { view: Promise.resolve(null), validUntilMs: now + this.#waitMs + this.#maxAgeMs };
    entry.view = this.#read(connector, pair).then((view) => {
      entry.validUntilMs = Date.now() + (view === null ? this.#pauseMs : this.#maxAgeMs);
      return view;
    });
    this.#entries.set(key, entry);
    return await entry.view;
  }

  async #read(connector: string, pair: string): Promise<MarketView | null> {
    const market = this.#marketData(connector);
    if (market === null) return null;
    // What fails or comes late makes the row unmarked, which the answer says; the reason belongs to the exchange adapter's log.
    const read = Promise.all([market.rules(pair), market.topOfBook(pair)]).then(
      ([rules, top]) => marketView(marketRules(rules), top),
      () => null,
    );
    return await withinMs(this.#waitMs, read);
  }
}

function marketView(rules: MarketRules, top: TopOfBook): MarketView {
  const bidQuote = top.bidQuote === null ? null : decimal(top.bidQuote);
  const askQuote = top.askQuote === null ? null : decimal(top.askQuote);
  const midQuote = bidQuote === null || askQuote === null ? null : bidQuote.plus(askQuote).dividedBy(2);
  return { rules, bidQuote, askQuote, midQuote };
}

/** The promise's value, or null when it does not come in time. */
async function withinMs<T>(waitMs: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), waitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
