import { wireDecimal } from '../binance/render-order.js';
import { ZERO } from '../matching/exact-decimal.js';
import type { ContractMarket } from '../perpetual/contract-market.js';
import type { PerpetualExchange } from '../perpetual/perpetual-exchange.js';

const INTEREST_RATE = '0.00010000';

export function renderPremiumIndex(perpetuals: PerpetualExchange, market: ContractMarket): Record<string, unknown> {
  const mark = wireDecimal(perpetuals.markPrice(market) ?? ZERO);
  return {
    symbol: market.contract.wireSymbol,
    markPrice: mark,
    indexPrice: mark,
    estimatedSettlePrice: mark,
    lastFundingRate: wireDecimal(market.settings.fundingRate),
    interestRate: INTEREST_RATE,
    nextFundingTime: market.settings.nextFundingMs,
    time: perpetuals.state.now(),
  };
}

export function markPriceFrame(perpetuals: PerpetualExchange, symbol: string): Record<string, unknown> | undefined {
  const market = perpetuals.markets.get(symbol);
  const mark = market === undefined ? undefined : perpetuals.markPrice(market);
  if (market === undefined || mark === undefined) return undefined;
  const price = wireDecimal(mark);
  const { fundingRate, nextFundingMs } = market.settings;
  return {
    e: 'markPriceUpdate',
    E: perpetuals.state.now(),
    s: market.contract.wireSymbol,
    p: price,
    i: price,
    P: price,
    r: wireDecimal(fundingRate),
    T: nextFundingMs,
  };
}
