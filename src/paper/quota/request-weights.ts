/** What decides the weight of a request, besides its route. */
export interface WeighedRequest {
  readonly method: string;
  readonly route: string;
  readonly symbol: string | undefined;
  readonly limit: number | undefined;
}

type Weight = number | ((request: WeighedRequest) => number);

const bySymbol = (one: number, all: number) => (request: WeighedRequest) => (request.symbol === undefined ? all : one);
const byLimit = (steps: readonly (readonly [upTo: number, weight: number])[], most: number) => (request: WeighedRequest) =>
  steps.find(([upTo]) => (request.limit ?? 100) <= upTo)?.[1] ?? most;

/** As published by the exchange; what is not listed weighs one. */
const WEIGHTS: Readonly<Record<string, Weight>> = {
  'GET /api/v3/exchangeInfo': 20,
  'GET /api/v3/depth': byLimit([[100, 5], [500, 25], [1_000, 50]], 250),
  'GET /api/v3/trades': 25,
  'GET /api/v3/historicalTrades': 25,
  'GET /api/v3/aggTrades': 4,
  'GET /api/v3/klines': 2,
  'GET /api/v3/ticker/24hr': bySymbol(2, 80),
  'GET /api/v3/ticker/price': bySymbol(2, 4),
  'GET /api/v3/ticker/bookTicker': bySymbol(2, 4),
  'GET /api/v3/order': 4,
  'GET /api/v3/openOrders': bySymbol(6, 80),
  'GET /api/v3/allOrders': 20,
  'GET /api/v3/myTrades': 20,
  'GET /api/v3/account': 20,
  'GET /fapi/v1/depth': byLimit([[50, 2], [100, 5], [500, 10]], 20),
  'GET /fapi/v1/trades': 5,
  'GET /fapi/v1/historicalTrades': 20,
  'GET /fapi/v1/aggTrades': 20,
  'GET /fapi/v1/klines': byLimit([[99, 1], [499, 2], [1_000, 5]], 10),
  'GET /fapi/v1/ticker/24hr': bySymbol(1, 40),
  'GET /fapi/v1/ticker/price': bySymbol(1, 2),
  'GET /fapi/v1/ticker/bookTicker': bySymbol(2, 5),
  'GET /fapi/v1/openOrders': bySymbol(1, 40),
  'GET /fapi/v1/allOrders': 5,
  'GET /fapi/v1/userTrades': 5,
  'GET /fapi/v1/openAlgoOrders': bySymbol(1, 40),
  'GET /fapi/v1/allAlgoOrders': 5,
  'GET /fapi/v2/account': 5,
  'GET /fapi/v3/account': 5,
  'GET /fapi/v2/balance': 5,
  'GET /fapi/v3/balance': 5,
  'GET /fapi/v2/positionRisk': 5,
  'GET /fapi/v3/positionRisk': 5,
  'GET /fapi/v1/positionSide/dual': 30,
  'GET /fapi/v1/income': 30,
  // An order of the perpetual market is counted as an order, and as no weight.
  'POST /fapi/v1/order': 0,
  'PUT /fapi/v1/order': 0,
  'POST /fapi/v1/algoOrder': 0,
};

const ORDERS: ReadonlySet<string> = new Set([
  'POST /api/v3/order',
  'POST /api/v3/order/cancelReplace',
  'PUT /api/v3/order/amend/keepPriority',
  'POST /fapi/v1/order',
  'PUT /fapi/v1/order',
  'POST /fapi/v1/algoOrder',
]);

export function weightOf(request: WeighedRequest): number {
  const weight = WEIGHTS[`${request.method} ${request.route}`] ?? 1;
  return typeof weight === 'number' ? weight : weight(request);
}

/** Orders that a request counts as. */
export function ordersOf(request: WeighedRequest): number {
  return ORDERS.has(`${request.method} ${request.route}`) ? 1 : 0;
}
