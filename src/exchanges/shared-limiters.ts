import type { Metrics, StopWatching } from '../ports/metrics.js';
import type { RateLimit } from './rate-limits.js';
import { RequestLimiter } from './request-limiter.js';

/** The limiters of one process, one for each address that counts: all accounts there share what the exchange allows an address. */
export class SharedLimiters {
  readonly #byAddress = new Map<string, { readonly limiter: RequestLimiter; readonly stop: StopWatching }>();

  constructor(private readonly metrics: Metrics) {}

  /** `address`: host, port and market type, because an exchange counts spot and perpetuals apart. */
  at(address: string, connector: string, limits: readonly RateLimit[]): RequestLimiter {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known.limiter;
    const limiter = new RequestLimiter({ limits, connector, metrics: this.metrics });
    this.#byAddress.set(address, { limiter, stop: this.metrics.watchQueue(connector, () => limiter.waiting()) });
    return limiter;
  }
}
