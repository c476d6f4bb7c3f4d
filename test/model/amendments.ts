import { Decimal } from '../../src/domain/money.js';
import type { BarrierText } from '../../src/domain/barriers.js';
import type { PlanChanges } from '../../src/domain/session/amended-plan.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import type { ModelSession } from './model-session.js';
import type { ModelWorld } from './model-world.js';
import { baseOfLots, quoteOfTicks } from './model-units.js';
import { MIDDLE_TICKS } from './schedule-scenario.js';

const DELIVERY_RETRY_MS = 400;
const LOSSES = [null, '0.01', '0.03'] as const;
const PROFITS = [null, '0.008', '0.03'] as const;
const MAX_AMENDMENTS = 20;

/** What a user changes of running executors, and how the changes reach the sessions: numbered, cumulative, told again until a heartbeat carries them. */
export class ModelAmendments {
  private readonly changes = new Map<ModelSession, PlanChanges>();
  /** Lots of the plan, by the number of the amendment that set them. */
  private readonly lots = new Map<ModelSession, Map<number, number>>();
  private count = 0;

  constructor(private readonly world: ModelWorld) {}

  amend(): void {
    const { world } = this;
    if (this.count >= MAX_AMENDMENTS) return;
    const exit = world.exits.at(-1);
    const session = exit !== undefined && world.tape.pick(2) === 0 ? exit : world.work;
    if (session.workflowClosed) return;
    const drawn = session.planned.arm === null ? this.drawOrder(session) : { barriers: this.drawBarriers(session.planned) };
    this.count += 1;
    const changes = { ...this.changes.get(session), ...drawn };
    this.changes.set(session, changes);
    const lots = changes.amountBase === undefined ? world.scenario.amountLots : Number(changes.amountBase) * 1000;
    const known = this.lots.get(session) ?? new Map<number, number>();
    this.lots.set(session, known.set(this.count, Math.round(lots)));
    world.note(() => `${session.name} is amended, ${this.count}: ${JSON.stringify(changes)}`);
    this.deliver(session, this.count, changes);
  }

  /** Lots the session may carry out, by the last amendment it has been told and not forgotten in a crash. */
  lotsOf(session: ModelSession): number {
    return this.lots.get(session)?.get(session.toldAmendment) ?? this.world.scenario.amountLots;
  }

  /** A later exit is planned with what was amended of the one before. */
  planAfter(plan: SessionPlan): SessionPlan {
    const exit = this.world.exits.at(-1);
    return plan.arm === null || exit?.plan.arm == null ? plan : { ...plan, arm: { ...plan.arm, barriers: exit.plan.arm.barriers } };
  }

  private deliver(session: ModelSession, sequence: number, changes: PlanChanges): void {
    const { clock, over } = this.world;
    if (session.workflowClosed || over || (session.state !== null && session.state.end !== null)) return;
    session.dispatch({ kind: 'amend', sequence, changes, nowMs: clock.nowMs });
    const { incarnation } = session;
    clock.after(DELIVERY_RETRY_MS, () => {
      if (session.alive && session.incarnation === incarnation) session.heartbeat = session.state;
      if ((session.heartbeat?.amended?.sequence ?? 0) < sequence) return this.deliver(session, sequence, changes);
      // The activity's answer was lost: it is delivered once more.
      if (this.world.tape.pick(2) === 1) session.dispatch({ kind: 'amend', sequence, changes, nowMs: clock.nowMs });
    });
  }

  private drawOrder(session: ModelSession): PlanChanges {
    const { tape, scenario } = this.world;
    const { strategy, side } = session.planned;
    const amountBase = baseOfLots(scenario.limits.minLots + tape.pick(2 * scenario.amountLots)).toFixed();
    if (strategy === 'MARKET' || strategy === 'LIMIT_CHASER' || tape.pick(2) === 0) return { amountBase };
    const awayTicks = tape.pick(14) - 8;
    const priceQuote = quoteOfTicks(MIDDLE_TICKS + (side === 'BUY' ? awayTicks : -awayTicks)).toFixed();
    return tape.pick(2) === 0 ? { priceQuote } : { priceQuote, amountBase };
  }

  private drawBarriers(plan: SessionPlan): BarrierText {
    const { tape } = this.world;
    const barriers = plan.arm?.barriers;
    if (barriers === undefined) throw new Error('only an exit has barriers');
    const text = (value: Decimal | null): string | null => value?.toFixed() ?? null;
    return {
      stopLossFraction: tape.of(LOSSES),
      takeProfitFraction: barriers.targets.length > 0 ? null : tape.of(PROFITS),
      takeProfitOrderType: tape.of(['MARKET', 'LIMIT', 'LIMIT_MAKER']),
      targets: barriers.targets.map((target) => ({ distanceFraction: target.distanceFraction.toFixed(), shareFraction: target.shareFraction.toFixed(), orderType: target.orderType })),
      breakevenAfterTarget: barriers.breakevenAfterTarget,
      trailingStop: barriers.trailingStop === null ? null : { activationFraction: barriers.trailingStop.activationFraction.toFixed(), deltaFraction: text(barriers.trailingStop.deltaFraction) ?? '0' },
      timeLimitAtMs: tape.pick(4) === 1 ? this.world.clock.nowMs + tape.pick(10_000) : barriers.timeLimitAtMs,
    };
  }
}
