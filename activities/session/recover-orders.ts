import type { OrderPath } from '../../src/contract/order-plan.js';
import { LIMITS } from '../../src/domain/limits.js';
import { decimal } from '../../src/domain/money.js';
import { occasionOf } from '../../src/domain/session/order-number.js';
import type { RecoveredOrder } from '../../src/domain/session/session-events.js';
import { backoffMs, SESSION_TIMING } from '../../src/domain/session/session-plan.js';
import type { ExchangeOrder } from '../../src/ports/exchange.js';
import type { AccountServices } from './account-services.js';
import { fillOf, sightingOf } from './exchange-facts.js';
import type { OrderSession } from './order-session.js';

/** The exchange's clock and ours may differ by this. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Finds what earlier attempts of a session sent: every id it could have used is derived and looked for in the orders of
 * the pair. Asked at once, so that what is found is protected, and asked again when nothing sent by an earlier owner can
 * still be invisible; only that answer is final.
 */
export async function recoverOrders(
  session: OrderSession,
  services: AccountServices,
  closed: () => boolean,
  found: (order: RecoveredOrder) => void,
): Promise<void> {
  const finalFromMs = services.grantedAtMs + LIMITS.readLagMs;
  for (let attempt = 0; !closed(); attempt += 1) {
    try {
      const { orders, askedAtMs } = await listed(session, services);
      if (closed()) return;
      const final = askedAtMs >= finalFromMs;
      session.dispatch({ kind: 'recovered', orders, final, nowMs: Date.now() });
      for (const order of orders) found(order);
      if (final) return;
      await pause(Math.max(50, finalFromMs - Date.now()));
    } catch (error) {
      session.logger.warn({ error: String(error) }, 'orders of an earlier attempt could not be read, asking again');
      await pause(backoffMs(SESSION_TIMING, attempt));
    }
  }
}

/**
 * Orders of one path that the exchange knows, by sequence: from one number through another, and on for as long as the
 * last one found may have had successors.
 */
export async function ordersOfPath(services: AccountServices, path: OrderPath, pair: string, wanted: { readonly from: number; readonly through: number }): Promise<{ readonly bySequence: ReadonlyMap<number, ExchangeOrder>; readonly askedAtMs: number }> {
  const bySequence = new Map<number, ExchangeOrder>();
  const { orders, askedAtMs } = await services.orders.ordersSince(pair, path.rootCreatedAtMs - CLOCK_SLACK_MS);
  // Of the same executor only: hundreds of sessions that resume together would else derive hundreds of ids each for every
  // order of the account. Older than its executor: another life of the same id.
  const prefix = services.rootPrefix(path.rootId, path.rootCreatedAtMs);
  const own = orders.filter((order) => order.clientOrderId.startsWith(prefix) && order.createdAtMs >= path.rootCreatedAtMs - CLOCK_SLACK_MS);
  const byId = new Map(own.map((order) => [order.clientOrderId, order]));
  let through = wanted.through;
  for (let sequence = wanted.from; sequence <= through && bySequence.size < byId.size; sequence += 1) {
    const order = byId.get(services.clientOrderId(path, sequence));
    if (order === undefined) continue;
    bySequence.set(sequence, order);
    // What a session sent after it, and was never told of.
    through = Math.max(through, sequence + LIMITS.resumeLookahead);
  }
  return { bySequence, askedAtMs };
}

/** Every order under the ids that a session could have used, with its trades. */
export async function listed(session: OrderSession, services: AccountServices): Promise<{ readonly orders: readonly RecoveredOrder[]; readonly askedAtMs: number }> {
  const { plan, rules } = session;
  const { bySequence, askedAtMs } = await ordersOfPath(services, plan.path, plan.pair, { from: (session.current.folded?.throughSequence ?? 0) + 1, through: session.current.nextSequence + LIMITS.resumeLookahead });
  const recovered: RecoveredOrder[] = [];
  for (const [sequence, order] of bySequence) {
    const executed = decimal(order.executedBase);
    const trades = executed.isZero() ? [] : await services.exchange.tradesOf(plan.pair, order.exchangeOrderId);
    recovered.push({
      sequence,
      ...occasionOf(plan.role, sequence),
      side: order.side,
      type: order.type,
      amountBase: decimal(order.amountBase),
      priceQuote: order.priceQuote === null ? null : decimal(order.priceQuote),
      stopPriceQuote: order.stop === null ? null : decimal(order.stop.triggerPriceQuote),
      sighting: sightingOf(order),
      fills: trades.map((trade) => fillOf(trade, rules.rules)),
    });
  }
  return { orders: recovered.sort((a, b) => a.sequence - b.sequence), askedAtMs };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
