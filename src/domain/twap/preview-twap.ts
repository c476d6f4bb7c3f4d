import { exactly, Decimal, toDecimalString, ZERO } from '../money.js';
import type { TwapPlan } from './plan-twap.js';

export interface SlicePreview {
  readonly index: number;
  readonly afterMs: number;
  readonly plannedQuote: string;
  readonly amountBase: string;
  /** Null at market. */
  readonly priceQuote: string | null;
}

export interface TwapWarning {
  readonly code: 'NO_PRICE_BOUND' | 'MAY_NOT_FILL' | 'MAY_NOT_END' | 'CATCH_UP_AT_ONCE' | 'BUDGET_PARTLY_USED' | 'NOTHING_ENDS_A_LOSS';
  readonly text: string;
}

/** What a TWAP would do, without doing it: decimal text, amounts of the mid it was planned at. */
export interface TwapPreview {
  readonly midQuote: string;
  readonly slices: readonly SlicePreview[];
  readonly endsAfterMs: number;
  readonly totalBase: string;
  /** Worth of all slices at their own prices, at market at mid. */
  readonly totalQuote: string;
  /** By the pair's fee schedule; negative is a rebate. */
  readonly feesQuote: string;
  readonly worstCase: {
    readonly exposureBase: string;
    readonly exposureQuote: string;
    readonly neededAmount: string;
    readonly neededAsset: string;
    /** Price to 0 after the last slice, fees included; null without bound: a short. */
    readonly lossQuote: string | null;
  };
  readonly smallestTotalAmountQuote: string;
  readonly warnings: readonly TwapWarning[];
}

export function previewTwap(plan: TwapPlan): TwapPreview {
  const { terms, rules, midQuote, slices } = plan;
  const totalBase = slices.reduce((sum, { amountBase }) => exactly.sum(sum, amountBase), ZERO);
  const totalQuote = slices.reduce((sum, { amountBase, priceQuote }) => exactly.sum(sum, exactly.product(amountBase, priceQuote ?? midQuote)), ZERO);
  const feeFraction = terms.execution.mode === 'MAKER' ? rules.makerFeeFraction : rules.takerFeeFraction;
  const feesQuote = exactly.product(totalQuote, feeFraction);
  const shortOnSpot = terms.side === 'SELL' && rules.contract === 'spot';
  const neededQuote = rules.contract === 'perpetual' ? totalQuote.dividedBy(terms.leverage) : totalQuote;
  return {
    midQuote: toDecimalString(midQuote),
    slices: slices.map(({ index, afterMs, plannedQuote, amountBase, priceQuote }) => ({
      index,
      afterMs,
      plannedQuote: toDecimalString(plannedQuote),
      amountBase: toDecimalString(amountBase),
      priceQuote: priceQuote === null ? null : toDecimalString(priceQuote),
    })),
    endsAfterMs: slices.at(-1)?.afterMs ?? 0,
    totalBase: toDecimalString(totalBase),
    totalQuote: toDecimalString(totalQuote),
    feesQuote: toDecimalString(feesQuote),
    worstCase: {
      exposureBase: toDecimalString(totalBase),
      exposureQuote: toDecimalString(totalQuote),
      neededAmount: toDecimalString(shortOnSpot ? totalBase : exactly.sum(neededQuote, Decimal.max(feesQuote, ZERO))),
      neededAsset: shortOnSpot ? rules.base : rules.quote,
      lossQuote: terms.side === 'BUY' ? toDecimalString(exactly.sum(totalQuote, feesQuote)) : null,
    },
    smallestTotalAmountQuote: toDecimalString(plan.smallestTotalAmountQuote),
    warnings: warningsOf(plan, totalQuote),
  };
}

function warningsOf({ terms, rules, slices }: TwapPlan, totalQuote: Decimal): readonly TwapWarning[] {
  const warnings: TwapWarning[] = [{ code: 'NOTHING_ENDS_A_LOSS', text: 'a TWAP has no stop loss: what it has traded is kept whatever the price does' }];
  const warn = (code: TwapWarning['code'], text: string): void => void warnings.push({ code, text });
  if (terms.execution.mode === 'TAKER') warn('NO_PRICE_BOUND', 'slices are sized at mid and sent at market: slippage may cost more than total_amount_quote');
  if (terms.execution.mode === 'MAKER') warn('MAY_NOT_FILL', 'limit orders fill only when the price comes to them');
  if (terms.execution.mode === 'MAKER' && terms.execution.resubmissionMs === null) warn('MAY_NOT_END', 'without order_resubmission_time a slice rests at its first price until it is filled');
  if (terms.catchUp === 'burst') warn('CATCH_UP_AT_ONCE', 'after an outage the share of all missed slices is sent as one order');
  const unused = exactly.difference(terms.totalAmountQuote, totalQuote);
  const share = slices[0]?.plannedQuote ?? ZERO;
  if (unused.greaterThanOrEqualTo(share)) warn('BUDGET_PARTLY_USED', `${toDecimalString(unused)} of ${toDecimalString(terms.totalAmountQuote)} stays unused at first: amounts go in steps of ${toDecimalString(rules.amountStepBase)}`);
  return warnings;
}
