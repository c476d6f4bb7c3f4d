import { printTrade } from '../../src/paper/exchange/administration.js';
import { applyBook } from '../../src/paper/exchange/market-intake.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import type { Order } from '../../src/paper/matching/order.js';
import { setContract } from '../../src/paper/perpetual/contract-control.js';
import { placeContractOrder } from '../../src/paper/perpetual/contract-order-entry.js';
import { ContractRejection } from '../../src/paper/perpetual/contract-rejection.js';
import type { PerpetualExchange } from '../../src/paper/perpetual/perpetual-exchange.js';
import { snapshot } from './exchange-fixture.js';
import { BTC, contractOrder, openTestPerpetuals } from './perpetual-fixture.js';

/** A perpetual market at 50,000 with two customers of 10,000 each, and what a test does to it and reads of it. */
export class PerpetualScene {
  /** Without fees every number of a test can be followed by hand; the tests that are about fees say so. */
  readonly perpetuals: PerpetualExchange = openTestPerpetuals({ feeRate: '0' });

  constructor() {
    this.book('50000', '50000.1');
  }

  end(): void {
    this.perpetuals.state.ledger.close();
  }

  book(bid: string, ask: string, size = '1000'): void {
    const { state } = this.perpetuals;
    applyBook(state, state.pair(BTC), snapshot([[bid, size]], [[ask, size]]));
  }

  print(price: string, amount: string): void {
    const { state } = this.perpetuals;
    printTrade(state, state.pair(BTC), { priceQuote: new Decimal(price), amountBase: new Decimal(amount), buyerIsMaker: undefined });
  }

  /** Lays the mark price down, or gives it back to the market. */
  mark(price: string | null): void {
    const market = this.perpetuals.market(BTC);
    setContract(this.perpetuals, market, { markQuote: price === null ? null : new Decimal(price) });
  }

  place(...order: Parameters<typeof contractOrder>): Readonly<Order> {
    return placeContractOrder(this.perpetuals, contractOrder(...order)).order;
  }

  /** State, filled and whole amount of an order, as text. */
  stateOf(orderId: number): string {
    const { state } = this.perpetuals;
    const order = state.openOrders.byOrderId(orderId) ?? state.ledger.queries.order(orderId);
    return `${order?.state} ${order?.filledBase.toFixed()}/${order?.amountBase.toFixed()}`;
  }

  isolatedOf(account: string): string {
    return this.perpetuals.account(account).position(BTC, 'both').isolatedQuote.toFixed();
  }

  /** Type and amount of each income, oldest first. */
  incomesOf(account: string): string[] {
    const all = { symbol: undefined, type: undefined, fromMs: undefined, toMs: undefined, limit: 100 };
    return this.perpetuals.queries.incomes({ account, ...all }).map(({ type, amount }) => `${type} ${amount.toFixed()}`);
  }
}

/** Why a request is refused, or that it is not. */
export function reasonOf(action: () => unknown): string {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof ContractRejection) return error.reason;
    throw error;
  }
}
