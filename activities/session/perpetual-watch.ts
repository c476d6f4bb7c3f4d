import { levelOf } from '../../src/contract/grid-levels.js';
import { SIGNALS, type FundingSettled } from '../../src/contract/messages.js';
import { LIMITS } from '../../src/domain/limits.js';
import { decimal, type Decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import { openBase } from '../../src/domain/session/advance-exit.js';
import type { AccountNews, DerivativesPort, ExchangePort, ExchangePosition } from '../../src/ports/exchange.js';
import type { WorkflowLink } from '../../src/ports/workflow-link.js';
import type { SessionLogger } from './account-services.js';
import { dealLiquidations, type Holder } from './deal-liquidations.js';
import { heldOn } from './held-on-side.js';
import type { OrderSession } from './order-session.js';
import { isReduceOnly } from './reduce-only.js';
import type { SessionRegistry } from './session-registry.js';

/** What was settled is listed as income a moment later. */
const FUNDING_LAG_MS = 1_500;
/** After a liquidation is heard of, its order and trades may still be on their way into the lists. */
const LOOK_AGAIN_MS = [0, 1_000, 3_000, 8_000];
/** Listings are this far behind at most: what happened so long before the last complete look is looked at again. */
const LOOK_BACK_MS = 120_000;
/** A position that was found too small for so long is too small; before, a reader may be behind. */
const SURELY_GONE_MS = 3_000;

export interface WatchedAccount {
  readonly exchange: Pick<ExchangePort, 'subscribeAccount' | 'rules'>;
  readonly derivatives: DerivativesPort;
  readonly registry: SessionRegistry;
  readonly workflows: WorkflowLink;
  readonly logger: SessionLogger;
}

/**
 * What happens to positions of an account on a perpetual market without an order of ours: funding, of which executors
 * are told, and liquidations, which are dealt to the exits of those who held the position. Heard from the stream; found
 * by comparing positions with what exits hold, on every connection, by a slow timer, and when an exit finds nothing to reduce.
 */
export class PerpetualWatch {
  private readonly stopNews: () => void;
  private readonly timer: NodeJS.Timeout;
  private readonly later = new Set<NodeJS.Timeout>();
  private readonly lookedThroughMs = new Map<string, number>();
  private readonly refusedSinceMs = new WeakMap<OrderSession, number>();
  private running: Promise<void> = Promise.resolve();
  private waiting: 'none' | 'compare' | 'read' = 'none';
  private closed = false;

  constructor(private readonly account: WatchedAccount) {
    this.stopNews = account.exchange.subscribeAccount((news) => this.onNews(news));
    this.timer = setInterval(() => this.look('compare'), LIMITS.reconcileMs).unref();
  }

  close(): void {
    this.closed = true;
    this.stopNews();
    clearInterval(this.timer);
    for (const timer of this.later) clearTimeout(timer);
  }

  /** An order of this session that may only reduce found nothing to reduce. */
  refused(session: OrderSession): void {
    if (!this.refusedSinceMs.has(session)) this.refusedSinceMs.set(session, Date.now());
    this.look('read');
    this.soon(SURELY_GONE_MS + 200, () => this.look('read'));
  }

  private onNews(news: AccountNews): void {
    if (news.kind === 'liquidation') for (const delayMs of LOOK_AGAIN_MS) this.soon(delayMs, () => this.look('read'));
    else if (news.kind === 'connected') this.look('compare');
    else if (news.kind === 'position' && news.reason === 'funding') this.soon(FUNDING_LAG_MS, () => void this.tellFunding());
  }

  private soon(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.later.delete(timer);
      if (!this.closed) work();
    }, delayMs).unref();
    this.later.add(timer);
  }

  private async tellFunding(): Promise<void> {
    const executors = new Set(this.contracts().map(({ plan }) => (levelOf(plan.path.path) !== null ? plan.path.rootId : (plan.parentId ?? plan.path.workflowId))));
    const news: FundingSettled = { atMs: Date.now() };
    for (const executor of executors) await this.account.workflows.signal(executor, SIGNALS.fundingSettled, news);
  }

  /** One look at a time; whoever asks meanwhile is served by the next. */
  private look(how: 'compare' | 'read'): void {
    if (this.closed) return;
    const queued = this.waiting !== 'none';
    if (this.waiting !== 'read') this.waiting = how;
    if (queued) return;
    this.running = this.running.then(async () => {
      const { waiting } = this;
      this.waiting = 'none';
      if (waiting !== 'none' && !this.closed) await this.lookNow(waiting === 'read');
    }).catch((error: unknown) => this.account.logger.warn({ error: String(error) }, 'positions could not be read, looking again later'));
  }

  private async lookNow(thorough: boolean): Promise<void> {
    const pairs = new Set(this.contracts().map(({ plan }) => plan.pair));
    if (pairs.size === 0) return;
    const positions = await this.account.derivatives.positions();
    for (const pair of pairs) {
      const ofPair = positions.filter((position) => position.pair === pair);
      if (thorough || isShort(this.holders(pair), ofPair)) await this.readLiquidations(pair);
      this.judgeRefused(pair, ofPair);
    }
  }

  private async readLiquidations(pair: string): Promise<void> {
    const holders = this.holders(pair);
    if (holders.length === 0) return;
    const oldestMs = Math.min(...holders.map(({ session }) => session.plan.path.rootCreatedAtMs));
    const askedAtMs = Date.now();
    const sinceMs = Math.max(oldestMs, (this.lookedThroughMs.get(pair) ?? 0) - LOOK_BACK_MS);
    const liquidations = await this.account.derivatives.liquidations(pair, sinceMs);
    const positions = (await this.account.derivatives.positions()).filter((position) => position.pair === pair);
    const step = decimal((await this.account.exchange.rules(pair)).amountStepBase);
    const complete = dealLiquidations(this.holders(pair), liquidations, positions, step, this.account.logger);
    if (complete) this.lookedThroughMs.set(pair, askedAtMs);
    else this.soon(1_000, () => this.look('read'));
  }

  /** Exits that were refused for want of a position: is there one, and how much of it? */
  private judgeRefused(pair: string, positions: readonly ExchangePosition[]): void {
    for (const { session, openBase: open } of this.holders(pair)) {
      const sinceMs = this.refusedSinceMs.get(session);
      if (sinceMs === undefined || Date.now() < sinceMs + SURELY_GONE_MS) continue;
      this.refusedSinceMs.delete(session);
      // Held against by another executor since: the next order may do more than reduce.
      if (!isReduceOnly(session, this.account)) continue;
      const leftBase = heldOn(positions, session.plan.side);
      if (leftBase.greaterThanOrEqualTo(open)) continue;
      this.account.logger.error({ workflowId: session.plan.path.workflowId, pair, leftBase: toDecimalString(leftBase), openBase: toDecimalString(open) }, 'the position of the account is smaller than what is to be closed, and no liquidation explains it');
      session.dispatch({ kind: 'reducible', leftBase, nowMs: Date.now() });
    }
  }

  private contracts(): readonly OrderSession[] {
    return this.account.registry.all().filter((session) => !session.ended && session.rules.rules.contract === 'perpetual');
  }

  /** Exits that know their orders, with what they still have to close; ended ones too, because of what they were dealt. */
  private holders(pair: string): readonly Holder[] {
    const holders: Holder[] = [];
    for (const session of this.account.registry.all()) {
      const { plan, rules, current } = session;
      // What the levels of a grid hold is its exit's: counted once.
      if (levelOf(plan.path.path) !== null) continue;
      if (rules.arm === null || plan.role === 'hedge' || plan.pair !== pair || rules.rules.contract !== 'perpetual') continue;
      if (session.ended || current.recovered !== 'no') holders.push({ session, openBase: session.ended ? ZERO : openBase(rules, rules.arm, current) });
    }
    return holders;
  }
}

/** Fewer at the exchange than exits hold, on one of the sides, or net in one-way mode. */
function isShort(holders: readonly Holder[], positions: readonly ExchangePosition[]): boolean {
  const sum = (side: 'BUY' | 'SELL'): Decimal => holders.filter(({ session }) => session.plan.side === side).reduce((total, { openBase: open }) => total.plus(open), ZERO);
  const longs = sum('SELL');
  const shorts = sum('BUY');
  if (positions.some(({ side }) => side !== 'net')) return heldOn(positions, 'SELL').lessThan(longs) || heldOn(positions, 'BUY').lessThan(shorts);
  const net = longs.minus(shorts);
  if (net.isZero()) return false;
  return net.isPositive() ? heldOn(positions, 'SELL').lessThan(net) : heldOn(positions, 'BUY').lessThan(net.abs());
}
