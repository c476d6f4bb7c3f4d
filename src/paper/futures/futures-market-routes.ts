import { type RequestContext } from '../binance/request-context.js';
import { wireDecimal } from '../binance/render-order.js';
import type { Instrument } from '../matching/instrument.js';
import type { ContractMarket } from '../perpetual/contract-market.js';
import { contractSymbol, wireSymbolOf } from '../perpetual/contract-symbol.js';
import { renderPremiumIndex } from './render-contract.js';

/** Far enough away that no client takes a perpetual for a dated contract: Binance's own mark for "never". */
const NEVER_DELIVERED_MS = 4_133_404_800_000;
const HOUR_MS = 3_600_000;
const CONDITIONAL_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET'];

export function exchangeInfo({ perpetuals, parameters, state, quota }: RequestContext): unknown {
  parameters.finish();
  const assets = new Set([...perpetuals.markets.values()].map(({ contract }) => contract.settleAsset));
  return {
    timezone: 'UTC',
    serverTime: state.now(),
    futuresType: 'U_MARGINED',
    rateLimits: quota.limits('perpetual') ?? [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 100_000 },
    ],
    exchangeFilters: [],
    assets: [...assets].map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: '0' })),
    symbols: [...perpetuals.markets.values()].map(renderContract),
  };
}

function renderContract({ contract, pair }: ContractMarket): Record<string, unknown> {
  const { instrument } = pair;
  return {
    symbol: contract.wireSymbol,
    pair: contract.wireSymbol,
    contractType: 'PERPETUAL',
    deliveryDate: NEVER_DELIVERED_MS,
    onboardDate: 0,
    status: 'TRADING',
    maintMarginPercent: contract.brackets[0]?.maintenanceRate.times(100).toFixed(4),
    requiredMarginPercent: '5.0000',
    baseAsset: instrument.baseAsset,
    quoteAsset: instrument.quoteAsset,
    marginAsset: contract.settleAsset,
    pricePrecision: instrument.priceTickQuote.decimalPlaces() + 1,
    quantityPrecision: instrument.amountStepBase.decimalPlaces(),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    triggerProtect: '0.0500',
    liquidationFee: contract.liquidationFeeRate.toFixed(6),
    marketTakeBound: '0.05',
    filters: renderFilters(instrument),
    orderTypes: ['LIMIT', 'MARKET', ...CONDITIONAL_TYPES],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  };
}

function renderFilters(instrument: Instrument): Record<string, unknown>[] {
  const { minAmountBase, maxAmountBase, maxMarketAmountBase, amountStepBase } = instrument;
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: instrument.minPriceQuote.toFixed(),
      maxPrice: instrument.maxPriceQuote.toFixed(),
      tickSize: instrument.priceTickQuote.toFixed(),
    },
    { filterType: 'LOT_SIZE', minQty: minAmountBase.toFixed(), maxQty: maxAmountBase.toFixed(), stepSize: amountStepBase.toFixed() },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: minAmountBase.toFixed(),
      maxQty: maxMarketAmountBase.toFixed(),
      stepSize: amountStepBase.toFixed(),
    },
    { filterType: 'MAX_NUM_ORDERS', limit: instrument.maxOpenOrders },
    { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 200 },
    { filterType: 'MIN_NOTIONAL', notional: instrument.minNotionalQuote.toFixed() },
  ];
}

export function premiumIndex(context: RequestContext): unknown {
  const { perpetuals, parameters } = context;
  const symbol = parameters.text('symbol');
  parameters.finish();
  if (symbol !== undefined) return renderPremiumIndex(perpetuals, perpetuals.market(contractSymbol(symbol)));
  return [...perpetuals.markets.values()].map((market) => renderPremiumIndex(perpetuals, market));
}

export function fundingRates({ perpetuals, parameters }: RequestContext): unknown {
  const symbol = parameters.text('symbol');
  const fromMs = parameters.integer('startTime');
  const toMs = parameters.integer('endTime');
  const limit = parameters.limit(100, 1000);
  parameters.finish();
  const stored = perpetuals.queries.funding(symbol === undefined ? undefined : contractSymbol(symbol), fromMs, toMs, limit);
  return stored.map((entry) => ({
    symbol: wireSymbolOf(entry.symbol),
    fundingRate: wireDecimal(entry.rate),
    fundingTime: entry.timeMs,
    markPrice: wireDecimal(entry.markQuote),
  }));
}

export function fundingInfo({ perpetuals, parameters }: RequestContext): unknown {
  parameters.finish();
  return [...perpetuals.markets.values()].map(({ contract, settings }) => ({
    symbol: contract.wireSymbol,
    adjustedFundingRateCap: '0.02000000',
    adjustedFundingRateFloor: '-0.02000000',
    fundingIntervalHours: settings.fundingIntervalMs / HOUR_MS,
    disclaimer: false,
  }));
}
