import { LIMITS } from '../../src/domain/limits.js';
import { occasionOf } from '../../src/domain/session/order-number.js';
import type { Intent, ModelOrder } from './model-exchange.js';
import { MICRO } from './model-units.js';
import type { ModelSession } from './model-session.js';
import { checkPatience } from './model-closing.js';
import { ModelViolation } from './model-violation.js';
import type { ModelWorld } from './model-world.js';

/** Rules about what may leave for the exchange, judged by the exchange's own books. */
export class SendChecks {
  constructor(private readonly world: ModelWorld) {}

  submitting(session: ModelSession, intent: Intent): void {
    this.shape(session, intent);
    checkPatience(session, intent, this.world.clock.nowMs);
    const { state, plan } = session;
    if (state?.recovered !== 'final') throw new ModelViolation('nothing is sent before the past is known', name(session, intent));
    if (plan.guarded && !this.world.anyExitArmed) throw new ModelViolation('no entry without an armed exit', name(session, intent));
    if (session.flights.some((flight) => flight.sequence === intent.sequence && !flight.refused && flight.untilMs >= this.world.clock.nowMs)) {
      throw new ModelViolation('one order per intent', `${name(session, intent)} is sent while it may still arrive`);
    }
    if (this.world.exchange.find(session.slot, intent.sequence) !== null) throw new ModelViolation('one order per intent', `${name(session, intent)} exists already`);
    if (intent.purpose === 'close') this.stopIsOff(session, intent);
    if (plan.arm === null) this.withinPlan(session, intent);
    else this.withinEntry(session, intent);
  }

  /** By the exchange's books, the moment an order appears there. */
  committed(order: ModelOrder): void {
    const same = this.world.exchange.orders.filter((other) => other.intent.slot === order.intent.slot && other.intent.sequence === order.intent.sequence);
    if (same.length > 1) throw new ModelViolation('one order per intent', `slot ${order.intent.slot} #${order.intent.sequence} exists ${same.length} times`);
  }

  /** Everything of a session that is filled, rests, or may still arrive. */
  potentialLots(session: ModelSession): number {
    let lots = 0;
    for (const order of this.world.exchange.orders) {
      if (order.intent.slot === session.slot) lots += order.state === 'open' ? order.intent.lots : order.filledLots;
    }
    for (const flight of session.flights) if (mayArrive(flight, this.world.clock.nowMs)) lots += flight.lots;
    return lots;
  }

  /** Lots that the entry's fills leave to close. */
  closableLots(): number {
    const { entry, exchange, scenario } = this.world;
    let lots = 0;
    let feeMicroLots = 0;
    for (const order of exchange.orders) {
      if (order.intent.slot !== entry?.slot) continue;
      for (const trade of order.trades) {
        lots += trade.lots;
        feeMicroLots += trade.feeMicroLots;
      }
    }
    return scenario.side === 'SELL' ? lots : Math.floor((lots * MICRO - feeMicroLots) / MICRO);
  }

  private shape(session: ModelSession, intent: Intent): void {
    const { limits } = this.world.scenario;
    const { lots, ticks } = intent;
    const fault = !Number.isInteger(lots)
      ? 'is no multiple of the step'
      : lots < limits.minLots
        ? `is below ${limits.minLots}`
        : limits.maxLots !== null && lots > limits.maxLots
          ? `is above ${limits.maxLots}`
          : ticks !== null && !Number.isInteger(ticks)
            ? 'has a price off the tick'
            : ticks !== null && lots * ticks < limits.minLotTicks
              ? 'is below the notional'
              : (ticks === null) !== (intent.type === 'MARKET')
                ? 'has the wrong kind of price'
                : intent.stopTicks !== null && (!Number.isInteger(intent.stopTicks) || intent.purpose !== 'exchangeStop')
                  ? 'is no stop of an exit'
                  : null;
    if (fault !== null) throw new ModelViolation('orders keep the rules of the market', `${name(session, intent)} ${fault}`);
    if (occasionOf(session.plan.role, intent.sequence).purpose !== intent.purpose) throw new ModelViolation('an order tells by its number what it is for', name(session, intent));
    if (intent.sequence > LIMITS.maxFruitlessSubmissions) throw new ModelViolation('orders per session are bounded', name(session, intent));
  }

  /** What the stop at the exchange holds is closed by nothing else before it is off. */
  private stopIsOff(session: ModelSession, intent: Intent): void {
    const stop = this.world.exchange.orders.find((order) => order.intent.slot === session.slot && order.intent.stopTicks !== null && order.state === 'open');
    if (stop !== undefined) throw new ModelViolation('the stop at the exchange is off before the close', `${name(session, intent)}: #${stop.intent.sequence} is open`);
  }

  private withinPlan(session: ModelSession, intent: Intent): void {
    const potential = this.potentialLots(session);
    const amountLots = this.world.amendments.lotsOf(session);
    if (potential + intent.lots > amountLots) throw new ModelViolation('live plus filled never above the plan', `${name(session, intent)}: ${potential} + ${intent.lots} > ${amountLots}`);
  }

  private withinEntry(session: ModelSession, intent: Intent): void {
    const potential = this.world.exits.reduce((sum, exit) => sum + this.potentialLots(exit), 0);
    const closable = this.closableLots();
    if (potential + intent.lots > closable) throw new ModelViolation('closed plus live never above what the entry left', `${name(session, intent)}: ${potential} + ${intent.lots} > ${closable}`);
  }
}

function mayArrive(flight: ModelSession['flights'][number], nowMs: number): boolean {
  return !flight.committed && !flight.refused && flight.untilMs >= nowMs;
}

function name(session: ModelSession, intent: Intent): string {
  return `${session.name} #${intent.sequence} ${intent.purpose} ${intent.side} ${intent.lots}${intent.ticks === null ? '' : ` at ${intent.ticks}`}`;
}
