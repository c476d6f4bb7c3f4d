import type { OrderPath } from '../../src/contract/order-plan.js';
import { NO_FILLS, addFill, addTotals, type FillTotals } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { marketRules } from '../../src/domain/market-rules.js';
import { decimal } from '../../src/domain/money.js';
import type { RelatedFills } from '../../src/domain/session/session-events.js';
import type { AccountServices } from './account-services.js';
import { fillOf } from './exchange-facts.js';
import type { OrderSession } from './order-session.js';
import { ordersOfPath } from './recover-orders.js';

const POLL_MS = 1_000;
/** A leg that has no workflow this long after the session began was not just about to start: it was deleted. */
const MISSING_IS_OVER_MS = 60_000;

interface Relation {
  readonly path: OrderPath;
  /** Where it trades; null while another process owns that account. */
  readonly services: () => AccountServices | null;
  readonly kind: 'protected' | 'predecessors';
  fills: RelatedFills;
  unwatch: () => void;
}

/**
 * What other sessions of the same executor mean for one: to an exit, the fills it protects and the earlier exits it
 * follows; to an entry, whether its exit is armed and its turn has come. Live sessions tell it directly; of those that are not here, the
 * workflow's status and the exchange's own trades do.
 */
export class RelatedSessions {
  private readonly relations: Relation[] = [];
  private timer: NodeJS.Timeout | null = null;
  private unwatchGuard: () => void = () => undefined;
  private unwatchBefore: () => void = () => undefined;
  private guardArmed = false;
  /** The hedge of this order trades on an account of another process, and its session is alive there. */
  private guardedElsewhere = false;
  private turnCame: boolean;
  private closed = false;
  private polling = false;
  private pollsWithoutExit = 0;
  private readonly startedAtMs = Date.now();

  constructor(private readonly session: OrderSession, private readonly services: AccountServices) {
    this.turnCame = session.plan.follows === undefined;
  }

  start(): void {
    const { arm, guardedBy, follows } = this.session.plan;
    const of = arm?.hedge?.of;
    const home = (): AccountServices | null => (of === undefined ? this.services : this.services.neighbour(of.connector, of.account));
    for (const path of arm?.protects ?? []) this.relate(path, 'protected', home);
    for (const path of arm?.predecessors ?? []) this.relate(path, 'predecessors', () => this.services);
    if (guardedBy !== null) this.unwatchGuard = this.services.registry.watch(this.session.plan.path.workflowId, () => this.tellGuard());
    if (follows !== undefined) this.unwatchBefore = this.services.registry.watch(follows, () => this.tellGuard());
    if (this.relations.length > 0 || guardedBy !== null) {
      this.timer = setInterval(() => void this.poll(), POLL_MS).unref();
      for (const relation of this.relations) this.heard(relation);
      this.tellGuard();
      if ((arm?.predecessors.length ?? 0) > 0) void this.poll();
    }
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearInterval(this.timer);
    this.unwatchGuard();
    this.unwatchBefore();
    for (const relation of this.relations) relation.unwatch();
  }

  /** What the executor was told of the order that is followed here, which may trade in another process; only more than is known counts. */
  told(totals: FillTotals, finished: boolean): void {
    for (const relation of this.relations) if (relation.kind === 'protected') this.update(relation, { totals, finished });
  }

  private relate(path: OrderPath, kind: Relation['kind'], services: Relation['services']): void {
    const relation: Relation = { path, kind, services, fills: { totals: NO_FILLS, finished: false }, unwatch: () => undefined };
    relation.unwatch = this.services.registry.watch(path.workflowId, () => this.heard(relation));
    this.relations.push(relation);
  }

  /** A session of this process spoke: its fills are known to the last one. */
  private heard(relation: Relation): void {
    const other = this.services.registry.directory.get(relation.path.workflowId);
    if (other === null || this.closed) return;
    // An earlier exit hands over only after it was stopped: two armed exits would close twice.
    if (relation.kind === 'predecessors' && !other.ended) other.command({ kind: 'cancel', reason: 'a later exit takes over' });
    this.update(relation, { totals: other.totals, finished: other.ended });
  }

  private update(relation: Relation, fills: RelatedFills): void {
    const unchanged = fills.finished === relation.fills.finished && fills.totals.fillCount === relation.fills.totals.fillCount && fills.totals.feesQuote.equals(relation.fills.totals.feesQuote);
    // What was seen at the exchange is never taken back by a session that has not read it yet.
    if (unchanged || relation.fills.finished || fills.totals.fillCount < relation.fills.totals.fillCount) return;
    relation.fills = fills;
    const same = this.relations.filter((candidate) => candidate.kind === relation.kind);
    const totals = same.reduce<FillTotals>((sum, candidate) => addTotals(sum, candidate.fills.totals), NO_FILLS);
    const parts = same.length > 1 ? { parts: same.map(({ path, fills: own }) => ({ workflowId: path.workflowId, totals: own.totals })) } : {};
    this.session.dispatch({ kind: relation.kind, fills: { totals, finished: same.every((candidate) => candidate.fills.finished), ...parts }, nowMs: Date.now() });
  }

