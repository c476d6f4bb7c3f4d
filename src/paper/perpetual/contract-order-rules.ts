import type { ExchangeState } from '../exchange/exchange-state.js';
import { type Decimal, isMultipleOf } from '../matching/exact-decimal.js';
import type { Instrument } from '../matching/instrument.js';
import { ContractRejection } from './contract-rejection.js';

/** Decimals of a price or an amount on the wire: those of its step. */
export function stepDecimals(step: Decimal): number {
  return step.decimalPlaces();
}

/** @throws ContractRejection */
export function checkContractPrice(instrument: Instrument, priceQuote: Decimal): void {
  const { priceTickQuote, minPriceQuote, maxPriceQuote } = instrument;
  // Binance gives prices one decimal more than the tick of its largest contracts needs; beyond that it is precision.
  if (priceQuote.decimalPlaces() > stepDecimals(priceTickQuote) + 1) throw new ContractRejection('price_precision');
  if (priceQuote.lt(minPriceQuote)) throw new ContractRejection('price_below_minimum');
  if (priceQuote.gt(maxPriceQuote)) throw new ContractRejection('price_above_maximum');
  if (!isMultipleOf(priceQuote, priceTickQuote)) throw new ContractRejection('price_tick');
}

/** @throws ContractRejection */
export function checkContractAmount(instrument: Instrument, amountBase: Decimal, isMarket: boolean): void {
  const { amountStepBase, minAmountBase, maxAmountBase, maxMarketAmountBase } = instrument;
  if (amountBase.decimalPlaces() > stepDecimals(amountStepBase)) throw new ContractRejection('quantity_precision');
  if (amountBase.lt(minAmountBase)) throw new ContractRejection('quantity_below_minimum');
  if (amountBase.gt(isMarket ? maxMarketAmountBase : maxAmountBase)) throw new ContractRejection('quantity_above_maximum');
  if (!isMultipleOf(amountBase, amountStepBase)) throw new ContractRejection('quantity_step');
}

/** Orders that only reduce may be as small as they have to be. @throws ContractRejection notional */
export function checkContractNotional(instrument: Instrument, notionalQuote: Decimal): void {
  if (notionalQuote.gte(instrument.minNotionalQuote)) return;
  throw new ContractRejection('notional', instrument.minNotionalQuote.toFixed());
}

/** @throws ContractRejection */
export function checkFreeClientId(state: ExchangeState, account: string, symbol: string, clientOrderId: string): void {
  if (state.openOrders.byClientOrderId(account, symbol, clientOrderId) === undefined) return;
  throw new ContractRejection('duplicate_client_order_id');
}
