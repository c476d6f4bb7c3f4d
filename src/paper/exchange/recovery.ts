import { z } from 'zod';
import { PriceHistory } from '../candles/price-history.js';
import { Ledger } from '../ledger/ledger.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { FeeSchedule } from '../matching/fees.js';
import type { Instrument } from '../matching/instrument.js';
import { Market } from '../matching/market.js';
import { StopOrders } from '../matching/stop-orders.js';
import { PerpetualQueries } from '../perpetual/perpetual-queries.js';
import type { Account } from './account-file.js';
import { ExchangeState, type MatchingMode, type Pair, type Retention } from './exchange-state.js';
import { renewBook } from './market-intake.js';
import { TradeIds } from './trade-ids.js';
import { transact } from './unit-of-work.js';

export interface ExchangeOptions {
  readonly databaseFile: string;
  readonly accounts: readonly Account[];
  readonly instruments: readonly Instrument[];
  readonly fees: FeeSchedule;
  readonly now: () => number;
  readonly fail: (error: unknown) => void;
}

/** Opens the ledger and rebuilds from it everything that was committed. What the control API set earlier wins over options. */
export function openExchange(options: ExchangeOptions): ExchangeState {
  const ledger = new Ledger(options.databaseFile);
  const names = new Set(options.accounts.map((account) => account.name));
  const state = new ExchangeState(ledger, names, options.fees, options.now, options.fail);
  const settings = ledger.queries.settings();
  state.nextOrderId = ledger.queries.lastOrderId() + 1;
  state.nextEventSequence = ledger.queries.lastEventSequence() + 1;
  for (const instrument of options.instruments) addPair(state, instrument, settings);
  restoreFees(state, settings);
  state.retention = JSON.parse(settings.get('retention') ?? 'null') as Retention | null;
  for (const row of ledger.queries.balances()) state.balances.restore(row.account, row.asset, row.free, row.locked);
  for (const account of options.accounts) openAccount(state, account);
  restoreOrders(state);
  for (const stored of ledger.queries.usedLevels()) {
    state.usedLevelKeys.add(`${stored.symbol}|${stored.side}|${stored.priceQuote.toFixed()}`);
    const list = state.usedBeforeRestart.get(stored.symbol) ?? [];
    state.usedBeforeRestart.set(stored.symbol, [...list, stored]);
  }
  transact(state, (work) => {
    work.event('started', {}, { openOrders: [...state.openOrders.all()].length });
  });
  return state;
}

function addPair(state: ExchangeState, instrument: Instrument, settings: ReadonlyMap<string, string>): void {
  const { symbol } = instrument;
  const name = `trade-ids:${symbol}`;
  const reserved = Number(settings.get(name) ?? '1');
  const tradeIds = new TradeIds(Math.max(reserved, state.ledger.queries.lastTradeId(symbol) + 1), (reservedBelow) => {
    state.ledger.saveSetting(name, String(reservedBelow));
  });
  const history = new PriceHistory();
  const lastCandle = state.ledger.queries.candleBefore(symbol, state.now());
  if (lastCandle !== undefined) history.resume(lastCandle);
  const rules = settings.get(`rules:${symbol}`);
  const matching = settings.get(`matching:${symbol}`);
  state.pairs.set(symbol, {
    instrument: rules === undefined ? instrument : restoreInstrument(rules),
    market: new Market(),
    stops: new StopOrders(),
    tradeIds,
    history,
    matching: matching === undefined ? { mode: 'automatic' } : (JSON.parse(matching) as MatchingMode),
  });
}

function restoreInstrument(text: string): Instrument {
  const stored = JSON.parse(text) as Record<string, string | number>;
  const names = new Set(['symbol', 'baseAsset', 'quoteAsset']);
  const entries = Object.entries(stored).map(([name, value]) => [
    name,
    typeof value === 'string' && !names.has(name) ? new Decimal(value) : value,
  ]);
  return Object.fromEntries(entries) as Instrument;
}

const storedFees = z.object({ makerRate: z.string(), takerRate: z.string(), feeAsset: z.string() });

function restoreFees(state: ExchangeState, settings: ReadonlyMap<string, string>): void {
  for (const [name, text] of settings) {
    if (name !== 'fees' && !name.startsWith('fees:')) continue;
    const stored = storedFees.parse(JSON.parse(text));
    const schedule: FeeSchedule = {
      makerRate: new Decimal(stored.makerRate),
      takerRate: new Decimal(stored.takerRate),
      feeAsset: stored.feeAsset,
    };
    if (name === 'fees') state.fees = schedule;
    else state.accountFees.set(name.slice('fees:'.length), schedule);
  }
}

function openAccount(state: ExchangeState, account: Account): void {
  if (state.ledger.queries.accountExists(account.name)) return;
  transact(state, (work) => {
    for (const [asset, amount] of Object.entries(account.balances)) {
      state.balances.credit(account.name, asset, new Decimal(amount));
      work.event('deposit', { account: account.name }, { asset, amount });
    }
    work.newAccount(account.name);
  });
}

function restoreOrders(state: ExchangeState): void {
  const perpetualQueries = new PerpetualQueries(state.ledger.queries);
  for (const stored of state.ledger.queries.openOrders()) {
    const order = perpetualQueries.withTerms(stored);
    const pair = state.pairs.get(order.symbol);
    if (pair === undefined) throw new Error(`open order ${order.orderId} is on ${order.symbol}, which is not configured`);
    const { queueAheadBase } = order;
    state.admit(pair, order);
    // The feed has not shown a book yet; its first one shortens the queue if it has become shorter.
    order.queueAheadBase = queueAheadBase;
  }
}

/** Puts the book back that was last set by hand, if any. */
export function restoreScriptedBook(state: ExchangeState, pair: Pair): boolean {
  const text = state.ledger.queries.settings().get(`book:${pair.instrument.symbol}`);
  if (text === undefined || text === 'null') return false;
  const stored = JSON.parse(text) as { bids: [string, string][]; asks: [string, string][] };
  const parse = ([price, size]: [string, string]): [Decimal, Decimal] => [new Decimal(price), new Decimal(size)];
  transact(state, (work) => {
    renewBook(state, work, pair, { kind: 'snapshot', bids: stored.bids.map(parse), asks: stored.asks.map(parse) });
  });
  return true;
}
