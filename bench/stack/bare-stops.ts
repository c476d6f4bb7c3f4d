import type { BareStop } from '../bare/bare-messages.js';
import { AMOUNT_BASE } from './bench-stack.js';

/** Stops of the bare loop under ids of their own. */
export function stopsOf(name: string, stops: readonly number[]): BareStop[] {
  return stops.map((stop, index) => ({ clientOrderId: `${name}-${index}`, stopQuote: stop.toFixed(2), amountBase: AMOUNT_BASE }));
}
