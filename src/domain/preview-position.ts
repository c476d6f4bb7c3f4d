import { breakevenPrice, compileLevels, takeProfitPrice, type Barriers, type BestPrices, type ProtectedPosition } from './barriers.js';
import { oppositeSide, sideSign, type OrderType, type Side } from './enumerations.js';
import { exchangeStopPrice, type ExchangeStop } from './exchange-stop-price.js';
import { smallestLevelBase } from './grid/level-size.js';
import { floorAmount, isTradable, makerPrice, type MarketRules } from './market-rules.js';
import { Decimal, decimal, exactly, toDecimalString, ZERO } from './money.js';
import { filledEntry, plannedEntry, previewEntry, type EntryPreview, type PlannedEntry } from './preview-entry.js';
import { allotTargets, targetsOf } from './targets.js';

/** A position as it is asked for; entry price in quote, null = the best of its own side. */
export interface PositionTerms {
  readonly side: Side;
  readonly openOrderType: OrderType;
  readonly amountBase: Decimal;
  readonly entryPriceQuote: Decimal | null;
  readonly barriers: Barriers;
  readonly exchangeStop: ExchangeStop | null;
  readonly leverage: number;
}

export interface PositionWarning {
  readonly code: 'NO_STOP_LOSS' | 'NEVER_ENDS' | 'CROSSES' | 'MAY_NOT_FILL' | 'TAKE_PROFIT_BELOW_FEES' | 'CANNOT_BE_CLOSED' | 'AMOUNT_PARTLY_USED' | 'EXPIRED';
  readonly text: string;
}

/** What a position would do, without doing it: decimal text, prices as if the entry had filled at its reference. */
export interface PositionPreview {
  readonly entry: EntryPreview;
  readonly averagePriceQuote: string;
  /** Exit prices at which the barriers are met; null = off. */
  readonly stopLossPriceQuote: string | null;
  readonly trailingArmPriceQuote: string | null;
  readonly exchangeStopPriceQuote: string | null;
  /** Entry plus the fees of both sides. */
  readonly breakevenPriceQuote: string | null;
  readonly targets: readonly { readonly type: OrderType; readonly priceQuote: string | null; readonly amountBase: string }[];
  readonly endsAtMs: number | null;
  /** Of closing all at market at the entry's price. */
  readonly closeFeesQuote: string;
  /** At the stop loss, else at the stop of the exchange, else at a price of 0, closing fee at cost included; null without bound. Slippage is not counted. */
  readonly worstLossQuote: string | null;
  /** Least budget with which what is bought can be sold again after its fee; null when fees take everything. */
  readonly smallestTotalAmountQuote: string | null;
  readonly warnings: readonly PositionWarning[];
}

/** `nowMs`: unix ms at which it would start. Null while the book has no price to value it by. */
export function previewPosition(terms: PositionTerms, rules: MarketRules, top: BestPrices, nowMs: number): PositionPreview | null {
  const { side, openOrderType, barriers, exchangeStop } = terms;
  const own = side === 'BUY' ? top.bid : top.ask;
  const wanted = terms.entryPriceQuote ?? own;
  const priceQuote = openOrderType === 'MARKET' || wanted === null ? null : makerPrice(rules, side, wanted);
  if (openOrderType !== 'MARKET' && priceQuote === null) return null;
  const entry = plannedEntry(side, openOrderType, floorAmount(rules, terms.amountBase), priceQuote, top);
  if (entry === null) return null;
  const position: ProtectedPosition = { entrySide: side, totals: filledEntry(entry, rules), rules };
  const levels = compileLevels(barriers, position);
  const targets = targetsOf(barriers);
  const amounts = allotTargets(targets, position);
  const text = (price: Decimal | null): string | null => (price === null ? null : toDecimalString(price));
  const smallest = smallestLevelBase(rules, side, entry.referenceQuote, entry.referenceQuote);
  const atExchange = exchangeStop === null ? null : exchangeStopPrice(exchangeStop, position);
  const closeFees = exactly.product(position.totals.filledQuote, rules.takerFeeFraction);
  return {
    entry: previewEntry(entry, rules, terms.leverage),
    averagePriceQuote: toDecimalString(entry.referenceQuote),
    stopLossPriceQuote: text(levels.stopPriceQuote),
    trailingArmPriceQuote: text(levels.trailingArmPriceQuote),
    exchangeStopPriceQuote: text(atExchange),
    breakevenPriceQuote: text(breakevenPrice(position)),
    targets: targets.map((target, index) => ({
      type: target.orderType,
      priceQuote: text(takeProfitPrice(target, position, top) ?? levels.targetPricesQuote[index] ?? levels.takeProfitPriceQuote),
      amountBase: toDecimalString(amounts[index]?.amountBase ?? ZERO),
    })),
    endsAtMs: barriers.timeLimitAtMs,
    closeFeesQuote: toDecimalString(closeFees),
    worstLossQuote: worstLoss(terms, position, atExchange, closeFees),
    smallestTotalAmountQuote: smallest === null ? null : toDecimalString(exactly.product(smallest, entry.referenceQuote)),
    warnings: warningsOf(terms, entry, position, nowMs),
  };
}

