import { NO_FILLS, addFill, addTotals, type FillTotals } from '../../src/domain/fills.js';
import type { RelatedFills } from '../../src/domain/session/session-events.js';
import { sessionTotals } from '../../src/domain/session/session-state.js';
import type { ModelSession } from './model-session.js';
import type { ModelWorld } from './model-world.js';

const POLL_MS = 1000;

/**
 * What the sessions of one position tell each other: an exit hears of the entry's fills and of earlier exits, an entry
 * of its exit. Those of the same process at once; those that are not there through the exchange, once a second.
 */
export class ModelRelations {
  private polling = false;
  private pollsWithoutExit = 0;

  constructor(private readonly world: ModelWorld) {}

  /** Stops a session; one that is not there yet is stopped the moment it is. */
  stop(session: ModelSession | null, reason: string): void {
    if (session === null) return;
    if (session.state === null) session.stopAhead = reason;
    else session.command('cancel', reason);
  }

  /** A session began to live: it hears of the others, and they of it. */
  began(session: ModelSession): void {
    for (const other of this.world.sessions) if (other !== session) this.hear(session, other);
    this.changed(session);
    this.keepPolling();
  }

  changed(session: ModelSession): void {
    for (const listener of this.world.sessions) if (listener !== session) this.hear(listener, session);
  }

  private hear(listener: ModelSession, speaker: ModelSession): void {
    if (!listener.alive) return;
    if (listener.plan.guarded) return this.tellGuard(listener);
    if (listener.plan.arm === null || speaker.state === null) return;
    const related = listener.predecessors.includes(speaker);
    // An earlier exit hands over only after it was stopped: two armed exits would close twice.
    if (related && speaker.alive) speaker.command('cancel', 'a later exit takes over');
    const { state } = speaker;
    if (state === null || (!related && speaker !== this.world.entry)) return;
    this.update(listener, speaker, { totals: sessionTotals(state), finished: state.end !== null });
  }

  private tellGuard(entry: ModelSession): void {
    const armed = this.world.anyExitArmed;
    if (armed === entry.guardArmed) return;
    entry.guardArmed = armed;
    entry.dispatch({ kind: 'guard', armed, nowMs: this.world.clock.nowMs });
  }

  /** What was seen at the exchange is never taken back by a session that has not read it yet. */
  private update(exit: ModelSession, speaker: ModelSession, fills: RelatedFills): void {
    const index = exit.predecessors.indexOf(speaker);
    const known = index < 0 ? exit.entryFills : (exit.predecessorFills[index] ?? exit.entryFills);
    const same = fills.finished === known.finished && fills.totals.fillCount === known.totals.fillCount && fills.totals.feesQuote.equals(known.totals.feesQuote);
    if (same || known.finished || fills.totals.fillCount < known.totals.fillCount) return;
    const { nowMs } = this.world.clock;
    if (index < 0) {
      exit.entryFills = fills;
      exit.dispatch({ kind: 'protected', fills, nowMs });
      return;
    }
    exit.predecessorFills[index] = fills;
    const totals = exit.predecessorFills.reduce<FillTotals>((sum, each) => addTotals(sum, each.totals), NO_FILLS);
    exit.dispatch({ kind: 'predecessors', fills: { totals, finished: exit.predecessorFills.every((each) => each.finished) }, nowMs });
  }

  private keepPolling(): void {
    if (this.polling) return;
    this.polling = true;
    this.world.clock.after(POLL_MS, () => {
      this.polling = false;
      const needed = this.poll();
      if (needed) this.keepPolling();
    });
  }

  /** For those not in this process. Answers whether anybody may need it again. */
  private poll(): boolean {
    const { entry, exits } = this.world;
    let needed = false;
    if (entry !== null && entry.alive) {
      needed = true;
      // The exit is over and no other has taken its place, seen twice because one may be on its way: nothing may be added.
      const gone = exits[0]?.workflowClosed === true && !exits.some((exit) => exit.alive);
      this.pollsWithoutExit = gone ? this.pollsWithoutExit + 1 : 0;
      if (this.pollsWithoutExit >= 2) entry.command('cancel', 'its exit is gone');
    }
    for (const exit of exits) {
      if (!exit.alive) continue;
      needed = true;
      if (entry !== null && entry.state === null && !exit.entryFills.finished) this.readAbsent(exit, entry);
      for (const [index, earlier] of exit.predecessors.entries()) {
        if (earlier.state === null && exit.predecessorFills[index]?.finished !== true) this.readAbsent(exit, earlier);
      }
    }
    return needed;
  }

  /** Orders of a session that does not live here, from the exchange; those of a closed workflow are cancelled. */
  private readAbsent(exit: ModelSession, absent: ModelSession): void {
    const { world } = this;
    const { incarnation } = exit;
    const fate = world.requests.fate();
    if (fate !== 'normal' && fate !== 'late') return;
    world.clock.after(world.requests.wayMs(), () => {
      const viewMs = world.clock.nowMs - world.requests.lagMs();
      const over = absent.workflowClosed;
      let settled = world.clock.nowMs >= world.recoveryFinalFromMs;
      let totals: FillTotals = NO_FILLS;
      for (const order of world.exchange.orders) {
        const version = order.intent.slot === absent.slot ? world.exchange.view(order, viewMs) : null;
        if (version === null) continue;
        const fills = world.requests.fillsOf(order, viewMs - world.requests.lagMs());
        for (const fill of fills) totals = addFill(totals, fill, exit.plan.rules);
        const counted = order.trades.slice(0, fills.length).reduce((sum, trade) => sum + trade.lots, 0);
        if (version.state === 'open' || counted < version.filledLots) settled = false;
        if (version.state === 'open' && over && world.requests.fate() === 'normal') world.exchange.end(order, 'cancelled', world.clock.nowMs);
      }
      world.clock.after(world.requests.wayMs(), () => {
        if (exit.incarnation === incarnation && exit.alive && absent.state === null) this.update(exit, absent, { totals, finished: over && settled });
      });
    });
  }
}
