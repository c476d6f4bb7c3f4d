import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { LevelUpdate } from '../matching/market.js';
import { isOpen, opposite, remainingBase } from '../matching/order.js';
import type { ExchangeState, Pair } from './exchange-state.js';
import { announce, execute } from './execution.js';
import { middlePrice } from './last-price.js';
import { triggerStops } from './stop-trigger.js';
import { type UnitOfWork, transact } from './unit-of-work.js';

/** What a feed says about a book: all of it, or the levels that changed (a size of zero removes a level). */
export interface BookUpdate {
  readonly kind: 'snapshot' | 'delta';
  readonly bids: readonly LevelUpdate[];
  readonly asks: readonly LevelUpdate[];
}

export interface Print {
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  /** Whether a buy order was on the book and a seller hit it; undefined: judged by the middle price. */
  readonly buyerIsMaker: boolean | undefined;
}

export function applyBook(state: ExchangeState, pair: Pair, update: BookUpdate): void {
  transact(state, (work) => {
    renewBook(state, work, pair, update);
  });
}

/** As `applyBook`, inside a unit of work that writes more. */
export function renewBook(state: ExchangeState, work: UnitOfWork, pair: Pair, update: BookUpdate): void {
  for (const [side, levels] of [['buy', update.bids], ['sell', update.asks]] as const) {
    if (update.kind === 'snapshot') pair.market.replaceSide(side, levels);
    else pair.market.renewLevels(side, levels);
  }
  if (update.kind === 'snapshot') state.restoreUsedLevels(pair);
  matchResting(state, work, pair);
  observeMiddle(state, pair, work.timeMs);
  triggerStops(state, work, pair);
  work.bookChanged(pair.instrument.symbol);
}

/** Fills resting orders that displayed liquidity of the other side has reached. Each round ends an order or a level. */
export function matchResting(state: ExchangeState, work: UnitOfWork, pair: Pair): void {
  if (pair.matching.mode === 'manual') return;
  for (const side of ['buy', 'sell'] as const) {
    for (let hit = pair.market.nextCrossing(side); hit !== undefined; hit = pair.market.nextCrossing(side)) {
      const used = pair.market.takeExternal(opposite(side), hit.against.priceQuote, hit.amountBase);
      work.usedUp(pair.instrument.symbol, opposite(side), used);
      const { order, priceQuote, amountBase } = hit;
      const tradeId = pair.tradeIds.take();
      announce(work, pair, execute(state, work, pair, { order, role: 'maker', priceQuote, amountBase, tradeId }));
    }
  }
}

export function applyPrint(state: ExchangeState, pair: Pair, print: Print): void {
  transact(state, (work) => {
    applyPrintIn(state, work, pair, print);
  });
}

export function applyPrintIn(state: ExchangeState, work: UnitOfWork, pair: Pair, print: Print): void {
  const { priceQuote, amountBase } = print;
  const fills = pair.matching.mode === 'manual' ? [] : pair.market.fillsFromPrint(priceQuote, amountBase);
  let left = amountBase;
  for (const planned of fills) {
    const { order } = planned;
    // A fill before this one may have ended the order or cut it down, if it only reduces the position that became smaller.
    const filledBase = Decimal.min(planned.amountBase, remainingBase(order));
    if (!isOpen(order) || filledBase.lte(0)) continue;
    const fill = { ...planned, amountBase: filledBase, role: 'maker', tradeId: pair.tradeIds.take() } as const;
    announce(work, pair, execute(state, work, pair, fill));
    // What customers' orders took of the print is public already; the rest of it is the feed's own trade.
    if (fill.priceQuote.eq(priceQuote)) left = left.minus(filledBase);
  }
  if (left.gt(0)) printRest(state, work, pair, print, left);
  pair.stops.observe(priceQuote);
  pair.contract?.observe(priceQuote);
  triggerStops(state, work, pair);
}

function printRest(state: ExchangeState, work: UnitOfWork, pair: Pair, print: Print, left: Decimal): void {
  const { priceQuote } = print;
  pair.history.observe(priceQuote, left, work.timeMs);
  const buyerIsMaker = print.buyerIsMaker ?? isBelowMiddle(state, pair, priceQuote);
  const { symbol } = pair.instrument;
  work.printed({ symbol, tradeId: pair.tradeIds.take(), priceQuote, amountBase: left, buyerIsMaker, timeMs: work.timeMs });
}

function observeMiddle(state: ExchangeState, pair: Pair, timeMs: number): void {
  const middle = middlePrice(state, pair);
  if (middle !== undefined) pair.history.observe(middle, ZERO, timeMs);
}

function isBelowMiddle(state: ExchangeState, pair: Pair, priceQuote: Decimal): boolean {
  const middle = middlePrice(state, pair);
  return middle === undefined || priceQuote.lt(middle);
}
