import { ordersOf, type WeighedRequest, weightOf } from './request-weights.js';

export type QuotaMarket = 'spot' | 'perpetual';

/** One limit, as `exchangeInfo` words it. Weight and requests are counted per address, orders per account. */
export interface QuotaLimit {
  readonly rateLimitType: 'REQUEST_WEIGHT' | 'RAW_REQUESTS' | 'ORDERS';
  readonly interval: 'SECOND' | 'MINUTE' | 'DAY';
  readonly intervalNum: number;
  readonly limit: number;
}

export interface QuotaRules {
  readonly spot: readonly QuotaLimit[];
  readonly perpetual: readonly QuotaLimit[];
  /** Refusals in a row, of one interval, after which the address is banned. */
  readonly refusalsBeforeBan: number;
  readonly banMs: number;
}

/** The limits of Binance. How many refusals it bears is not published; it bans for two minutes at first. */
export const BINANCE_QUOTA: QuotaRules = {
  spot: [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
    { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
  ],
  perpetual: [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 },
    { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
  ],
  refusalsBeforeBan: 10,
  banMs: 120_000,
};

export interface QuotaRequest extends WeighedRequest {
  readonly market: QuotaMarket;
  readonly account: string | undefined;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly retryAfterSeconds: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'banned'; readonly untilMs: number };

/** How near the limits were come, and how often they were broken. */
export interface QuotaUse {
  readonly market: QuotaMarket;
  readonly limit: QuotaLimit;
  /** Most that was asked for in one interval of the exchange, by one account where accounts are counted. */
  readonly peak: number;
}

interface Counter {
  fromMs: number;
  used: number;
}

const LENGTHS_MS = { SECOND: 1_000, MINUTE: 60_000, DAY: 86_400_000 } as const;
const LETTERS = { SECOND: 's', MINUTE: 'm', DAY: 'd' } as const;
const MAX_COUNTERS = 10_000;

/** Counts requests as Binance does: in intervals that begin with the clock's, refusing with 429 and banning who goes on. */
export class RequestQuota {
  private rules: QuotaRules | null = null;
  private readonly counters = new Map<string, Counter>();
  private readonly peaks = new Map<string, QuotaUse>();
  private refusals = { total: 0, inARow: 0, fromMs: 0 };
  private bans = 0;

  constructor(private readonly now: () => number) {}

  /** Null: nothing is counted. What was counted is forgotten. */
  set(rules: QuotaRules | null): void {
    this.rules = rules;
    this.counters.clear();
    this.peaks.clear();
    this.refusals = { total: 0, inARow: 0, fromMs: 0 };
    this.bans = 0;
  }

  limits(market: QuotaMarket): readonly QuotaLimit[] | null {
    return this.rules === null ? null : this.rules[market];
  }

  view(): { readonly refused: number; readonly bans: number; readonly uses: readonly QuotaUse[] } {
    return { refused: this.refusals.total, bans: this.bans, uses: [...this.peaks.values()] };
  }

  admit(request: QuotaRequest): Admission {
    const { rules } = this;
    if (rules === null) return { kind: 'admitted', headers: {} };
    const nowMs = this.now();
    const counted = rules[request.market].flatMap((limit) => {
      const amount = amountOf(limit, request);
      return amount === 0 ? [] : [{ limit, amount, counter: this.counter(request, limit, nowMs) }];
    });
    for (const { limit, amount, counter } of counted) {
      counter.used += amount;
      this.notePeak(request.market, limit, counter.used);
    }
    const headers = Object.fromEntries(counted.flatMap(({ limit, counter }) => headerOf(limit, counter.used)));
    const broken = counted.find(({ limit, counter }) => counter.used > limit.limit);
    return broken === undefined ? { kind: 'admitted', headers } : this.refuse(rules, broken, headers, nowMs);
  }

  private refuse(rules: QuotaRules, { limit, counter }: { readonly limit: QuotaLimit; readonly counter: Counter }, headers: Readonly<Record<string, string>>, nowMs: number): Admission {
    if (this.refusals.fromMs !== counter.fromMs) this.refusals = { ...this.refusals, inARow: 0, fromMs: counter.fromMs };
    this.refusals.inARow += 1;
    this.refusals.total += 1;
    if (this.refusals.inARow > rules.refusalsBeforeBan) {
      this.bans += 1;
      return { kind: 'banned', untilMs: nowMs + rules.banMs };
    }
    const retryAfterSeconds = Math.max(1, Math.ceil((counter.fromMs + lengthMs(limit) - nowMs) / 1_000));
    const ofOrders = limit.rateLimitType === 'ORDERS';
    const span = `${limit.intervalNum} ${limit.interval}`;
    const message = ofOrders
      ? `Too many new orders; current limit is ${limit.limit} orders per ${span}.`
      : `Too much request weight used; current limit is ${limit.limit} request weight per ${span}. Please use WebSocket Streams for live updates to avoid polling the API.`;
    return { kind: 'refused', code: ofOrders ? -1015 : -1003, message, retryAfterSeconds, headers };
  }

  private counter({ market, account }: QuotaRequest, limit: QuotaLimit, nowMs: number): Counter {
    const key = `${market} ${limit.rateLimitType} ${limit.intervalNum}${limit.interval} ${limit.rateLimitType === 'ORDERS' ? (account ?? '') : ''}`;
    const fromMs = nowMs - (nowMs % lengthMs(limit));
    const known = this.counters.get(key);
    if (known?.fromMs === fromMs) return known;
    if (this.counters.size >= MAX_COUNTERS) this.counters.clear();
    const fresh = { fromMs, used: 0 };
    this.counters.set(key, fresh);
    return fresh;
  }

  private notePeak(market: QuotaMarket, limit: QuotaLimit, used: number): void {
    const key = `${market} ${limit.rateLimitType} ${limit.intervalNum}${limit.interval}`;
    this.peaks.set(key, { market, limit, peak: Math.max(used, this.peaks.get(key)?.peak ?? 0) });
  }
}

function lengthMs({ interval, intervalNum }: QuotaLimit): number {
  return LENGTHS_MS[interval] * intervalNum;
}

function amountOf({ rateLimitType }: QuotaLimit, request: QuotaRequest): number {
  switch (rateLimitType) {
    case 'REQUEST_WEIGHT':
      return weightOf(request);
    case 'RAW_REQUESTS':
      return 1;
    case 'ORDERS':
      return ordersOf(request);
  }
}

function headerOf({ rateLimitType, interval, intervalNum }: QuotaLimit, used: number): [string, string][] {
  if (rateLimitType === 'RAW_REQUESTS') return [];
  const name = rateLimitType === 'ORDERS' ? 'x-mbx-order-count' : 'x-mbx-used-weight';
  return [[`${name}-${intervalNum}${LETTERS[interval]}`, String(used)]];
}
