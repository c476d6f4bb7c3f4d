import { type Decimal, isMultipleOf } from './exact-decimal.js';

/** Trading rules of one pair. Prices and notionals in quote, amounts in base. */
export interface Instrument {
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly priceTickQuote: Decimal;
  readonly minPriceQuote: Decimal;
  readonly maxPriceQuote: Decimal;
  readonly amountStepBase: Decimal;
  readonly minAmountBase: Decimal;
  readonly maxAmountBase: Decimal;
  readonly maxMarketAmountBase: Decimal;
  readonly minNotionalQuote: Decimal;
  readonly maxOpenOrders: number;
}

export type RuleViolation =
  | { readonly rule: 'price_filter' }
  | { readonly rule: 'lot_size' }
  | { readonly rule: 'market_lot_size' }
  | { readonly rule: 'notional' };

export function checkPrice(instrument: Instrument, priceQuote: Decimal): RuleViolation | undefined {
  const inRange = priceQuote.gte(instrument.minPriceQuote) && priceQuote.lte(instrument.maxPriceQuote);
  return inRange && isMultipleOf(priceQuote, instrument.priceTickQuote) ? undefined : { rule: 'price_filter' };
}

export function checkAmount(instrument: Instrument, amountBase: Decimal): RuleViolation | undefined {
  const inRange = amountBase.gte(instrument.minAmountBase) && amountBase.lte(instrument.maxAmountBase);
  return inRange && isMultipleOf(amountBase, instrument.amountStepBase) ? undefined : { rule: 'lot_size' };
}

export function checkMarketAmount(instrument: Instrument, amountBase: Decimal): RuleViolation | undefined {
  return amountBase.lte(instrument.maxMarketAmountBase) ? undefined : { rule: 'market_lot_size' };
}

export function checkNotional(instrument: Instrument, notionalQuote: Decimal): RuleViolation | undefined {
  return notionalQuote.gte(instrument.minNotionalQuote) ? undefined : { rule: 'notional' };
}
