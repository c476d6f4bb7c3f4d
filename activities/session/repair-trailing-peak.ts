import { Decimal, decimal } from '../../src/domain/money.js';
import type { AccountServices } from './account-services.js';
import type { OrderSession } from './order-session.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const MAX_CANDLES = 1_000;
const FILLS_WAIT_MS = 60_000;

/**
 * A trailing stop follows the best price since its arming, also one of the time in which its process was dead: the
 * exchange's candles tell it. Only whole candles after the last heartbeat and the first fill count.
 */
export async function repairTrailingPeak(session: OrderSession, services: AccountServices, lastSeenMs: number): Promise<void> {
  if (session.rules.arm?.barriers.trailingStop == null) return;
  const filledAtMs = await firstFill(session);
  if (filledAtMs === null) return;
  const sinceMs = Math.max(lastSeenMs, filledAtMs);
  for (const intervalMs of [SECOND_MS, MINUTE_MS]) {
    if (Date.now() - sinceMs > intervalMs * MAX_CANDLES) continue;
    const firstMs = Math.ceil(sinceMs / intervalMs) * intervalMs;
    try {
      const candles = await services.exchange.candles(session.plan.pair, intervalMs, firstMs, MAX_CANDLES);
      const missed = candles.filter((candle) => candle.openTimeMs >= firstMs);
      if (missed.length === 0) continue;
      const prices = missed.map((candle) => decimal(session.rules.side === 'SELL' ? candle.highQuote : candle.lowQuote));
      const peak = session.rules.side === 'SELL' ? Decimal.max(...prices) : Decimal.min(...prices);
      session.dispatch({ kind: 'peak', exitPriceQuote: peak, nowMs: Date.now() });
      return;
    } catch (error) {
      session.logger.warn({ intervalMs, error: String(error) }, 'no candles of this width for the time nobody looked');
    }
  }
}

/** Unix ms of the first protected fill; null when there is none within the bound. */
async function firstFill(session: OrderSession): Promise<number | null> {
  for (const until = Date.now() + FILLS_WAIT_MS; Date.now() < until && !session.ended; ) {
    const { firstFillAtMs } = session.current.protectedFills.totals;
    if (firstFillAtMs !== null) return firstFillAtMs;
    await new Promise((resolve) => setTimeout(resolve, 100).unref());
  }
  return null;
}
