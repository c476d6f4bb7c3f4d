import * as market from '../binance/market-routes.js';
import type { Handler, Route } from '../binance/request-context.js';
import * as accounts from './futures-account-routes.js';
import * as conditionals from './futures-conditional-routes.js';
import * as contracts from './futures-market-routes.js';
import * as orders from './futures-order-routes.js';
import * as listenKeys from './listen-key-routes.js';

function open(handle: Handler): Route {
  return { market: 'perpetual', access: 'public', handle };
}

function keyed(handle: Handler): Route {
  return { market: 'perpetual', access: 'key', handle };
}

function signed(handle: Handler): Route {
  return { market: 'perpetual', access: 'signed', handle };
}

/** Every REST route of the perpetual market, by method and path. What both markets answer alike is answered by one function. */
export const FUTURES_ROUTES: ReadonlyMap<string, Route> = new Map([
  ['GET /fapi/v1/ping', open(market.ping)],
  ['GET /fapi/v1/time', open(market.time)],
  ['GET /fapi/v1/exchangeInfo', open(contracts.exchangeInfo)],
  ['GET /fapi/v1/depth', open(market.depth)],
  ['GET /fapi/v1/trades', open(market.trades)],
  ['GET /fapi/v1/historicalTrades', open(market.trades)],
  ['GET /fapi/v1/aggTrades', open(market.aggregateTrades)],
  ['GET /fapi/v1/klines', open(market.klines)],
  ['GET /fapi/v1/ticker/24hr', open(market.dayTicker)],
  ['GET /fapi/v1/ticker/price', open(market.priceTicker)],
  ['GET /fapi/v2/ticker/price', open(market.priceTicker)],
  ['GET /fapi/v1/ticker/bookTicker', open(market.bookTicker)],
  ['GET /fapi/v1/premiumIndex', open(contracts.premiumIndex)],
  ['GET /fapi/v1/fundingRate', open(contracts.fundingRates)],
  ['GET /fapi/v1/fundingInfo', open(contracts.fundingInfo)],
  ['POST /fapi/v1/order', signed(orders.createOrder)],
  ['PUT /fapi/v1/order', signed(orders.modifyOrder)],
  ['DELETE /fapi/v1/order', signed(orders.cancelOneOrder)],
  ['GET /fapi/v1/order', signed(orders.queryOrder)],
  ['GET /fapi/v1/openOrder', signed(orders.queryOpenOrder)],
  ['GET /fapi/v1/openOrders', signed(orders.openOrders)],
  ['GET /fapi/v1/allOrders', signed(orders.allOrders)],
  ['DELETE /fapi/v1/allOpenOrders', signed(orders.cancelOpenOrders)],
  ['DELETE /fapi/v1/batchOrders', signed(orders.cancelBatch)],
  ['GET /fapi/v1/userTrades', signed(orders.userTrades)],
  ['POST /fapi/v1/algoOrder', signed(conditionals.createConditional)],
  ['GET /fapi/v1/algoOrder', signed(conditionals.queryConditional)],
  ['DELETE /fapi/v1/algoOrder', signed(conditionals.cancelOneConditional)],
  ['GET /fapi/v1/openAlgoOrders', signed(conditionals.openConditionals)],
  ['GET /fapi/v1/allAlgoOrders', signed(conditionals.allConditionals)],
  ['DELETE /fapi/v1/algoOpenOrders', signed(conditionals.cancelOpenConditionals)],
  ['GET /fapi/v2/account', signed(accounts.account)],
  ['GET /fapi/v3/account', signed(accounts.account)],
  ['GET /fapi/v2/balance', signed(accounts.balance)],
  ['GET /fapi/v3/balance', signed(accounts.balance)],
  ['GET /fapi/v2/positionRisk', signed(accounts.positionRisk(2))],
  ['GET /fapi/v3/positionRisk', signed(accounts.positionRisk(3))],
  ['GET /fapi/v1/leverageBracket', signed(accounts.leverageBrackets)],
  ['GET /fapi/v1/symbolConfig', signed(accounts.symbolConfig)],
  ['GET /fapi/v1/accountConfig', signed(accounts.accountConfig)],
  ['GET /fapi/v1/commissionRate', signed(accounts.commissionRate)],
  ['GET /fapi/v1/income', signed(accounts.income)],
  ['POST /fapi/v1/leverage', signed(accounts.changeLeverage)],
  ['POST /fapi/v1/marginType', signed(accounts.changeMarginType)],
  ['GET /fapi/v1/positionSide/dual', signed(accounts.positionMode)],
  ['POST /fapi/v1/positionSide/dual', signed(accounts.changePositionMode)],
  ['POST /fapi/v1/listenKey', keyed(listenKeys.createListenKey)],
  ['PUT /fapi/v1/listenKey', keyed(listenKeys.renewListenKey)],
  ['DELETE /fapi/v1/listenKey', keyed(listenKeys.endListenKey)],
]);
