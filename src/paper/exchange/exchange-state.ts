import type { StoredUsedLevel } from '../ledger/ledger-queries.js';
import type { Ledger } from '../ledger/ledger.js';
import { Balances } from '../matching/balances.js';
import type { FeeSchedule } from '../matching/fees.js';
import type { Instrument } from '../matching/instrument.js';
import { Market } from '../matching/market.js';
import { type Order, isWaiting } from '../matching/order.js';
import type { StopOrders } from '../matching/stop-orders.js';
import { type BestPrices, bestPrices } from '../matching/visible-book.js';
import type { PriceHistory } from '../candles/price-history.js';
import type { ContractHooks } from './contract-hooks.js';
import type { ExchangeListener } from './exchange-listener.js';
import { OpenOrders } from './open-orders.js';
import { Rejection } from './rejection.js';
import type { TradeIds } from './trade-ids.js';

/** What a pair in manual mode does with a new order. */
export type ManualAdmission = 'accept' | 'hold-before-commit' | 'hold-after-commit';
export type MatchingMode =
  | { readonly mode: 'automatic' }
  | { readonly mode: 'manual'; readonly admission: ManualAdmission };

export interface Retention {
  readonly forget: 'unfilled' | 'ended';
  /** After its last change. */
  readonly afterMs: number;
  readonly answer: 'unknown' | 'archived';
}

/** One pair: its rules, its matching, where its trade ids stand. */
export interface Pair {
  instrument: Instrument;
  readonly market: Market;
  readonly stops: StopOrders;
  readonly tradeIds: TradeIds;
  readonly history: PriceHistory;
  matching: MatchingMode;
  /** Given for perpetuals and no others. */
  contract?: ContractHooks;
}

/** Everything the exchange holds in memory. Rebuilt from the ledger at start. */
export class ExchangeState {
  readonly pairs = new Map<string, Pair>();
  readonly balances = new Balances();
  readonly openOrders = new OpenOrders();
  readonly accountFees = new Map<string, FeeSchedule>();
  readonly listeners = new Set<ExchangeListener>();
  /** Used-up levels that are in the ledger, by symbol, side and price. */
  readonly usedLevelKeys = new Set<string>();
  /** Used-up levels of before a restart, until the feed has shown a book to compare them with. */
  readonly usedBeforeRestart = new Map<string, StoredUsedLevel[]>();
  /** Where the feed stands, to be continued after a restart. */
  feedPosition: () => string | undefined = () => undefined;
  /** Which ended orders queries no longer find; null: they find all. */
  retention: Retention | null = null;
  nextOrderId = 1;
  nextEventSequence = 1;

  constructor(
    readonly ledger: Ledger,
    readonly accountNames: ReadonlySet<string>,
    public fees: FeeSchedule,
    readonly now: () => number,
    /** Memory and ledger may disagree: the process must end and start again from the ledger. */
    readonly fail: (error: unknown) => void,
  ) {}

  /** @throws Rejection unknown_symbol */
  pair(symbol: string): Pair {
    const pair = this.pairs.get(symbol);
    if (pair === undefined) throw new Rejection('unknown_symbol');
    return pair;
  }

  feesOf(account: string): FeeSchedule {
    return this.accountFees.get(account) ?? this.fees;
  }

  bestPrices(pair: Pair): BestPrices {
    return bestPrices(pair.market, pair.matching.mode === 'automatic');
  }

  /**
   * After a restart, the size customers had used up is gone again, provided the level shows the size it showed then;
   * if not, the feed has renewed it meanwhile.
   */
  restoreUsedLevels(pair: Pair): void {
    const { symbol } = pair.instrument;
    for (const stored of this.usedBeforeRestart.get(symbol) ?? []) {
      const level = pair.market.external.side(stored.side).at(stored.priceQuote);
      if (level?.displayedBase.eq(stored.displayedBase) === true) level.takenBase = stored.takenBase;
    }
    this.usedBeforeRestart.delete(symbol);
  }

  /**
   * An order enters the book of its pair, or only the list of open orders when nothing matches by itself; a stop order
   * waits beside the book.
   */
  admit(pair: Pair, order: Order): void {
    this.openOrders.add(order);
    if (isWaiting(order)) pair.stops.add(order);
    else if (pair.matching.mode === 'automatic') pair.market.rest(order);
  }

  withdraw(pair: Pair, order: Order): void {
    this.openOrders.remove(order);
    pair.stops.remove(order);
    if (order.priceQuote !== null) pair.market.remove(order);
  }
}
