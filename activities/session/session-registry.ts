import { ExitTraffic } from './exit-traffic.js';
import type { OrderSession } from './order-session.js';
import { SessionDirectory } from './session-directory.js';
import type { SessionMemory } from './session-memory.js';

/**
 * The order sessions of one account that live in this process, by workflow id. They outlive the activity that started them: an attempt
 * that the server gave up is adopted by the next one.
 */
export class SessionRegistry {
  readonly exitTraffic = new ExitTraffic();
  private readonly sessions = new Map<string, OrderSession>();
  /** By the id of the executor at the root. */
  private readonly roots = new Map<string, Set<OrderSession>>();
  private readonly rootListeners = new Map<string, Set<(session: OrderSession) => void>>();
  private readonly stopsAhead = new Map<string, string>();
  private readonly orphans = new WeakMap<OrderSession, Set<'workflow' | 'executor'>>();

  /** @param directory shared with the other accounts of this process. */
  constructor(readonly memory: SessionMemory, readonly directory: SessionDirectory = new SessionDirectory()) {}

  /** Sessions at work; ended ones stay a while, to be adopted by an attempt that did not get the answer. */
  get working(): number {
    return this.all().filter((session) => !session.ended).length;
  }

  /** With those that ended a moment ago. */
  get size(): number {
    return this.sessions.size;
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
    const { rootId } = session.plan.path;
    this.roots.set(rootId, (this.roots.get(rootId) ?? new Set()).add(session));
    this.directory.add(session);
    const reason = this.stopsAhead.get(workflowId);
    if (reason !== undefined) {
      this.stopsAhead.delete(workflowId);
      session.command({ kind: 'cancel', reason });
    }
    this.changed(session);
  }

  remove(session: OrderSession): void {
    const { workflowId } = session.plan.path;
    if (this.sessions.get(workflowId) === session) {
      this.sessions.delete(workflowId);
      // Stops this session asked for ahead are in force as long as it is known.
      for (const path of [...(session.plan.arm?.protects ?? []), ...(session.plan.arm?.predecessors ?? [])]) this.stopsAhead.delete(path.workflowId);
    }
    const { rootId } = session.plan.path;
    const family = this.roots.get(rootId);
    family?.delete(session);
    if (family?.size === 0) this.roots.delete(rootId);
    this.directory.remove(session);
    this.changed(session);
  }

  /** True the first time: that the workflow of a session, or the executor above it, is gone is dealt with once. */
  markOrphan(session: OrderSession, gone: 'workflow' | 'executor'): boolean {
    const known = this.orphans.get(session) ?? new Set();
    this.orphans.set(session, known);
    if (known.has(gone)) return false;
    known.add(gone);
    return true;
  }

  /** Exits here that protect that order: is there one, and would one fire right now? An entry sends nothing without. */
  exitsOf(workflowId: string): { readonly present: boolean; readonly armed: boolean } {
    return this.directory.exitsOf(workflowId);
  }

  /** Stops a session; one that is not here (yet) is stopped the moment it starts. */
  requestStop(workflowId: string, reason: string): void {
    const session = this.sessions.get(workflowId);
    if (session !== undefined) session.command({ kind: 'cancel', reason });
    else this.stopsAhead.set(workflowId, reason);
  }

  /** Called whenever the fills, the end or the presence of that session, or of an exit that protects it, changed. */
  watch(workflowId: string, listener: () => void): () => void {
    return this.directory.watch(workflowId, listener);
  }

  /** All sessions here of that executor, its own and those of its children. */
  ofRoot(rootId: string): readonly OrderSession[] {
    return [...(this.roots.get(rootId) ?? [])];
  }

  /** Called with every session of that executor whose fills, end or presence changed, or what it protects. */
  watchRoot(rootId: string, listener: (session: OrderSession) => void): () => void {
    const set = this.rootListeners.get(rootId) ?? new Set();
    set.add(listener);
    this.rootListeners.set(rootId, set);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.rootListeners.delete(rootId);
    };
  }

  /** An exit has heard what the entries before it filled. */
  protectedChanged(session: OrderSession): void {
    for (const listener of [...(this.rootListeners.get(session.plan.path.rootId) ?? [])]) listener(session);
  }

  changed(session: OrderSession): void {
    this.protectedChanged(session);
    this.directory.changed(session);
  }

  /** The lease is lost: every session here ends without touching the exchange. */
  abandonAll(): void {
    const all = this.all();
    this.sessions.clear();
    this.roots.clear();
    this.stopsAhead.clear();
    for (const session of all) {
      this.directory.remove(session);
      this.memory.keep(session.plan.path, session.details());
      session.abandon();
    }
  }
}
