import { decimal } from '../domain/money.js';
import type { ExchangeOrder, OrderIntent } from '../ports/exchange.js';
import type { CcxtClient } from './ccxt-client.js';

type Terms = Pick<OrderIntent, 'pair' | 'side' | 'type' | 'amountBase' | 'priceQuote'>;

/**
 * Whether an order found under our id is the one that was meant. Ids are unique among open orders only on many
 * exchanges, and short renders can collide; the time is for the caller to compare.
 */
export function sameTerms(intent: Terms, order: ExchangeOrder): boolean {
  return (
    intent.pair === order.pair &&
    intent.side === order.side &&
    isSameKind(intent.type, order.type) &&
    decimal(intent.amountBase).equals(order.amountBase) &&
    isSamePrice(intent.priceQuote, order.priceQuote)
  );
}

/** Some exchanges tell a post-only order back as a limit order. */
function isSameKind(meant: Terms['type'], found: Terms['type']): boolean {
  return meant === found || (meant !== 'MARKET' && found !== 'MARKET');
}

function isSamePrice(meant: string | null, found: string | null): boolean {
  return meant === null || found === null ? meant === found : decimal(meant).equals(found);
}

/**
 * Null when ccxt would send exactly the amount and price of the intent. ccxt truncates amounts and rounds prices
 * silently, so another number here is a bug in our quantiser or stale rules, and nothing may be sent.
 */
export function quantiserDisagreement(client: CcxtClient, symbol: string, intent: Terms): string | null {
  const amount = client.amountToPrecision(symbol, intent.amountBase);
  if (!decimal(amount).equals(intent.amountBase)) return `amount ${intent.amountBase} would be sent as ${amount}`;
  if (intent.priceQuote === null) return null;
  const price = client.priceToPrecision(symbol, intent.priceQuote);
  return decimal(price).equals(intent.priceQuote) ? null : `price ${intent.priceQuote} would be sent as ${price}`;
}
