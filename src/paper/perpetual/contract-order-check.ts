import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { Side } from '../matching/order.js';
import type { PositionSide } from './contract.js';
import { maxNotional } from './leverage-brackets.js';
import { type ContractExposure, type MarginSummary, orderInitialMargin } from './margin.js';

/** A new order, or what a changed one adds, as far as margin is concerned. */
export interface MarginRequest {
  readonly side: Side;
  readonly positionSide: PositionSide;
  /** Limit price, or the worst price a market order would meet. */
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  /** What a fill of all of it would cost in commission. */
  readonly feeQuote: Decimal;
}

/**
 * Whether the account can carry one more order. What makes the exposure no larger is always allowed; else the added
 * initial margin, the loss against the mark price at the moment of the fill and the commission must be available.
 * Pure.
 */
export function checkMargin(
  summary: MarginSummary,
  exposure: ContractExposure,
  request: MarginRequest,
): 'accepted' | 'margin_insufficient' | 'max_position' {
  const { markQuote, leverage, brackets } = exposure;
  const valuedQuote = Decimal.max(request.priceQuote, markQuote);
  const order = { side: request.side, positionSide: request.positionSide, priceQuote: valuedQuote, remainingBase: request.amountBase };
  const added = orderInitialMargin({ ...exposure, orders: [...exposure.orders, order] }).minus(orderInitialMargin(exposure));
  if (added.lte(0)) return 'accepted';
  const direction = request.side === 'buy' ? 1 : -1;
  const worst = exposureAfter(exposure, order, markQuote);
  if (worst.gt(maxNotional(brackets, leverage))) return 'max_position';
  const openLoss = Decimal.max(request.priceQuote.minus(markQuote).times(direction), ZERO).times(request.amountBase);
  const left = summary.availableQuote.minus(added).minus(openLoss).minus(request.feeQuote);
  return left.lt(0) ? 'margin_insufficient' : 'accepted';
}

/** Largest notional the side could reach if every order in the request's direction were filled. */
function exposureAfter(exposure: ContractExposure, order: ContractExposure['orders'][number], markQuote: Decimal): Decimal {
  const held = exposure.positions.find(({ positionSide }) => positionSide === order.positionSide)?.amountBase ?? ZERO;
  const sameWay = [...exposure.orders, order].filter(
    ({ side, positionSide }) => side === order.side && positionSide === order.positionSide,
  );
  const direction = order.side === 'buy' ? 1 : -1;
  const ordered = sameWay.reduce((sum, each) => sum.plus(each.remainingBase), ZERO).times(direction);
  return held.plus(ordered).abs().times(markQuote);
}
