import { CancellationScope, defineSignal, getExternalWorkflowHandle, startChild } from '@temporalio/workflow';
import { SIGNALS, type LegEnded, type LegLost, type LegProgress, type OpenOrder, type SessionCommand } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import { marketKey } from '../../src/contract/search-attributes.js';
import type { FillTotalsRecord, SessionResult, TriggerEvidence } from '../../src/contract/session-result.js';
import { NO_FILLS, totalsFromRecord, type FillTotals } from '../../src/domain/fills.js';
import type { OrderInput } from '../order.js';
import { legCommandSignal } from './order-leg.js';

/** How one leg stands. `lost`: its workflow ended without a report (terminated, or failed). */
export type LegState =
  | { readonly kind: 'running'; readonly progress: FillTotalsRecord | null; readonly trigger: TriggerEvidence | null; readonly openOrders: readonly OpenOrder[] }
  | { readonly kind: 'ended'; readonly result: SessionResult }
  | { readonly kind: 'lost'; readonly message: string; readonly progress: FillTotalsRecord | null; readonly trigger: TriggerEvidence | null };

export type LegOver = Exclude<LegState, { readonly kind: 'running' }>;

export interface Leg {
  readonly plan: OrderPlan;
  state: LegState;
  /** Of its last report: an older one that arrives later says less. */
  heardSequence: number;
}

const MAX_EARLY = 250;
const legTellAgainSignal = defineSignal(SIGNALS.legTellAgain);
const NOT_YET = { kind: 'running', progress: null, trigger: null, openOrders: [] } as const;

/** Children of one executor: started once each, abandoned on close, and heard by signal. */
export class Legs {
  private readonly byId = new Map<string, Leg>();
  /** After a reset the server delivers old signals again, before the legs they are about are known. */
  private readonly early = new Map<string, { readonly progress: LegProgress | null; readonly ended: LegEnded | null }>();

  constructor(private readonly changed: () => void) {}

  /** Starts the order workflow of a plan; one that already runs (after a reset) is adopted. */
  async start(plan: OrderPlan): Promise<Leg> {
    return this.startAs(plan, 'REJECT_DUPLICATE');
  }

  /** Starts the order workflow of a lost leg again: its session, or the exchange's own lists, tell what it traded. */
  async restart(plan: OrderPlan): Promise<Leg> {
    return this.startAs({ ...plan, firstRunId: null }, 'ALLOW_DUPLICATE');
  }

  /** Knows a leg that an earlier run of this executor started, with what it told that run; its signals arrive here now. */
  follow(plan: OrderPlan, progress: FillTotalsRecord, over: LegOver | null = null): Leg {
    const leg: Leg = { plan, state: over ?? { ...NOT_YET, progress }, heardSequence: 0 };
    this.byId.set(plan.path.workflowId, leg);
    return leg;
  }

  /** What a leg traded is counted, and its news is needed no more. */
  forget(leg: Leg): void {
    this.byId.delete(leg.plan.path.workflowId);
  }

