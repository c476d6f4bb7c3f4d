import type { OrderSession } from './order-session.js';

type Listener = () => void;

/**
 * All sessions of this process, whichever of its accounts they trade on: what one leg of an executor tells another does
 * not ask whose account it is. Workflow ids name them.
 */
export class SessionDirectory {
  private readonly sessions = new Map<string, OrderSession>();
  /** Exits by the workflow id of what they protect. */
  private readonly exits = new Map<string, Set<OrderSession>>();
  private readonly listeners = new Map<string, Set<Listener>>();

  get(workflowId: string): OrderSession | null {
    return this.sessions.get(workflowId) ?? null;
  }

  add(session: OrderSession): void {
    this.sessions.set(session.plan.path.workflowId, session);
    for (const { workflowId } of session.plan.arm?.protects ?? []) {
      this.exits.set(workflowId, (this.exits.get(workflowId) ?? new Set()).add(session));
    }
  }

  remove(session: OrderSession): void {
    const { workflowId } = session.plan.path;
    if (this.sessions.get(workflowId) === session) this.sessions.delete(workflowId);
    for (const { workflowId: protectedId } of session.plan.arm?.protects ?? []) {
      const exits = this.exits.get(protectedId);
      exits?.delete(session);
      if (exits?.size === 0) this.exits.delete(protectedId);
    }
  }

  /** Exits that protect that order: is there one, and would one fire right now? An entry sends nothing without. */
  exitsOf(workflowId: string): { readonly present: boolean; readonly armed: boolean } {
    const exits = [...(this.exits.get(workflowId) ?? [])].filter((exit) => !exit.ended);
    return { present: exits.length > 0, armed: exits.some((exit) => exit.isArmed()) };
  }

  /** Called whenever the fills, the end or the presence of that session, or of an exit that protects it, changed. */
  watch(workflowId: string, listener: Listener): () => void {
    const set = this.listeners.get(workflowId) ?? new Set();
    set.add(listener);
    this.listeners.set(workflowId, set);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(workflowId);
    };
  }

  changed({ plan }: OrderSession): void {
    for (const { workflowId } of [plan.path, ...(plan.arm?.protects ?? [])]) {
      for (const listener of [...(this.listeners.get(workflowId) ?? [])]) listener();
    }
  }
}
