import * as accounts from './account-routes.js';
import * as market from './market-routes.js';
import * as orders from './order-routes.js';
import { cancelReplaceOrder } from './replace-route.js';
import type { Handler, Route } from './request-context.js';

function open(handle: Handler): Route {
  return { market: 'spot', access: 'public', handle };
}

function signed(handle: Handler): Route {
  return { market: 'spot', access: 'signed', handle };
}

/** Every REST route, by method and path. */
export const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['GET /api/v3/ping', open(market.ping)],
  ['GET /api/v3/time', open(market.time)],
  ['GET /api/v3/exchangeInfo', open(market.exchangeInfo)],
  ['GET /api/v3/depth', open(market.depth)],
  ['GET /api/v3/trades', open(market.trades)],
  ['GET /api/v3/historicalTrades', open(market.trades)],
  ['GET /api/v3/aggTrades', open(market.aggregateTrades)],
  ['GET /api/v3/klines', open(market.klines)],
  ['GET /api/v3/ticker/24hr', open(market.dayTicker)],
  ['GET /api/v3/ticker/price', open(market.priceTicker)],
  ['GET /api/v3/ticker/bookTicker', open(market.bookTicker)],
  ['POST /api/v3/order', signed(orders.createOrder)],
  ['POST /api/v3/order/cancelReplace', signed(cancelReplaceOrder)],
  ['DELETE /api/v3/order', signed(orders.cancelOneOrder)],
  ['GET /api/v3/order', signed(orders.queryOrder)],
  ['GET /api/v3/openOrders', signed(orders.openOrders)],
  ['DELETE /api/v3/openOrders', signed(orders.cancelOpenOrders)],
  ['GET /api/v3/allOrders', signed(orders.allOrders)],
  ['GET /api/v3/myTrades', signed(orders.myTrades)],
  ['GET /api/v3/account', signed(accounts.account)],
  ['GET /sapi/v1/asset/tradeFee', signed(accounts.tradeFees)],
]);
