import type { Side } from '../domain/enumerations.js';
import type { MarketRulesRecord } from '../domain/market-rules.js';

/** A perpetual account in hedge mode holds a long and a short of one pair beside each other; neither nets the other. */
export type PositionSide = 'LONG' | 'SHORT';

/** Which of the two an order moves, a position by its entry; null on spot and in one-way mode, where all nets. */
export function positionSideOf(rules: Pick<MarketRulesRecord, 'positionMode'>, side: Side, action: 'OPEN' | 'CLOSE'): PositionSide | null {
  if (rules.positionMode !== 'hedge') return null;
  return (side === 'BUY') === (action === 'OPEN') ? 'LONG' : 'SHORT';
}
