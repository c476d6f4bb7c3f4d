import type { Decimal } from '../matching/exact-decimal.js';
import type { FeeSchedule } from '../matching/fees.js';
import type { Instrument } from '../matching/instrument.js';
import type { ExchangeState, Pair, Retention } from './exchange-state.js';
import { ControlConflict } from './rejection.js';
import { type BookUpdate, type Print, applyPrintIn, renewBook } from './market-intake.js';
import { transact } from './unit-of-work.js';

/** @throws ControlConflict for an unknown account or when a withdrawal is above what is free. */
export function transfer(
  state: ExchangeState,
  kind: 'deposit' | 'withdrawal',
  account: string,
  asset: string,
  amount: Decimal,
): void {
  requireAccount(state, account);
  const { free } = state.balances.of(account, asset);
  if (kind === 'withdrawal' && free.lt(amount)) {
    throw new ControlConflict(`account ${account} has ${free.toFixed()} ${asset} free, less than ${amount.toFixed()}`);
  }
  transact(state, (work) => {
    if (kind === 'deposit') state.balances.credit(account, asset, amount);
    else state.balances.debit(account, asset, amount);
    work.event(kind, { account }, { asset, amount: amount.toFixed() });
  });
}

/** Sets the fees of one account, or of every account that has none of its own. */
export function setFees(state: ExchangeState, account: string | undefined, fees: FeeSchedule): void {
  if (account !== undefined) requireAccount(state, account);
  const stored = {
    makerRate: fees.makerRate.toFixed(),
    takerRate: fees.takerRate.toFixed(),
    feeAsset: fees.feeAsset,
  };
  transact(state, (work) => {
    if (account === undefined) state.fees = fees;
    else state.accountFees.set(account, fees);
    work.setting(account === undefined ? 'fees' : `fees:${account}`, stored);
    work.event('fees-set', account === undefined ? {} : { account }, stored);
  });
}

/** Changes the rules new orders of a pair are checked against; resting orders stay. */
export function setRules(state: ExchangeState, pair: Pair, instrument: Instrument): void {
  const { symbol } = instrument;
  const stored = storedInstrument(instrument);
  transact(state, (work) => {
    pair.instrument = instrument;
    work.setting(`rules:${symbol}`, stored);
    work.event('rules-set', { symbol }, stored);
  });
}

/** Puts a book in place by hand and keeps it for the next start. */
export function setBook(state: ExchangeState, pair: Pair, update: BookUpdate): void {
  const { symbol } = pair.instrument;
  const stored = {
    bids: update.bids.map(([price, size]) => [price.toFixed(), size.toFixed()]),
    asks: update.asks.map(([price, size]) => [price.toFixed(), size.toFixed()]),
  };
  transact(state, (work) => {
    work.setting(`book:${symbol}`, stored);
    work.event('book-set', { symbol }, stored);
    work.forgetUsedLevels(symbol);
    renewBook(state, work, pair, update);
  });
}

export function printTrade(state: ExchangeState, pair: Pair, print: Print): void {
  transact(state, (work) => {
    const { symbol } = pair.instrument;
    work.event('print', { symbol }, { priceQuote: print.priceQuote.toFixed(), amountBase: print.amountBase.toFixed() });
    applyPrintIn(state, work, pair, print);
  });
}

/** Lets queries forget ended orders; what they traded stays in trades and balances. */
export function setRetention(state: ExchangeState, retention: Retention | null): void {
  transact(state, (work) => {
    state.retention = retention;
    work.setting('retention', retention);
    work.event('retention-set', {}, { ...retention });
  });
}

/** Writes down that a fault was armed, hit a request or was cleared. */
export function recordFault(
  state: ExchangeState,
  kind: 'fault-armed' | 'fault-hit' | 'fault-cleared',
  data: Readonly<Record<string, unknown>>,
): void {
  const { account, symbol, clientOrderId } = data;
  const subject = {
    ...(typeof account === 'string' ? { account } : {}),
    ...(typeof symbol === 'string' ? { symbol } : {}),
    ...(typeof clientOrderId === 'string' ? { clientOrderId } : {}),
  };
  transact(state, (work) => {
    work.event(kind, subject, data);
  });
}

/** @throws ControlConflict */
export function requireAccount(state: ExchangeState, account: string): void {
  if (state.accountNames.has(account)) return;
  throw new ControlConflict(`account "${account}" does not exist; there is ${[...state.accountNames].join(', ')}`);
}

export function storedInstrument(instrument: Instrument): Record<string, unknown> {
  const entries = Object.entries(instrument).map(([name, value]) => [
    name,
    typeof value === 'object' ? (value as Decimal).toFixed() : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
