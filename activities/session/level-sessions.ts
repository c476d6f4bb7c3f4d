import { LEVEL_STOPPED, levelOf } from '../../src/contract/grid-levels.js';
import { NO_FILLS, addTotals, type FillTotals } from '../../src/domain/fills.js';
import { isGridTradable } from '../../src/domain/grid/grid-inventory.js';
import { openOf } from '../../src/domain/grid/grid-ledger.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { OrderSession } from './order-session.js';
import type { SessionRegistry } from './session-registry.js';

interface LevelFills {
  entry: FillTotals;
  exits: FillTotals;
  over: boolean;
}

/**
 * To the exit of a grid: what its levels hold, from their own sessions in this process, and their stop. A level that is
 * through its round trip is forgotten; while the grid closes nothing is. Levels that are not here, because their process
 * has just died, are the workflow's: it counts all of them before it ends.
 */
export class LevelSessions {
  private readonly levels = new Map<string, LevelFills>();
  private unwatch: () => void = () => undefined;
  private readonly cancelled = new WeakSet<OrderSession>();
  private stopping = false;
  private over: () => void = () => undefined;
  private told = '';
  /** Null when a level traded since: with hundreds of levels each sum takes its time, and most news is of an end without a fill. */
  private sums: { readonly entry: FillTotals; readonly exits: FillTotals } | null = null;
  private readonly levelNames = new WeakMap<OrderSession, { readonly name: string | null }>();

  constructor(
    private readonly session: OrderSession,
    private readonly registry: SessionRegistry,
    private readonly gridId: string,
  ) {}

  start(): void {
    this.unwatch = this.registry.watchRoot(this.gridId, (session) => this.heard(session));
    for (const session of this.registry.ofRoot(this.gridId)) this.take(session);
    this.tell();
  }

  close(): void {
    this.unwatch();
    this.over();
  }

  /** Until the net can be closed: what ended until then must not take the processor from the cancels that are still to leave. */
  private allOver(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LIMITS.answerBehindExitsMs).unref();
      this.over = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  stop(): void {
    if (!this.stopping) this.registry.exitTraffic.track(this.allOver());
    this.stopping = true;
    for (const session of this.registry.ofRoot(this.gridId)) this.cancel(session);
    this.tell();
  }

  private heard(session: OrderSession): void {
    if (this.nameOf(session) === null) return;
    if (this.stopping) this.cancel(session);
    this.take(session);
    this.tell();
  }

  /** Once each: what a session does of it is heard here before it is through. */
  private cancel(session: OrderSession): void {
    if (this.nameOf(session) === null || session.ended || this.cancelled.has(session)) return;
    this.cancelled.add(session);
    // Were an exit to end first, a fill of an entry whose workflow is gone would be in no report.
    session.command({ kind: 'cancel', reason: LEVEL_STOPPED, afterFills: true });
  }

  /** By the exits of a level, which live from before its entry is sent until after its last fill. */
  private take(session: OrderSession): void {
    const level = this.nameOf(session);
    if (level === null) return;
    const family = this.registry.ofRoot(this.gridId).filter((other) => this.nameOf(other) === level);
    const exit = family.filter(({ plan }) => plan.arm !== null).at(-1);
    if (exit === undefined) return;
    const entry = family.find(({ plan }) => plan.arm === null);
    const { protectedFills, predecessorFills } = exit.current;
    const known = this.levels.get(level);
    const bought = [known?.entry ?? NO_FILLS, protectedFills.totals, entry?.totals ?? NO_FILLS].reduce((most, totals) => (totals.fillCount > most.fillCount ? totals : most));
    const closed = addTotals(predecessorFills.totals, exit.totals);
    const exits = known !== undefined && known.exits.fillCount > closed.fillCount ? known.exits : closed;
    const over = exit.ended && (entry === undefined ? protectedFills.finished || bought.fillCount === 0 : entry.ended);
    if (known === undefined || !sameFills(known.entry, bought) || !sameFills(known.exits, exits)) this.sums = null;
    this.levels.set(level, { entry: bought, exits, over });
    if (!over || this.stopping || this.leftOpen(bought, exits)) return;
    this.levels.delete(level);
    this.sums = null;
  }

  private leftOpen(entry: FillTotals, exits: FillTotals): boolean {
    const { side, rules } = { side: this.session.rules.side === 'SELL' ? ('BUY' as const) : ('SELL' as const), rules: this.session.rules.rules };
    const open = openOf(side, entry, exits);
    return open.base.greaterThan(0) && isGridTradable({ rules }, open);
  }

  /** Both sums at once, so that none is judged by half of a change. */
  private tell(): void {
    const levels = [...this.levels.values()];
    this.sums ??= { entry: sumOf(levels.map((level) => level.entry)), exits: sumOf(levels.map((level) => level.exits)) };
    const { entry, exits } = this.sums;
    const finished = this.stopping && levels.every(({ over }) => over);
    const text = JSON.stringify([entry.fillCount, entry.filledQuote, entry.feesQuote, exits.fillCount, exits.filledQuote, finished]);
    if (text === this.told) return;
    this.told = text;
    const nowMs = Date.now();
    // The sale that follows is under way before the next turn.
    if (finished) setImmediate(this.over);
    this.session.dispatch({ kind: 'levels', protected: { totals: entry, finished }, predecessors: { totals: exits, finished }, nowMs });
  }

  private nameOf(session: OrderSession): string | null {
    const known = this.levelNames.get(session) ?? { name: levelOf(session.plan.path.path) };
    this.levelNames.set(session, known);
    return known.name;
  }
}

function sumOf(totals: readonly FillTotals[]): FillTotals {
  return totals.reduce<FillTotals>((sum, each) => (each.fillCount === 0 ? sum : addTotals(sum, each)), NO_FILLS);
}

/** Fees may be valued after their fill. */
function sameFills(left: FillTotals, right: FillTotals): boolean {
  return left.fillCount === right.fillCount && left.feesQuote.equals(right.feesQuote);
}
