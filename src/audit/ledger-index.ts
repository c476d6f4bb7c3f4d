import type { AuditedExecutor, AuditedMarket, AuditInput, LedgerTrade } from './audit-input.js';
import { closes, type OwnedOrder } from './order-owners.js';

/** The ledger looked at by executor, order and market. */
export class LedgerIndex {
  private readonly tradesByOrder = new Map<number, LedgerTrade[]>();
  private readonly ordersByExecutor = new Map<string, OwnedOrder[]>();
  private readonly markets = new Map<string, AuditedMarket>();

  constructor(
    readonly input: AuditInput,
    readonly owned: readonly OwnedOrder[],
  ) {
    for (const market of input.markets) this.markets.set(market.symbol, market);
    for (const trade of input.ledger.trades) push(this.tradesByOrder, trade.orderId, trade);
    for (const order of owned) push(this.ordersByExecutor, order.executor.id, order);
  }

  market(symbol: string): AuditedMarket {
    const market = this.markets.get(symbol);
    if (market === undefined) throw new Error(`markets: ${symbol} is traded in the ledger and not described`);
    return market;
  }

  isSpot(symbol: string): boolean {
    return this.market(symbol).contract === 'spot';
  }

  tradesOfOrder(orderId: number): readonly LedgerTrade[] {
    return this.tradesByOrder.get(orderId) ?? [];
  }

  ordersOf(executor: AuditedExecutor): readonly OwnedOrder[] {
    return this.ordersByExecutor.get(executor.id) ?? [];
  }

  /** Trades of an executor in the order the exchange made them; `side` picks what opened or what closed. */
  tradesOf(executor: AuditedExecutor, side: 'opened' | 'closed' | 'all'): readonly LedgerTrade[] {
    const orders = this.ordersOf(executor).filter((order) => side === 'all' || closes(order.path) === (side === 'closed'));
    return orders.flatMap((order) => this.tradesOfOrder(order.order.orderId)).sort((left, right) => left.tradeId - right.tradeId);
  }

  /** Market of an executor that traded; an executor trades one pair. */
  marketOf(executor: AuditedExecutor): AuditedMarket | null {
    const [first] = this.ordersOf(executor);
    return first === undefined ? null : this.market(first.order.symbol);
  }
}

function push<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
