import type { RateLimit } from '../../src/exchanges/rate-limits.js';

/** So many requests in any second, as the limiter of both sides is told. */
export function paceOfRequests(requestsPerSecond: number): RateLimit {
  return { unit: 'requests', limit: requestsPerSecond, intervalMs: 1_000 };
}
