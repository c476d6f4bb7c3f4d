/** What the bare loop is told over its process channel, and what it answers. Prices and amounts are decimal strings. */
export type BareCommand =
  | { readonly kind: 'watch'; readonly symbol: string }
  /** Sell at market once the bid is at or below the stop. */
  | { readonly kind: 'arm'; readonly stops: readonly BareStop[] }
  /** Rest limit buys; each is armed when its fill is heard on the user stream. */
  | { readonly kind: 'rest'; readonly orders: readonly BareRest[] }
  | { readonly kind: 'limit'; readonly requestsPerSecond: number };

export interface BareStop {
  readonly clientOrderId: string;
  readonly stopQuote: string;
  readonly amountBase: string;
  /** Orders whose cancel is confirmed before anything is sold. */
  readonly cancels?: readonly string[];
}

export interface BareRest {
  readonly clientOrderId: string;
  readonly priceQuote: string;
  readonly amountBase: string;
  readonly stopQuote: string;
}

export type BareAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly command: BareCommand['kind'] }
  | { readonly kind: 'sold'; readonly clientOrderId: string }
  /** Both in unix ms: when it could fire, by this process; the fill, by the exchange. */
  | { readonly kind: 'armed'; readonly clientOrderId: string; readonly armedAtMs: number; readonly fillAtMs: number }
  | { readonly kind: 'failed'; readonly error: string };
