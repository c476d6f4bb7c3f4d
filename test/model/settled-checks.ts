import { isTradable } from '../../src/domain/market-rules.js';
import { takeProfitPrice } from '../../src/domain/barriers.js';
import { targetsOf } from '../../src/domain/targets.js';
import { remainingBase } from '../../src/domain/session/advance-work.js';
import { floorAmount } from '../../src/domain/market-rules.js';
import { sessionTotals } from '../../src/domain/session/session-state.js';
import type { ModelSession } from './model-session.js';
import { ModelViolation } from './model-violation.js';
import type { ModelWorld } from './model-world.js';
import { baseOfLots } from './model-units.js';

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

  /** All that can be taken at the take-profit price rests there. */
  private protecting(session: ModelSession): void {
    const { state, plan } = session;
    const arm = plan.arm;
    if (state === null || arm === null || state.goal.kind !== 'work' || !state.protectedFills.finished || !state.predecessorFills.finished) return;
    const closable = this.world.checks.sends.closableLots();
    const covered = this.world.exits.reduce((sum, exit) => sum + this.world.checks.sends.potentialLots(exit), 0);
    const target = targetsOf(arm.barriers)[0];
    const price = target === undefined ? null : takeProfitPrice(target, { entrySide: arm.entrySide, totals: state.protectedFills.totals, rules: plan.rules }, { bid: state.bidQuote, ask: state.askQuote });
    if (price === null) return;
    if (closable > covered && isTradable(plan.rules, baseOfLots(closable - covered), price)) throw new ModelViolation('the take profit rests', `${session.name}: ${closable - covered} lots are uncovered`);
  }
}
