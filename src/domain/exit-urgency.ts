import { netPnlFraction, type ProtectedPosition } from './net-pnl.js';
import type { Decimal } from './money.js';

/**
 * Which exit leaves first when several have to wait for the limits of an exchange: larger before smaller. The net loss
 * past the stop, as a fraction; without a stop the net P&L with its sign turned, but never before a stop that was
 * crossed, because no price was promised. 0 while there is no price or nothing to close. Only for ordering.
 */
export function exitUrgency(stopLossFraction: Decimal | null, position: ProtectedPosition, exitPriceQuote: Decimal | null): number {
  if (exitPriceQuote === null) return 0;
  const netPnl = netPnlFraction(position, exitPriceQuote);
  if (netPnl === null) return 0;
  const past = netPnl.negated().minus(stopLossFraction ?? 0).toNumber();
  return stopLossFraction === null ? Math.min(0, past) : past;
}