  private async startAs(plan: OrderPlan, workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE'): Promise<Leg> {
    const leg: Leg = { plan, state: NOT_YET, heardSequence: 0 };
    const { workflowId } = plan.path;
    this.byId.set(workflowId, leg);
    const input: OrderInput = { kind: 'leg', plan };
    try {
      const handle = await startChild('order', {
        workflowId,
        args: [input],
        parentClosePolicy: 'ABANDON',
        workflowIdReusePolicy,
        cancellationType: 'ABANDON',
        searchAttributes: {
          ExecutorRole: ['leg'],
          ExecutorType: ['order_executor'],
          ControllerId: [plan.controllerId],
          Markets: [marketKey(plan.connector, plan.pair, plan.account)],
        },
        memo: { root: JSON.stringify({ id: plan.path.rootId, createdAtMs: plan.path.rootCreatedAtMs, connector: plan.connector, account: plan.account }) },
        staticSummary: `${plan.role} leg ${plan.path.path}: ${plan.side} ${plan.pair}`,
      });
      void handle.result().then(
        (result: unknown) => this.end({ leg: workflowId, result: result as SessionResult }),
        (error: unknown) => this.lose(leg, error),
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw error;
      await this.adopt(leg);
    }
    return leg;
  }

  /** A leg of an earlier run: what it told before is delivered again, or asked for; one that is gone is lost. */
  private async adopt(leg: Leg): Promise<void> {
    const { workflowId } = leg.plan.path;
    const heard = this.early.get(workflowId);
    this.early.delete(workflowId);
    if (heard?.progress != null) this.progress(heard.progress);
    if (heard?.ended != null) return this.end(heard.ended);
    const reachable = await this.signal(workflowId, legTellAgainSignal.name, []);
    if (!reachable) this.lost({ leg: workflowId, reason: 'it ended in an earlier run of this executor' });
  }

  progress(news: LegProgress): void {
    const leg = this.byId.get(news.leg);
    if (leg === undefined) return this.remember(news.leg, { progress: news });
    if (leg.state.kind === 'ended' || news.report.sequence < leg.heardSequence) return;
    leg.heardSequence = news.report.sequence;
    const { totals: progress, trigger, openOrders } = news.report;
    // A lost leg that still tells was reset: what it fills counts, but another may have taken its place.
    leg.state = leg.state.kind === 'lost' ? { ...leg.state, progress, trigger } : { kind: 'running', progress, trigger, openOrders };
    this.changed();
  }

  end(news: LegEnded): void {
    const leg = this.byId.get(news.leg);
    if (leg === undefined) return this.remember(news.leg, { ended: news });
    if (leg.state.kind === 'ended') return;
    leg.state = { kind: 'ended', result: withTrigger(news.result, leg.state.trigger) };
    this.changed();
  }

  /** Only the first word counts: a leg that ended has reported. */
  lost(news: LegLost): void {
    const leg = this.byId.get(news.leg);
    if (leg === undefined || leg.state.kind !== 'running') return;
    leg.state = { kind: 'lost', message: news.reason, progress: leg.state.progress, trigger: leg.state.trigger };
    this.changed();
  }

  /** Sends a command to a leg; one that has ended no longer needs it. */
  async command(leg: Leg, command: SessionCommand): Promise<void> {
    if (leg.state.kind !== 'running') return;
    await this.signal(leg.plan.path.workflowId, legCommandSignal.name, [command]);
  }

  /** False when that workflow is gone. Never cancelled: a cancelled executor still has to stop its legs. */
  private async signal(workflowId: string, name: string, args: unknown[]): Promise<boolean> {
    try {
      await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(workflowId).signal(name, ...args));
      return true;
    } catch (error) {
      if (error instanceof Error && /not found|already completed/i.test(error.message)) return false;
      throw error;
    }
  }

  private remember(legId: string, news: { readonly progress?: LegProgress; readonly ended?: LegEnded }): void {
    // A few legs at most: anything beyond is not ours.
    if (this.early.size >= MAX_EARLY && !this.early.has(legId)) return;
    this.early.set(legId, { ...(this.early.get(legId) ?? { progress: null, ended: null }), ...news });
  }

  private lose(leg: Leg, error: unknown): void {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    this.lost({ leg: leg.plan.path.workflowId, reason: cause instanceof Error ? cause.message : String(cause) });
  }
}

/** A session that went on in another process may know only that it fires; why is what the leg told at that moment. */
function withTrigger(result: SessionResult, told: TriggerEvidence | null): SessionResult {
  const unknown = result.trigger === null || result.trigger.command === 'RESUMED';
  return unknown && told !== null ? { ...result, trigger: told } : result;
}

/** Orders of a leg that may still execute, as far as it told. */
export function legOpenOrders(leg: Leg | null): readonly OpenOrder[] {
  return leg?.state.kind === 'running' ? leg.state.openOrders : [];
}

/** Fills of a leg as far as they are known. */
export function legTotals(leg: Leg | null): FillTotals {
  if (leg === null) return NO_FILLS;
  if (leg.state.kind === 'ended') return totalsFromRecord(leg.state.result.totals);
  return leg.state.progress === null ? NO_FILLS : totalsFromRecord(leg.state.progress);
}

export function legTrigger(leg: Leg): TriggerEvidence | null {
  return leg.state.kind === 'ended' ? leg.state.result.trigger : leg.state.trigger;
}

export function isOver(leg: Leg): boolean {
  return leg.state.kind !== 'running';
}
