import { chaserPrice } from '../../src/domain/chaser-price.js';
import { unvaluedFees } from '../../src/domain/fills.js';
import type { Decimal } from '../../src/domain/money.js';
import { exitPrice } from '../../src/domain/session/advance-exit.js';
import { sessionTotals, type SessionState } from '../../src/domain/session/session-state.js';
import { ModelViolation } from './model-violation.js';
import type { ModelSession } from './model-session.js';
import { baseOfLots, baseOfMicroLots, quoteOfLotTicks, quoteOfMicroLotTicks, ticksOf } from './model-units.js';
import type { ModelWorld } from './model-world.js';

/** Rules about the end of a session and of a schedule: the exchange's ledger against the session's word. */
export class EndChecks {
  constructor(private readonly world: ModelWorld) {}

  ended(session: ModelSession): void {
    const { state } = session;
    if (state === null || state.end === null) return;
    const { exchange, clock } = this.world;
    const open = exchange.orders.find((order) => order.intent.slot === session.slot && order.state === 'open');
    if (open !== undefined) throw new ModelViolation('no order outlives its session', `${session.name} ended ${state.end.kind}, #${open.intent.sequence} is open`);
    const flight = session.flights.find((each) => !each.committed && !each.refused && each.untilMs >= clock.nowMs);
    if (flight !== undefined) throw new ModelViolation('no order outlives its session', `${session.name} ended ${state.end.kind}, #${flight.sequence} may still arrive`);
    this.ledger(session, state);
    this.kindOfEnd(session, state);
  }

  /** Nothing is open at the exchange, and every workflow has its answer. */
  over(): void {
    for (const session of this.world.sessions) {
      if (!session.workflowClosed || session.alive) throw new ModelViolation('every run ends', `${session.name} still runs long after the faults stopped`);
    }
    const open = this.world.exchange.orders.find((order) => order.state === 'open');
    if (open !== undefined) throw new ModelViolation('no order outlives its session', `slot ${open.intent.slot} #${open.intent.sequence} is open at the end`);
  }

  /** Every fill once, to the last digit. */
  private ledger(session: ModelSession, state: SessionState): void {
    let lots = 0;
    let lotTicks = 0;
    let feeMicroLots = 0;
    let feeMicroLotTicks = 0;
    let count = 0;
    for (const order of this.world.exchange.orders) {
      if (order.intent.slot !== session.slot) continue;
      for (const trade of order.trades) {
        lots += trade.lots;
        lotTicks += trade.lots * trade.ticks;
        feeMicroLots += trade.feeMicroLots;
        feeMicroLotTicks += trade.feeMicroLotTicks;
        count += 1;
      }
    }
    const totals = sessionTotals(state);
    const same = (what: string, ours: Decimal, theirs: Decimal): void => {
      if (!ours.equals(theirs)) throw new ModelViolation('every fill counts once', `${session.name}: ${what} ${ours.toString()}, the exchange says ${theirs.toString()}`);
    };
    same('base', totals.filledBase, baseOfLots(lots));
    same('quote', totals.filledQuote, quoteOfLotTicks(lotTicks));
    same('base fees', totals.feesBase, baseOfMicroLots(feeMicroLots));
    if (totals.fillCount !== count) throw new ModelViolation('every fill counts once', `${session.name}: ${totals.fillCount} fills, the exchange says ${count}`);
    const unvalued = Object.keys(state.folded?.unvalued ?? {}).length > 0 || state.orders.some((order) => Object.keys(unvaluedFees(order.ledger)).length > 0);
    if (!unvalued) same('fees', totals.feesQuote, quoteOfMicroLotTicks(feeMicroLotTicks));
  }

  private kindOfEnd(session: ModelSession, state: SessionState): void {
    const { end } = state;
    const { exchange } = this.world;
    const filled = exchange.orders.reduce((sum, order) => (order.intent.slot === session.slot ? sum + order.filledLots : sum), 0);
    if (end === null) return;
    switch (end.kind) {
      case 'stopped':
        if (state.goal.kind !== 'stop') throw new ModelViolation('ends have reasons', `${session.name} stopped without being told`);
        return;
      case 'insufficientBalance':
        if (filled > 0 || session.plan.arm !== null) throw new ModelViolation('ends have reasons', `${session.name} ended for want of funds with ${filled} filled`);
        return;
      case 'failed':
        if (session.plan.arm !== null) throw new ModelViolation('an exit never gives up', end.failure.message);
        if (end.failure.code === 'RETRIES_EXHAUSTED' && state.retries <= session.plan.maxRetries) throw new ModelViolation('ends have reasons', `${session.name} gave up after ${state.retries}`);
        return;
      case 'completed':
        if (session.plan.arm !== null) this.flat(session, state);
        else this.dust(session, Math.max(0, this.world.amendments.lotsOf(session) - filled), workPrice(session, state), 'is left of the plan');
        return;
      default:
        throw new Error(`unhandled end ${JSON.stringify(end satisfies never)}`);
    }
  }

  private flat(session: ModelSession, state: SessionState): void {
    const { entry, exits, exchange, checks } = this.world;
    const resting = exchange.orders.find((order) => order.intent.slot === entry?.slot && order.state === 'open');
    if (resting !== undefined) throw new ModelViolation('an exit outlives its entry', `${session.name} completed while the entry rests`);
    const closed = exchange.orders.reduce((sum, order) => (exits.some((exit) => exit.slot === order.intent.slot) ? sum + order.filledLots : sum), 0);
    this.dust(session, checks.sends.closableLots() - closed, exitPrice(session.plan, state), 'is open');
  }

  private dust(session: ModelSession, lots: number, price: Decimal | null, what: string): void {
    const { limits } = this.world.scenario;
    if (lots < 0) throw new ModelViolation('no flip', `${session.name}: ${lots} lots`);
    const tradable = lots >= limits.minLots && lots > 0 && (price === null || lots * ticksOf(price) >= limits.minLotTicks);
    if (tradable) throw new ModelViolation('a completed session leaves dust only', `${session.name}: ${lots} lots ${what}`);
  }
}

/** A post-only order does not go through the best price of its own side. */
function workPrice({ plan }: ModelSession, { bidQuote, askQuote }: SessionState): Decimal | null {
  const buys = plan.side === 'BUY';
  if (plan.strategy === 'MARKET') return buys ? askQuote : bidQuote;
  const best = buys ? bidQuote : askQuote;
  const { priceQuote } = plan;
  if (plan.chaser !== null) return best === null ? null : chaserPrice(plan.rules, plan.side, plan.chaser, best);
  if (plan.strategy === 'LIMIT' || priceQuote === null || best === null) return priceQuote;
  return buys === best.lessThan(priceQuote) ? best : priceQuote;
}
