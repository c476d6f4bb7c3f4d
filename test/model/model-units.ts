import { Decimal } from '../../src/domain/money.js';

/**
 * The model counts in whole numbers and shares no arithmetic with what it tests: amounts in lots, prices in ticks, fees
 * in parts of a lot or of a (lot x tick). They become Decimals only on their way into a session.
 */
const LOTS_PER_BASE = 1000;
const TICKS_PER_QUOTE = 100;
/** Base fees are counted in millionths of a lot: a fee of p millionths on one lot is p of them. */
export const MICRO = 1_000_000;

export const AMOUNT_STEP = '0.001';
export const PRICE_TICK = '0.01';

const lots: Decimal[] = [];
const ticks: Decimal[] = [];

export function baseOfLots(count: number): Decimal {
  return (lots[count] ??= new Decimal(count).dividedBy(LOTS_PER_BASE));
}

export function quoteOfTicks(count: number): Decimal {
  return (ticks[count] ??= new Decimal(count).dividedBy(TICKS_PER_QUOTE));
}

/** Not whole when the amount is no multiple of the step. */
export function lotsOf(amountBase: Decimal): number {
  return amountBase.times(LOTS_PER_BASE).toNumber();
}

export function ticksOf(priceQuote: Decimal): number {
  return priceQuote.times(TICKS_PER_QUOTE).toNumber();
}

/** Base fees, in base. */
export function baseOfMicroLots(count: number): Decimal {
  return new Decimal(`${count}e-9`);
}

/** (lots x ticks), in quote. */
export function quoteOfLotTicks(count: number): Decimal {
  return new Decimal(`${count}e-5`);
}

/** Millionths of (lots x ticks), in quote. */
export function quoteOfMicroLotTicks(count: number): Decimal {
  return new Decimal(`${count}e-11`);
}
