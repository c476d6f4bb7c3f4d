import type { RequestCost } from './rate-limits.js';

/** ccxt's units per unit of Binance: its pace of 50 ms is 1,200 a minute, where the exchange counts 6,000. */
const SPOT_WEIGHT_PER_UNIT = 5;
/** The wallet interface is paced by ccxt as 12,000 a minute. */
const WALLET_WEIGHT_PER_UNIT = 10;

/** Paths that place or change one order, by the exchange's own counting of orders. */
const ORDER_PATHS: Readonly<Record<string, ReadonlySet<string>>> = {
  POST: new Set(['order', 'order/cancelReplace', 'sor/order', 'algoOrder']),
  PUT: new Set(['order', 'order/amend/keepPriority']),
};

/** What a request takes of the limits, from what ccxt says that it costs. */
export function requestCost(ccxtId: string, api: string, method: string, path: string, ccxtCost: number): RequestCost {
  if (ccxtId !== 'binance' && ccxtId !== 'binanceusdm') return { weight: ccxtCost, orders: 0 };
  const orders = ORDER_PATHS[method]?.has(path) === true ? 1 : 0;
  if (api.startsWith('fapi')) {
    // There an order weighs nothing and counts as an order alone; ccxt's cost of it is a pace, not a weight.
    return { weight: orders > 0 ? 0 : ccxtCost, orders };
  }
  const perUnit = api.startsWith('sapi') ? WALLET_WEIGHT_PER_UNIT : SPOT_WEIGHT_PER_UNIT;
  return { weight: Math.ceil(ccxtCost * perUnit - 1e-9), orders };
}
