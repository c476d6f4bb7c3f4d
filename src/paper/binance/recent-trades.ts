import type { ExchangeListener, PublicTrade } from '../exchange/exchange-listener.js';

const MAX_TRADES_PER_PAIR = 1_000;

/** The last public trades of each pair, oldest first. Not stored: a restart begins empty. */
export class RecentTrades implements ExchangeListener {
  private readonly byPair = new Map<string, PublicTrade[]>();

  traded(trade: PublicTrade): void {
    const trades = this.of(trade.symbol);
    trades.push(trade);
    if (trades.length > MAX_TRADES_PER_PAIR) trades.shift();
  }

  of(symbol: string): PublicTrade[] {
    let trades = this.byPair.get(symbol);
    if (trades === undefined) this.byPair.set(symbol, (trades = []));
    return trades;
  }
}
