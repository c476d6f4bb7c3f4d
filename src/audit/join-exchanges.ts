import type { AuditedMarket, ExchangeLedger } from './audit-input.js';

/** What was read of one exchange, under a name that tells it from the others. */
export interface AuditedExchange {
  readonly name: string;
  readonly ledger: ExchangeLedger;
  readonly markets: readonly AuditedMarket[];
}

/** More orders and trades than one exchange has: each numbers its own from 1 on. */
const NUMBERS_PER_EXCHANGE = 1_000_000_000_000;

/** A symbol as the joined ledger has it: two exchanges name the same pair alike. */
export function joinedSymbol(exchange: string, symbol: string): string {
  return `${exchange}/${symbol}`;
}

/** One ledger of several exchanges: accounts and symbols carry the exchange's name, and numbers are moved apart. */
export function joinExchanges(exchanges: readonly AuditedExchange[]): { readonly ledger: ExchangeLedger; readonly markets: readonly AuditedMarket[] } {
  const parts = exchanges.map(apart);
  return {
    ledger: {
      orders: parts.flatMap(({ ledger }) => ledger.orders),
      trades: parts.flatMap(({ ledger }) => ledger.trades),
      balances: parts.flatMap(({ ledger }) => ledger.balances),
      transfers: parts.flatMap(({ ledger }) => ledger.transfers),
      perpetual: {
        positions: parts.flatMap(({ ledger }) => ledger.perpetual.positions),
        wallets: parts.flatMap(({ ledger }) => ledger.perpetual.wallets),
        incomes: parts.flatMap(({ ledger }) => ledger.perpetual.incomes),
      },
    },
    markets: parts.flatMap(({ markets }) => markets),
  };
}

function apart({ name, ledger, markets }: AuditedExchange, place: number): Omit<AuditedExchange, 'name'> {
  const first = place * NUMBERS_PER_EXCHANGE;
  const accountOf = <Item extends { readonly account: string }>(item: Item): Item => ({ ...item, account: `${name}/${item.account}` });
  const symbolOf = <Item extends { readonly account: string; readonly symbol: string }>(item: Item): Item => ({ ...accountOf(item), symbol: joinedSymbol(name, item.symbol) });
  const { perpetual } = ledger;
  return {
    ledger: {
      orders: ledger.orders.map((order) => ({ ...symbolOf(order), orderId: first + order.orderId, exchangeOrderId: String(order.orderId) })),
      trades: ledger.trades.map((trade) => ({ ...symbolOf(trade), orderId: first + trade.orderId, tradeId: first + trade.tradeId })),
      balances: ledger.balances.map(accountOf),
      transfers: ledger.transfers.map(accountOf),
      perpetual: {
        positions: perpetual.positions.map(symbolOf),
        wallets: perpetual.wallets.map(accountOf),
        incomes: perpetual.incomes.map((income) => ({ ...accountOf(income), symbol: income.symbol === null ? null : joinedSymbol(name, income.symbol) })),
      },
    },
    markets: markets.map((market) => ({ ...market, symbol: joinedSymbol(name, market.symbol) })),
  };
}
