import type { AuditedMarket } from './audit-input.js';
import { exact, type Exact } from './exact.js';
import type { Executed } from './executed-trades.js';

/** Whether the exchange would have taken an order of what is left, at the average price of what was opened. */
export function isTradable(left: Exact, opened: Pick<Executed, 'base' | 'quote'>, market: AuditedMarket): boolean {
  if (opened.base.isZero()) return false;
  const step = exact(market.amountStepBase);
  const whole = left.dividedBy(step).floor().times(step);
  const average = opened.quote.dividedBy(opened.base);
  return whole.greaterThan(0) && whole.greaterThanOrEqualTo(exact(market.minAmountBase)) && whole.times(average).greaterThanOrEqualTo(exact(market.minNotionalQuote));
}
