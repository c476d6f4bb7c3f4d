/**
 * Spot and USD-M name their markets alike (`BTCUSDT`). Inside this exchange, in its ledger and in its control API a
 * perpetual carries a suffix, as Binance itself names its coin-margined ones.
 */
const SUFFIX = '_PERP';

export function contractSymbol(wireSymbol: string): string {
  return `${wireSymbol}${SUFFIX}`;
}

export function isContractSymbol(symbol: string): boolean {
  return symbol.endsWith(SUFFIX);
}

/** The name on the USD-M wire. */
export function wireSymbolOf(symbol: string): string {
  return isContractSymbol(symbol) ? symbol.slice(0, -SUFFIX.length) : symbol;
}