/** The stop loss counts the entry's fee in its fraction; the fee of the close comes on top. */
function worstLoss({ side, barriers: { stopLossFraction } }: PositionTerms, { totals }: ProtectedPosition, atExchangeQuote: Decimal | null, closeFees: Decimal): string | null {
  if (stopLossFraction !== null) return toDecimalString(exactly.sum(exactly.product(totals.filledQuote, stopLossFraction), closeFees));
  if (atExchangeQuote !== null) {
    const lost = exactly.product(decimal(String(sideSign(side))), exactly.difference(totals.filledQuote, exactly.product(totals.filledBase, atExchangeQuote)));
    return toDecimalString(exactly.sum(lost, totals.feesQuote, closeFees));
  }
  return side === 'BUY' ? toDecimalString(exactly.sum(totals.filledQuote, totals.feesQuote)) : null;
}

function warningsOf({ barriers, exchangeStop, amountBase, side }: PositionTerms, entry: PlannedEntry, position: ProtectedPosition, nowMs: number): readonly PositionWarning[] {
  const { rules } = position;
  const warnings: PositionWarning[] = [];
  const warn = (code: PositionWarning['code'], text: string): void => void warnings.push({ code, text });
  const targets = targetsOf(barriers);
  const { stopLossFraction, trailingStop, timeLimitAtMs } = barriers;
  if (stopLossFraction === null && exchangeStop === null) warn('NO_STOP_LOSS', 'nothing ends it when the market goes on against it');
  if (targets.length === 0 && trailingStop === null && timeLimitAtMs === null) warn('NEVER_ENDS', 'without take profit, trailing stop and time limit it runs until it is stopped or loses');
  if (timeLimitAtMs !== null && nowMs >= timeLimitAtMs) warn('EXPIRED', 'the time limit is over already: nothing would be sent');
  if (entry.strategy === 'LIMIT' && entry.takes) warn('CROSSES', `its entry is beyond the best of the other side, ${toDecimalString(entry.referenceQuote)}: it trades at once`);
  if (!entry.takes) warn('MAY_NOT_FILL', 'the entry fills only when the price comes to it');
  const even = breakevenPrice(position);
  const closable = even === null ? ZERO : compileLevels(barriers, position).quantityBase;
  if (!isTradable(rules, closable, entry.referenceQuote)) warn('CANNOT_BE_CLOSED', `after its fee ${toDecimalString(closable)} ${rules.base} are left, which the exchange does not trade: it would be refused`);
  const first = targets[0];
  const resting = first === undefined ? null : takeProfitPrice(first, position, { bid: null, ask: null });
  const loses = resting !== null && even !== null && (side === 'BUY' ? resting.lessThan(even) : resting.greaterThan(even));
  if (loses) warn('TAKE_PROFIT_BELOW_FEES', `the first target at ${toDecimalString(resting)} does not earn the fees: ${oppositeSide(side)} at ${toDecimalString(even)} at market would`);
  const unused = exactly.difference(amountBase, entry.amountBase);
  if (!unused.isZero()) warn('AMOUNT_PARTLY_USED', `${toDecimalString(unused)} of ${toDecimalString(amountBase)} stays unused: amounts go in steps of ${toDecimalString(rules.amountStepBase)}`);
  return warnings;
}
