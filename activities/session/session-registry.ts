import type { OrderSession } from './order-session.js';

type Listener = () => void;

/**
 * The order sessions that live in this process, by workflow id. They outlive the activity that started them: an attempt
 * that the server gave up is adopted by the next one.
 */
export class SessionRegistry {
  private readonly sessions = new Map<string, OrderSession>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly stopsAhead = new Map<string, string>();

  /** Sessions at work; ended ones stay a while, to be adopted by an attempt that did not get the answer. */
  get working(): number {
    return this.all().filter((session) => !session.ended).length;
  }

  all(): readonly OrderSession[] {
    return [...this.sessions.values()];
  }

  get(workflowId: string): OrderSession | null {
    return this.sessions.get(workflowId) ?? null;
  }

  add(session: OrderSession): void {
    const { workflowId } = session.plan.path;
    this.sessions.set(workflowId, session);
    const reason = this.stopsAhead.get(workflowId);
    if (reason !== undefined) {
      this.stopsAhead.delete(workflowId);
      session.command({ kind: 'cancel', reason });
    }
    this.changed(workflowId);
  }

  remove(session: OrderSession): void {
    const { workflowId } = session.plan.path;
    if (this.sessions.get(workflowId) === session) this.sessions.delete(workflowId);
    this.changed(workflowId);
  }

  /** An exit that waits and protects: what an entry needs before it may send anything. */
  isArmed(workflowId: string): boolean {
    return this.sessions.get(workflowId)?.isArmed() ?? false;
  }

  /** Stops a session; one that is not here (yet) is stopped the moment it starts. */
  requestStop(workflowId: string, reason: string): void {
    const session = this.sessions.get(workflowId);
    if (session !== undefined) session.command({ kind: 'cancel', reason });
    else this.stopsAhead.set(workflowId, reason);
  }

  forgetStop(workflowId: string): void {
    this.stopsAhead.delete(workflowId);
  }

  /** Called whenever the fills, the end or the presence of that session changed. */
  watch(workflowId: string, listener: Listener): () => void {
    const set = this.listeners.get(workflowId) ?? new Set();
    set.add(listener);
    this.listeners.set(workflowId, set);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(workflowId);
    };
  }

  changed(workflowId: string): void {
    for (const listener of [...(this.listeners.get(workflowId) ?? [])]) listener();
  }

  /** The lease is lost: every session here ends without touching the exchange. */
  abandonAll(): void {
    const all = this.all();
    this.sessions.clear();
    this.stopsAhead.clear();
    for (const session of all) session.abandon();
  }
}
