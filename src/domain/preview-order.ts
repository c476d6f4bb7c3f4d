import { chaserPrice, type ChaserTerms } from './chaser-price.js';
import type { ExecutionStrategy, PositionAction, Side } from './enumerations.js';
import { floorAmount, makerPrice, type MarketRules } from './market-rules.js';
import { decimal, exactly, toDecimalString, type Decimal } from './money.js';
import { plannedEntry, previewEntry, type EntryPreview, type PlannedEntry } from './preview-entry.js';
import type { BestPrices } from './take-profit-price.js';

/** An order as it is asked for; price in quote, null for MARKET and for one that chases. */
export interface OrderTerms {
  readonly side: Side;
  readonly strategy: ExecutionStrategy;
  readonly amountBase: Decimal;
  readonly priceQuote: Decimal | null;
  readonly chaser: ChaserTerms | null;
  readonly positionAction: PositionAction;
  readonly leverage: number;
}

export interface OrderWarning {
  readonly code: 'NOTHING_ENDS_A_LOSS' | 'NO_PRICE_BOUND' | 'MAY_NOT_FILL' | 'CROSSES' | 'AMOUNT_PARTLY_USED';
  readonly text: string;
}

/** What an order executor would do, without doing it: decimal text. */
export interface OrderPreview {
  readonly order: EntryPreview;
  /** What it traded with the price gone to 0, fee included; 0 of what only reduces; null without bound: a short. */
  readonly worstLossQuote: string | null;
  readonly warnings: readonly OrderWarning[];
}

/** Null while the book has no price to value it by. */
export function previewOrder(terms: OrderTerms, rules: MarketRules, top: BestPrices): OrderPreview | null {
  const { side, strategy, chaser, positionAction } = terms;
  const amountBase = floorAmount(rules, terms.amountBase);
  const own = side === 'BUY' ? top.bid : top.ask;
  const priceQuote = chaser !== null && own !== null ? chaserPrice(rules, side, chaser, own) : terms.priceQuote === null ? null : makerPrice(rules, side, terms.priceQuote);
  const entry = plannedEntry(side, strategy, amountBase, priceQuote, top);
  if (entry === null) return null;
  const order = previewEntry(entry, rules, terms.leverage);
  const reduces = positionAction === 'CLOSE' || (side === 'SELL' && rules.contract === 'spot');
  const loss = exactly.sum(decimal(order.exposureQuote), decimal(order.feesQuote));
  return { order, worstLossQuote: reduces ? '0' : side === 'BUY' ? toDecimalString(loss) : null, warnings: warningsOf(terms, entry, rules, reduces) };
}

function warningsOf({ strategy, amountBase }: OrderTerms, entry: PlannedEntry, rules: MarketRules, reduces: boolean): readonly OrderWarning[] {
  const warnings: OrderWarning[] = [];
  const warn = (code: OrderWarning['code'], text: string): void => void warnings.push({ code, text });
  if (!reduces) warn('NOTHING_ENDS_A_LOSS', 'an order has no stop loss: what it has traded is kept whatever the price does');
  if (strategy === 'MARKET') warn('NO_PRICE_BOUND', 'an order at market takes whatever price the book has');
  else if (!entry.takes) warn('MAY_NOT_FILL', 'it fills only when the price comes to it');
  if (strategy === 'LIMIT' && entry.takes) warn('CROSSES', `its price is beyond the best of the other side, ${toDecimalString(entry.referenceQuote)}: it trades at once`);
  const unused = exactly.difference(amountBase, entry.amountBase);
  if (!unused.isZero()) warn('AMOUNT_PARTLY_USED', `${toDecimalString(unused)} of ${toDecimalString(amountBase)} stays unused: amounts go in steps of ${toDecimalString(rules.amountStepBase)}`);
  return warnings;
}
