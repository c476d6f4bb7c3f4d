import type { QuotaLimit } from '../quota/request-quota.js';
import type { Instrument } from '../matching/instrument.js';
import { ZERO_TEXT, wireDecimal } from './render-order.js';

const ASSET_PRECISION = 8;

export function renderExchangeInfo(instruments: readonly Instrument[], nowMs: number, enforced: readonly QuotaLimit[] | null = null): Record<string, unknown> {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    rateLimits: enforced ?? [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 10_000 },
    ],
    exchangeFilters: [],
    symbols: instruments.map(renderSymbol),
  };
}

function renderSymbol(instrument: Instrument): Record<string, unknown> {
  return {
    symbol: instrument.symbol,
    status: 'TRADING',
    baseAsset: instrument.baseAsset,
    baseAssetPrecision: ASSET_PRECISION,
    quoteAsset: instrument.quoteAsset,
    quotePrecision: ASSET_PRECISION,
    quoteAssetPrecision: ASSET_PRECISION,
    baseCommissionPrecision: ASSET_PRECISION,
    quoteCommissionPrecision: ASSET_PRECISION,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: renderFilters(instrument),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}

function renderFilters(instrument: Instrument): Record<string, unknown>[] {
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: wireDecimal(instrument.minPriceQuote),
      maxPrice: wireDecimal(instrument.maxPriceQuote),
      tickSize: wireDecimal(instrument.priceTickQuote),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: wireDecimal(instrument.minAmountBase),
      maxQty: wireDecimal(instrument.maxAmountBase),
      stepSize: wireDecimal(instrument.amountStepBase),
    },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: ZERO_TEXT,
      maxQty: wireDecimal(instrument.maxMarketAmountBase),
      stepSize: ZERO_TEXT,
    },
    {
      filterType: 'NOTIONAL',
      minNotional: wireDecimal(instrument.minNotionalQuote),
      applyMinToMarket: true,
      maxNotional: '9000000.00000000',
      applyMaxToMarket: false,
      avgPriceMins: 0,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: instrument.maxOpenOrders },
  ];
}
