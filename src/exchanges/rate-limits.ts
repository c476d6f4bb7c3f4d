/** What an exchange counts: the weights of requests, requests whatever they weigh, or orders placed. */
export type LimitUnit = 'weight' | 'requests' | 'orders';

/** At most `limit` in any `intervalMs`. Weight and requests are counted per address of ours, orders per account. */
export interface RateLimit {
  readonly unit: LimitUnit;
  readonly limit: number;
  readonly intervalMs: number;
}

/** What one request takes of the limits of an exchange, besides being one request. */
export interface RequestCost {
  /** In the exchange's own units. */
  readonly weight: number;
  readonly orders: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 1_440 * MINUTE_MS;

/** Published limits of Binance spot and USD-M, in force until the exchange's own list is read. */
const BINANCE_SPOT: readonly RateLimit[] = [
  { unit: 'weight', limit: 6_000, intervalMs: MINUTE_MS },
  { unit: 'requests', limit: 61_000, intervalMs: 5 * MINUTE_MS },
  { unit: 'orders', limit: 100, intervalMs: 10 * SECOND_MS },
  { unit: 'orders', limit: 200_000, intervalMs: DAY_MS },
];
const BINANCE_PERPETUAL: readonly RateLimit[] = [
  { unit: 'weight', limit: 2_400, intervalMs: MINUTE_MS },
  { unit: 'orders', limit: 300, intervalMs: 10 * SECOND_MS },
  { unit: 'orders', limit: 1_200, intervalMs: MINUTE_MS },
];

/** Units of ccxt that may leave at once after a quiet time, where nothing better is known than ccxt's own pace. */
const BURST_UNITS = 10;

/** `ccxtMsPerUnit`: ccxt's pace for exchanges whose limits this program does not know. */
export function defaultRateLimits(ccxtId: string, marketType: 'spot' | 'perpetual', ccxtMsPerUnit: number): readonly RateLimit[] {
  if (ccxtId === 'binance' && marketType === 'spot') return BINANCE_SPOT;
  if (ccxtId === 'binance' || ccxtId === 'binanceusdm') return BINANCE_PERPETUAL;
  return [{ unit: 'weight', limit: BURST_UNITS, intervalMs: BURST_UNITS * ccxtMsPerUnit }];
}

const UNITS: Readonly<Record<string, LimitUnit>> = { REQUEST_WEIGHT: 'weight', RAW_REQUESTS: 'requests', ORDERS: 'orders' };
const INTERVALS: Readonly<Record<string, number>> = { SECOND: SECOND_MS, MINUTE: MINUTE_MS, HOUR: 60 * MINUTE_MS, DAY: DAY_MS };
/** The list is a few entries among megabytes of symbols; only it is parsed. */
const LIST = /"rateLimits"\s*:\s*(\[[^\]]{0,4000}\])/;

/** The limits in the text of a Binance `exchangeInfo`; null when it has none that can be read. */
export function rateLimitsOfExchangeInfo(body: string): readonly RateLimit[] | null {
  const text = LIST.exec(body)?.[1];
  if (text === undefined) return null;
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return null;
  }
  const limits = (rows as readonly unknown[]).flatMap(readLimit);
  return limits.length === 0 ? null : limits;
}

function readLimit(row: unknown): RateLimit[] {
  if (typeof row !== 'object' || row === null) return [];
  const { rateLimitType, interval, intervalNum, limit } = row as Readonly<Record<string, unknown>>;
  const unit = UNITS[String(rateLimitType)];
  const intervalMs = (INTERVALS[String(interval)] ?? Number.NaN) * Number(intervalNum);
  const most = Number(limit);
  return unit !== undefined && intervalMs > 0 && Number.isFinite(most) && most > 0 ? [{ unit, limit: most, intervalMs }] : [];
}

/** How much of a limit the exchange says is used, from the name and value of an answer's header. */
export interface ReportedUse {
  readonly unit: LimitUnit;
  readonly intervalMs: number;
  readonly used: number;
}

const HEADER = /^x-mbx-(used-weight|order-count)-(\d{1,4})([smhd])$/i;
const LETTERS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS };

export function reportedUse(headers: Readonly<Record<string, string>>): readonly ReportedUse[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const match = HEADER.exec(name);
    const used = Number(value);
    if (match === null || !Number.isFinite(used) || used < 0) return [];
    const intervalMs = Number(match[2]) * (LETTERS[(match[3] ?? '').toLowerCase()] ?? 0);
    return [{ unit: match[1]?.toLowerCase() === 'order-count' ? 'orders' : 'weight', intervalMs, used }];
  });
}
