import type { Decimal } from '../domain/money.js';

export interface BarrierLine {
  /** Price of the stop loss; null when it is off or nothing is filled. */
  readonly stopQuote: Decimal | null;
  readonly priceQuote: Decimal | null;
  readonly targetQuote: Decimal | null;
}

const WIDTH = 32;

/**
 * The price between its barriers as a small line, worse on the left and better on the right for either side of the trade:
 * `stop 99.80 |------*-----| 100.30 target`. Empty while a barrier or the price is not known.
 */
export function barrierLine({ stopQuote, priceQuote, targetQuote }: BarrierLine, width = WIDTH): string {
  if (stopQuote === null || priceQuote === null || targetQuote === null || stopQuote.equals(targetQuote)) return '';
  const share = priceQuote.minus(stopQuote).dividedBy(targetQuote.minus(stopQuote));
  const place = Math.round(Math.min(1, Math.max(0, share.toNumber())) * (width - 1));
  const track = `${'-'.repeat(place)}*${'-'.repeat(width - 1 - place)}`;
  return `stop ${shownPrice(stopQuote)} |${track}| ${shownPrice(targetQuote)} target   price ${shownPrice(priceQuote)}`;
}

/** A price with the digits a person reads: two behind the point, more when it is small. */
export function shownPrice(priceQuote: Decimal): string {
  return priceQuote.abs().greaterThanOrEqualTo(10) ? priceQuote.toFixed(2) : priceQuote.toSignificantDigits(6).toFixed();
}
