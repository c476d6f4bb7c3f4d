import { LEVEL_STOPPED, levelOf } from '../../src/contract/grid-levels.js';
import { NO_FILLS, addTotals, type FillTotals } from '../../src/domain/fills.js';
import { isGridTradable } from '../../src/domain/grid/grid-inventory.js';
import { openOf } from '../../src/domain/grid/grid-ledger.js';
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
  private told = '';

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
  }

  stop(): void {
    this.stopping = true;
    for (const session of this.registry.ofRoot(this.gridId)) this.cancel(session);
    this.tell();
  }

  private heard(session: OrderSession): void {
    if (levelOf(session.plan.path.path) === null) return;
    if (this.stopping) this.cancel(session);
    this.take(session);
    this.tell();
  }

  /** Once each: what a session does of it is heard here before it is through. */
  private cancel(session: OrderSession): void {
    if (levelOf(session.plan.path.path) === null || session.ended || this.cancelled.has(session)) return;
    this.cancelled.add(session);
    // Were an exit to end first, a fill of an entry whose workflow is gone would be in no report.
    session.command({ kind: 'cancel', reason: LEVEL_STOPPED, afterFills: true });
  }

  /** By the exits of a level, which live from before its entry is sent until after its last fill. */
  private take(session: OrderSession): void {
    const level = levelOf(session.plan.path.path);
    if (level === null) return;
    const family = this.registry.ofRoot(this.gridId).filter(({ plan }) => levelOf(plan.path.path) === level);
    const exit = family.filter(({ plan }) => plan.arm !== null).at(-1);
    if (exit === undefined) return;
    const entry = family.find(({ plan }) => plan.arm === null);
    const { protectedFills, predecessorFills } = exit.current;
    const known = this.levels.get(level);
    const bought = [known?.entry ?? NO_FILLS, protectedFills.totals, entry?.totals ?? NO_FILLS].reduce((most, totals) => (totals.fillCount > most.fillCount ? totals : most));
    const closed = addTotals(predecessorFills.totals, exit.totals);
    const exits = known !== undefined && known.exits.fillCount > closed.fillCount ? known.exits : closed;
    const over = exit.ended && (entry === undefined ? protectedFills.finished || bought.fillCount === 0 : entry.ended);
    this.levels.set(level, { entry: bought, exits, over });
    if (over && !this.stopping && !this.leftOpen(bought, exits)) this.levels.delete(level);
  }

  private leftOpen(entry: FillTotals, exits: FillTotals): boolean {
    const { side, rules } = { side: this.session.rules.side === 'SELL' ? ('BUY' as const) : ('SELL' as const), rules: this.session.rules.rules };
    const open = openOf(side, entry, exits);
    return open.base.greaterThan(0) && isGridTradable({ rules }, open);
  }

  /** Both sums at once, so that none is judged by half of a change. */
  private tell(): void {
    const levels = [...this.levels.values()];
    const entry = levels.reduce<FillTotals>((sum, level) => addTotals(sum, level.entry), NO_FILLS);
    const exits = levels.reduce<FillTotals>((sum, level) => addTotals(sum, level.exits), NO_FILLS);
    const finished = this.stopping && levels.every(({ over }) => over);
    const text = JSON.stringify([entry.fillCount, entry.filledQuote, entry.feesQuote, exits.fillCount, exits.filledQuote, finished]);
    if (text === this.told) return;
    this.told = text;
    const nowMs = Date.now();
    this.session.dispatch({ kind: 'levels', protected: { totals: entry, finished }, predecessors: { totals: exits, finished }, nowMs });
  }
}
