import { Decimal, divideToward, exactly } from './money.js';
import { scaledFraction, scaledNetPnl, type NetPnlLine } from './net-pnl.js';

export interface TrailingStop {
  /** Net P&L fraction above which the stop arms. */
  readonly activationFraction: Decimal;
  /** Net P&L fraction by which it stays behind the best seen. */
  readonly deltaFraction: Decimal;
}

/**
 * Digits behind the point of a trailing trigger. It is stored in history, and a quotient has no last digit; cut toward
 * zero risk of firing early: the cut trigger is never above the exact one.
 */
const TRIGGER_DIGITS = 30;

export interface TrailingVerdict {
  readonly fires: boolean;
  /** Null while not armed. Never lower than the one before. */
  readonly trailingTrigger: Decimal | null;
}

/**
 * One price frame: above the activation it arms (without firing on that frame), below the trigger it fires, and a new
 * best price pulls the trigger up. A trigger of exactly 0 is armed like any other.
 */
export function followTrailingStop(stop: TrailingStop, line: NetPnlLine, exitPriceQuote: Decimal, trailingTrigger: Decimal | null): TrailingVerdict {
  const net = scaledNetPnl(line, exitPriceQuote);
  if (trailingTrigger === null) {
    const arms = net.greaterThan(scaledFraction(line, stop.activationFraction));
    return { fires: false, trailingTrigger: arms ? triggerBehind(stop, line, net) : null };
  }
  if (net.lessThan(scaledFraction(line, trailingTrigger))) return { fires: true, trailingTrigger };
  const best = scaledFraction(line, exactly.sum(trailingTrigger, stop.deltaFraction));
  if (!net.greaterThan(best)) return { fires: false, trailingTrigger };
  const pulled = triggerBehind(stop, line, net);
  return { fires: false, trailingTrigger: pulled.greaterThan(trailingTrigger) ? pulled : trailingTrigger };
}

function triggerBehind(stop: TrailingStop, line: NetPnlLine, scaledNet: Decimal): Decimal {
  const behind = exactly.difference(scaledNet, scaledFraction(line, stop.deltaFraction));
  return divideToward('down', behind, line.scale).toDecimalPlaces(TRIGGER_DIGITS, Decimal.ROUND_FLOOR);
}