  private tellGuard(): void {
    const { guardedBy } = this.session.plan;
    if (guardedBy === null || this.closed) return;
    const { armed: guarded } = this.services.registry.exitsOf(this.session.plan.path.workflowId);
    const armed = (guarded || this.guardedElsewhere) && this.itsTurn();
    if (armed === this.guardArmed) return;
    this.guardArmed = armed;
    this.session.dispatch({ kind: 'guard', armed, nowMs: Date.now() });
  }

  /** Once it has come it stays, whatever becomes of the entry before this one. */
  private itsTurn(): boolean {
    const { follows } = this.session.plan;
    const before = follows === undefined ? null : this.services.registry.get(follows);
    this.turnCame ||= this.session.hasSent || (before !== null && (before.ended || before.hasSent));
    return this.turnCame;
  }

  /** For those not in this process: is the workflow over, and what does the exchange say of its orders? */
  private async poll(): Promise<void> {
    // Those who are here speak for themselves; a rush of their news is no time to ask for the others.
    if (this.polling || this.closed || !this.services.registry.exitTraffic.isClear) return;
    this.polling = true;
    try {
      await this.pollGuard();
      await this.pollTurn();
      for (const relation of this.relations) {
        if (!this.closed && !relation.fills.finished && this.services.registry.directory.get(relation.path.workflowId) === null) await this.pollAbsent(relation);
      }
    } catch (error) {
      this.session.logger.warn({ error: String(error) }, 'related orders could not be read, asking again');
    } finally {
      this.polling = false;
    }
  }

  private async pollGuard(): Promise<void> {
    const { guardedBy } = this.session.plan;
    if (guardedBy === null || this.services.registry.exitsOf(this.session.plan.path.workflowId).present) {
      this.pollsWithoutExit = 0;
      this.guardedElsewhere = false;
      return;
    }
    if (this.session.plan.peg !== undefined) {
      this.guardedElsewhere = await this.services.workflows.isBeating(guardedBy);
      this.tellGuard();
    }
    // The exit is over and no other has taken its place, seen twice because one may be on its way: nothing may be added.
    this.pollsWithoutExit = (await this.services.workflows.status(guardedBy)) === 'closed' ? this.pollsWithoutExit + 1 : 0;
    if (this.pollsWithoutExit >= 2) this.session.command({ kind: 'cancel', reason: 'its exit is gone' });
  }

  private async pollTurn(): Promise<void> {
    const { follows } = this.session.plan;
    if (follows === undefined || this.turnCame) return;
    if (this.services.registry.get(follows) === null) this.turnCame = (await this.services.workflows.status(follows)) === 'closed';
    this.tellGuard();
  }

  private async pollAbsent(relation: Relation): Promise<void> {
    const services = relation.services();
    // Whose account it is tells the executor, and the executor tells this one.
    if (services === null || services.lease.lost) return;
    const { plan } = this.session;
    const pair = plan.arm?.hedge?.of.pair ?? plan.pair;
    const rules = plan.arm?.hedge === undefined ? this.session.rules.rules : marketRules(plan.arm.hedge.rules);
    const status = await this.services.workflows.status(relation.path.workflowId);
    const { bySequence, askedAtMs } = await ordersOfPath(services, relation.path, pair, { from: 1, through: LIMITS.maxFruitlessSubmissions });
    const over = status === 'closed' || (status === 'missing' && Date.now() >= this.startedAtMs + MISSING_IS_OVER_MS);
    let settled = askedAtMs >= services.grantedAtMs + LIMITS.readLagMs;
    let totals: FillTotals = NO_FILLS;
    for (const order of bySequence.values()) {
      if (order.state === 'open') {
        settled = false;
        if (over && !services.lease.lost) await services.exchange.cancel({ pair: order.pair, clientOrderId: order.clientOrderId, exchangeOrderId: order.exchangeOrderId, stop: order.stop !== null });
      }
      const executedBase = decimal(order.executedBase);
      if (executedBase.isZero()) continue;
      let own: FillTotals = NO_FILLS;
      for (const trade of await services.exchange.tradesOf(order.pair, order.exchangeOrderId)) {
        own = addFill(own, fillOf(trade, rules), rules);
      }
      // The list of trades may be behind the order: finished only when every executed unit is backed by one.
      if (own.filledBase.lessThan(executedBase)) settled = false;
      totals = addTotals(totals, own);
    }
    if (this.closed || this.services.registry.directory.get(relation.path.workflowId) !== null) return;
    this.update(relation, { totals, finished: over && settled });
  }
}
