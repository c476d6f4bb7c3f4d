import { Decimal } from './exact-decimal.js';
import type { LiquidityRole } from './order.js';

/** Fee rates as fractions of the trade; `feeAsset` is "received" (base for a buy, quote for a sell) or a third asset. */
export interface FeeSchedule {
  readonly makerRate: Decimal;
  readonly takerRate: Decimal;
  readonly feeAsset: 'received' | (string & {});
}

export interface Fee {
  readonly asset: string;
  readonly amount: Decimal;
}

/** Commissions have eight decimals on Binance spot; what is below that is not charged. */
const COMMISSION_DECIMALS = 8;

export function rateOf(schedule: FeeSchedule, role: LiquidityRole): Decimal {
  return role === 'maker' ? schedule.makerRate : schedule.takerRate;
}

/** Fee in the asset the trade brings in. */
export function receivedFee(rate: Decimal, receivedAsset: string, receivedAmount: Decimal): Fee {
  return { asset: receivedAsset, amount: roundDown(receivedAmount.times(rate)) };
}

/** Fee in a third asset, worth `rate` of the trade's quote amount at the asset's price in that quote. */
export function thirdAssetFee(rate: Decimal, asset: string, tradeQuote: Decimal, assetPriceQuote: Decimal): Fee {
  return { asset, amount: roundDown(tradeQuote.times(rate).div(assetPriceQuote)) };
}

function roundDown(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(COMMISSION_DECIMALS, Decimal.ROUND_DOWN);
}
