import { decimal, type Decimal, ZERO } from '../../src/domain/money.js';
import type { ExchangePosition } from '../../src/ports/exchange.js';

/** What an order of that side can close: a sale a long, a buy a short. */
export function heldOn(positions: readonly ExchangePosition[], closing: 'BUY' | 'SELL'): Decimal {
  return positions.map(({ netBase }) => decimal(netBase)).filter((base) => base.isPositive() === (closing === 'SELL')).reduce((sum, base) => sum.plus(base.abs()), ZERO);
}
