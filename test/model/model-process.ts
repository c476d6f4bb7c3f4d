import { occasionOf } from '../../src/domain/session/order-number.js';
import type { RecoveredOrder } from '../../src/domain/session/session-events.js';
import { SESSION_TIMING } from '../../src/domain/session/session-plan.js';
import { baseOfLots, quoteOfTicks } from './model-units.js';
import type { ModelOrder, ModelTrade } from './model-exchange.js';
import type { ModelSession } from './model-session.js';
import type { ModelWorld } from './model-world.js';

const { readLagMs, requestDeadlineMs } = SESSION_TIMING;
const RECONCILE_MS = 15_000;

/** The process that owns the account: sessions begin, resume and die in it, and hear the exchange's news through it. */
export class ModelProcess {
  constructor(private readonly world: ModelWorld) {}

  /** The activity of a workflow reaches the owner. */
  start(session: ModelSession): void {
    const { world } = this;
    const { nowMs } = world.clock;
    if (session.workflowClosed || session.state !== null) return;
    if (nowMs < world.ownerFromMs) {
      world.clock.at(world.ownerFromMs + this.restartDelayMs(), () => this.start(session));
      return;
    }
    const fresh = session.begin(nowMs);
    world.note(() => `${session.name} ${fresh ? 'begins' : 'resumes'}`);
    if (session.stopAhead !== null) session.command('cancel', session.stopAhead);
    session.stopAhead = null;
    session.dispatch(world.priceEvent());
    world.relations.began(session);
    if (fresh) session.dispatch({ kind: 'recovered', orders: [], final: true, nowMs });
    else this.recover(session);
  }

  /** The process dies, or loses its lease: nothing reaches the exchange any more but what is on its way. */
  crash(restartMs: number): void {
    const { world } = this;
    const { nowMs } = world.clock;
    world.note(() => `process dies, next owner in ${restartMs} ms`);
    world.ownerFromMs = nowMs + restartMs;
    let lastDeadlineMs = world.ownerFromMs;
    for (const session of world.sessions) {
      for (const flight of session.flights) lastDeadlineMs = Math.max(lastDeadlineMs, flight.untilMs);
      if (session.state === null) continue;
      session.die();
      world.clock.at(world.ownerFromMs + this.restartDelayMs(), () => this.start(session));
    }
    world.recoveryFinalFromMs = lastDeadlineMs + readLagMs;
  }

  traded(order: ModelOrder, trade: ModelTrade): void {
    const session = this.world.sessions[order.intent.slot];
    if (session === undefined) return;
    this.news(() => {
      session.valueFees(order.intent.sequence, [trade.fill]);
      session.dispatch({ kind: 'fillSeen', sequence: order.intent.sequence, fill: trade.fill, nowMs: this.world.clock.nowMs });
    });
  }

  changed(order: ModelOrder): void {
    const session = this.world.sessions[order.intent.slot];
    const version = order.versions.at(-1);
    if (session === undefined || version === undefined) return;
    const sighting = this.world.requests.sighting(order, version);
    this.news(() => session.dispatch({ kind: 'sighted', sequence: order.intent.sequence, sighting, nowMs: this.world.clock.nowMs }));
  }

  /** Open orders against what sessions think is open, in one batch now and then. */
  reconcile(): void {
    const { world } = this;
    world.clock.after(RECONCILE_MS, () => {
      if (!world.over) this.reconcile();
    });
    for (const session of world.sessions) {
      for (const order of session.state?.end === null ? session.state.orders : []) {
        if (order.stage.kind === 'open' && order.request === null) this.reconcileOrder(session, order.sequence);
      }
    }
  }

  private reconcileOrder(session: ModelSession, sequence: number): void {
    const { world } = this;
    const { incarnation } = session;
    const order = world.exchange.find(session.slot, sequence);
    const version = order === null ? null : world.exchange.view(order, world.clock.nowMs - world.requests.lagMs());
    if (world.clock.nowMs < world.blackoutUntilMs) return;
    world.clock.after(world.requests.wayMs(), () => {
      if (session.incarnation !== incarnation) return;
      const { nowMs } = world.clock;
      if (order === null || version === null || version.state !== 'open') session.dispatch({ kind: 'notListed', sequence, nowMs });
      else session.dispatch({ kind: 'sighted', sequence, sighting: world.requests.sighting(order, version), nowMs });
    });
  }

  /** Sessions come back one after the other, some much later than others. */
  private restartDelayMs(): number {
    const { tape } = this.world;
    return tape.pick(3) === 2 ? tape.pick(8000) : tape.pick(300);
  }

  /** Streams lose, repeat, delay and reorder what they tell. */
  private news(tell: () => void): void {
    const { world } = this;
    const { faults, tape, clock } = world;
    if (!tape.chance(faults.newsLost)) clock.after(this.delayMs(), tell);
    if (tape.chance(faults.newsRepeated)) clock.after(this.delayMs(), tell);
  }

  private delayMs(): number {
    const { newsDelayMs } = this.world.faults;
    return newsDelayMs === 0 ? 5 : this.world.tape.pick(newsDelayMs);
  }

  /** What the exchange lists under the ids of a session: at once, and when nothing can be invisible any more. */
  private recover(session: ModelSession): void {
    const { world } = this;
    const { incarnation } = session;
    const askedAtMs = world.clock.nowMs;
    const fate = world.requests.fate();
    if (fate !== 'normal' && fate !== 'late') {
      world.clock.after(requestDeadlineMs, () => {
        if (session.incarnation === incarnation) this.recover(session);
      });
      return;
    }
    world.clock.after(world.requests.wayMs(), () => {
      const orders = this.listed(session);
      world.clock.after(world.requests.wayMs(), () => {
        if (session.incarnation !== incarnation) return;
        const final = askedAtMs >= world.recoveryFinalFromMs;
        for (const order of orders) session.valueFees(order.sequence, order.fills);
        session.dispatch({ kind: 'recovered', orders, final, nowMs: world.clock.nowMs });
        this.tellPeak(session);
        if (!final) world.clock.at(Math.max(world.recoveryFinalFromMs, world.clock.nowMs + 50), () => session.incarnation === incarnation && this.recover(session));
      });
    });
  }

  /** The best price of the time nobody looked, from candles: any price that could have been. */
  private tellPeak(session: ModelSession): void {
    const { world } = this;
    if (session.plan.arm === null || world.tape.pick(3) !== 1) return;
    const ticks = (world.market.bid ?? world.market.ask ?? 0) + 40 - world.tape.pick(80);
    if (ticks > 0) session.dispatch({ kind: 'peak', exitPriceQuote: quoteOfTicks(ticks), nowMs: world.clock.nowMs });
  }

  private listed(session: ModelSession): RecoveredOrder[] {
    const { exchange, requests, clock } = this.world;
    const viewMs = clock.nowMs - requests.lagMs();
    const orders: RecoveredOrder[] = [];
    for (const order of exchange.orders) {
      const version = order.intent.slot === session.slot ? exchange.view(order, viewMs) : null;
      if (version === null) continue;
      const { sequence, side, type, lots, ticks, stopTicks } = order.intent;
      const priceQuote = ticks === null ? null : quoteOfTicks(ticks);
      const fills = requests.fillsOf(order, viewMs - requests.lagMs());
      orders.push({ sequence, ...occasionOf(session.plan.role, sequence), side, type, amountBase: baseOfLots(lots), priceQuote, stopPriceQuote: stopTicks === null ? null : quoteOfTicks(stopTicks), sighting: requests.sighting(order, version), fills });
    }
    return orders.sort((left, right) => left.sequence - right.sequence);
  }
}
