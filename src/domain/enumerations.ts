/** Names and numbers of the reference system; the numbers are accepted and stored, the names are answered. */
export const SIDES = { BUY: 1, SELL: 2, RANGE: 3 } as const;
export type Side = 'BUY' | 'SELL';

export const ORDER_TYPES = { MARKET: 1, LIMIT: 2, LIMIT_MAKER: 3 } as const;
export type OrderType = keyof typeof ORDER_TYPES;

export type ExecutionStrategy = 'MARKET' | 'LIMIT' | 'LIMIT_MAKER' | 'LIMIT_CHASER';
export type PositionAction = 'OPEN' | 'CLOSE' | 'NIL';

export type ExecutorStatus = 'NOT_STARTED' | 'RUNNING' | 'SHUTTING_DOWN' | 'TERMINATED';

export const CLOSE_TYPES = {
  TIME_LIMIT: 1,
  STOP_LOSS: 2,
  TAKE_PROFIT: 3,
  EXPIRED: 4,
  EARLY_STOP: 5,
  TRAILING_STOP: 6,
  INSUFFICIENT_BALANCE: 7,
  FAILED: 8,
  COMPLETED: 9,
  POSITION_HOLD: 10,
} as const;
export type CloseType = keyof typeof CLOSE_TYPES;

/**
 * What became of the executor's purpose, beside the close type that existing clients count on:
 * COMPLETED did all it was asked, PARTIAL did a part and ended by itself, STOPPED was ended by its caller,
 * REFUSED sent nothing (no funds, already expired), FAILED gave up flat or handed over, LIQUIDATED was closed by the
 * exchange because the margin of the account no longer covered it.
 */
export type Outcome = 'COMPLETED' | 'PARTIAL' | 'STOPPED' | 'REFUSED' | 'FAILED' | 'LIQUIDATED';

/** The type its orders have at the exchange: a chaser's are post-only. */
export function orderTypeOf(strategy: ExecutionStrategy): OrderType {
  return strategy === 'LIMIT_CHASER' ? 'LIMIT_MAKER' : strategy;
}

export function oppositeSide(side: Side): Side {
  return side === 'BUY' ? 'SELL' : 'BUY';
}

/** +1 for a long, -1 for a short. */
export function sideSign(side: Side): 1 | -1 {
  return side === 'BUY' ? 1 : -1;
}
