import { isTradable } from '../../src/domain/market-rules.js';
import { evaluateBarriers, takeProfitPrice } from '../../src/domain/barriers.js';
import { exchangeStopPrice } from '../../src/domain/exchange-stop-price.js';
import { ZERO, type Decimal } from '../../src/domain/money.js';
import { exitPrice } from '../../src/domain/session/exit-amounts.js';
import { targetsOf, watchesPart } from '../../src/domain/targets.js';
import { remainingBase } from '../../src/domain/session/advance-work.js';
import { floorAmount } from '../../src/domain/market-rules.js';
import { sessionTotals } from '../../src/domain/session/session-state.js';
import type { ModelSession } from './model-session.js';
import { ModelViolation } from './model-violation.js';
import type { ModelWorld } from './model-world.js';
import { closedLots, modelTargets } from './model-targets.js';
import { baseOfLots, lotsOf } from './model-units.js';

/** What a session must have reached a while after everything works again, without being told anything. */
export class SettledChecks {
  constructor(private readonly world: ModelWorld) {}

  settled(session: ModelSession): void {
    const { state, plan } = session;
    if (state === null || state.end !== null) return;
    if (state.recovered !== 'final') throw new ModelViolation('a session learns its past', session.name);
    const lots = this.world.exchange.orders.reduce((sum, order) => (order.intent.slot === session.slot ? sum + order.filledLots : sum), 0);
    if (!sessionTotals(state).filledBase.equals(baseOfLots(lots))) throw new ModelViolation('fills become known', `${session.name} knows ${sessionTotals(state).filledBase.toString()} of ${lots} lots`);
    if (this.world.supervisor.decided) throw new ModelViolation('a stop is never lost', session.name);
    if (state.goal.kind === 'stop') throw new ModelViolation('every run ends', `${session.name} does not stop`);
    const entryOver = this.world.entry === null || this.world.entry.workflowClosed || this.world.entry.state?.end !== null;
    if (state.goal.kind === 'close' && entryOver) throw new ModelViolation('every run ends', `${session.name} does not finish closing`);
    if (plan.activationBounds.length > 0 || plan.arm?.activationBounds.length) return;
    if (plan.arm === null) this.working(session);
    else this.protecting(session);
  }

  /** All that is planned is filled, rests, or has ended the session. */
  private working(session: ModelSession): void {
    const { state, plan } = session;
    if (state === null || (plan.guarded && !this.world.anyExitArmed)) return;
    const left = floorAmount(plan.rules, remainingBase(plan, state));
    const resting = state.orders.some((order) => order.stage.kind === 'open' || order.stage.kind === 'submitting');
    if (!resting && state.goal.kind === 'work' && left.greaterThan(0)) throw new ModelViolation('a working session works', `${session.name}: ${left.toString()} is neither filled nor resting`);
  }

  /** Every target that rests has its share out, as far as the exchange trades it; one by market whose price is there is closed. */
  private protecting(session: ModelSession): void {
    const { state, plan } = session;
    const arm = plan.arm;
    const { world } = this;
    if (state === null || arm === null || state.goal.kind !== 'work' || !state.protectedFills.finished || !state.predecessorFills.finished) return;
    const targets = modelTargets(world, session);
    const closed = closedLots(world, session, targets);
    const terms = targetsOf(arm.barriers);
    const position = { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules };
    const stop = liveStopLots(session);
    const uncovered = stop + world.checks.sends.closableLots() - world.exits.reduce((sum, exit) => sum + world.checks.sends.potentialLots(exit), 0);
    this.stopRests(session, stop, uncovered);
    for (const [index, target] of targets.entries()) {
      const live = liveLots(session, index + 1);
      const lacking = Math.min(target.lots - (closed[index] ?? 0) - live, uncovered);
      if (live > 0 && live + (closed[index] ?? 0) > target.lots) throw new ModelViolation('a target closes its share', `${session.name} target ${index + 1}: ${live} live and ${closed[index] ?? 0} closed of ${target.lots}`);
      const own = terms[index];
      const price = own === undefined ? null : own.orderType === 'MARKET' ? this.reachedAt(session, index + 1) : takeProfitPrice(own, position, { bid: state.bidQuote, ask: state.askQuote });
      if (price === null || lacking <= 0) continue;
      if (isTradable(plan.rules, baseOfLots(lacking), price)) throw new ModelViolation('the take profit rests', `${session.name} target ${index + 1}: ${lacking} lots are uncovered`);
    }
  }

  /** One stop for all that is open, as far as the exchange takes it and no target is about to close it. */
  private stopRests(session: ModelSession, stopLots: number, openLots: number): void {
    const { state, plan } = session;
    if (state === null || plan.arm === null) return;
    const { exchangeStop } = plan.arm;
    const stops = state.orders.filter((order) => order.purpose === 'exchangeStop' && order.stage.kind !== 'ended');
    if (stops.length > 1) throw new ModelViolation('one stop at the exchange', `${session.name} has ${stops.length}`);
    if (exchangeStop === null || state.exchangeStop.refusals > 0) return;
    const price = exchangeStopPrice(exchangeStop, { entrySide: plan.arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules });
    const lots = Math.min(openLots, this.world.scenario.limits.maxLots ?? openLots);
    const tradable = price !== null && isTradable(plan.rules, baseOfLots(lots), price);
    if (tradable && stopLots !== lots) throw new ModelViolation('the stop covers what is open', `${session.name}: ${stopLots} of ${lots} lots`);
    if (!tradable && stopLots > 0) throw new ModelViolation('the stop covers what is open', `${session.name}: ${stopLots} lots rest for ${lots}`);
  }

  /** The price at which a target by market that closes a part should have been closed by now; null when it is not there. */
  private reachedAt(session: ModelSession, target: number): Decimal | null {
    const { state, plan } = session;
    if (state === null || plan.arm === null) return null;
    const price = exitPrice(plan, state);
    const verdict = evaluateBarriers(plan.arm.barriers, { entrySide: plan.arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules }, price, state.nowMs, state.trailingTrigger, { closedBase: ZERO, breakeven: state.breakeven });
    return watchesPart(targetsOf(plan.arm.barriers), target - 1) && verdict.targetReached >= target ? price : null;
  }
}

function liveStopLots(session: ModelSession): number {
  const orders = session.state?.orders ?? [];
  return orders.reduce((sum, order) => (order.purpose === 'exchangeStop' && order.stage.kind !== 'ended' ? sum + lotsOf(order.amountBase) : sum), 0);
}

function liveLots(session: ModelSession, target: number): number {
  const orders = session.state?.orders ?? [];
  return orders.reduce((sum, order) => (order.target === target && order.stage.kind !== 'ended' ? sum + lotsOf(order.amountBase.minus(order.ledger.totals.filledBase)) : sum), 0);
}
