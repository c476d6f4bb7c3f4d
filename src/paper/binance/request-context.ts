import type { ExchangeState } from '../exchange/exchange-state.js';
import type { HeldRequests } from '../exchange/held-requests.js';
import type { RecentTrades } from './recent-trades.js';
import type { DepthPublisher } from './depth-publisher.js';
import type { Parameters } from './parameters.js';

export interface RequestContext {
  readonly state: ExchangeState;
  readonly held: HeldRequests;
  readonly recentTrades: RecentTrades;
  readonly depth: DepthPublisher;
  readonly parameters: Parameters;
  /** Name of the signed account; empty on public routes. */
  readonly account: string;
  /** Reads must not see what was committed at or after this time; set by a read-lag fault. */
  readonly visibleBeforeMs: number | undefined;
  /** How far ahead the exchange's clock is for this request; set by a clock-skew fault. */
  readonly clockSkewMs: number;
}

/** Produces the JSON answer. Throws WireError or Rejection. */
export type Handler = (context: RequestContext) => unknown;

export interface Route {
  readonly access: 'public' | 'signed';
  readonly handle: Handler;
}
