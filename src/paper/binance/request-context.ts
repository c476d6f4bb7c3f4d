import type { ExchangeState, Pair } from '../exchange/exchange-state.js';
import type { HeldRequests } from '../exchange/held-requests.js';
import type { RecentTrades } from './recent-trades.js';
import type { DepthPublisher } from './depth-publisher.js';
import type { Parameters } from './parameters.js';
import { contractSymbol, isContractSymbol } from '../perpetual/contract-symbol.js';
import type { PerpetualExchange } from '../perpetual/perpetual-exchange.js';
import type { RequestQuota } from '../quota/request-quota.js';
import type { ListenKeys } from '../futures/listen-keys.js';

export interface RequestContext {
  readonly state: ExchangeState;
  readonly perpetuals: PerpetualExchange;
  readonly listenKeys: ListenKeys;
  /** The market the route belongs to: both name their pairs alike. */
  readonly market: 'spot' | 'perpetual';
  readonly held: HeldRequests;
  readonly recentTrades: RecentTrades;
  readonly depth: DepthPublisher;
  readonly quota: RequestQuota;
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
  readonly market: 'spot' | 'perpetual';
  /** `key`: the API key alone names the account, nothing is signed. */
  readonly access: 'public' | 'key' | 'signed';
  readonly handle: Handler;
}

/** The pair a wire name stands for on the route's market. @throws Rejection unknown_symbol */
export function pairOf({ market, state }: Pick<RequestContext, 'market' | 'state'>, wireSymbol: string): Pair {
  return state.pair(market === 'perpetual' ? contractSymbol(wireSymbol) : wireSymbol);
}

/** Every pair of the route's market. */
export function pairsOf({ market, state }: Pick<RequestContext, 'market' | 'state'>): Pair[] {
  return [...state.pairs.values()].filter(({ instrument }) => isContractSymbol(instrument.symbol) === (market === 'perpetual'));
}
