import { getExternalWorkflowHandle, startChild } from '@temporalio/workflow';
import type { LegEnded, LegProgress, SessionCommand } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import { marketKey } from '../../src/contract/search-attributes.js';
import type { FillTotalsRecord, SessionResult, TriggerEvidence } from '../../src/contract/session-result.js';
import { NO_FILLS, totalsFromRecord, type FillTotals } from '../../src/domain/fills.js';
import type { OrderInput } from '../order.js';
import { legCommandSignal } from './order-leg.js';

/** How one leg stands. `lost`: its workflow ended without a report (terminated, or failed). */
export type LegState =
  | { readonly kind: 'running'; readonly progress: FillTotalsRecord | null; readonly trigger: TriggerEvidence | null; readonly openOrders: number }
  | { readonly kind: 'ended'; readonly result: SessionResult }
  | { readonly kind: 'lost'; readonly message: string; readonly progress: FillTotalsRecord | null; readonly trigger: TriggerEvidence | null };

export interface Leg {
  readonly plan: OrderPlan;
  state: LegState;
}

const NOT_YET: LegState = { kind: 'running', progress: null, trigger: null, openOrders: 0 };

/** Children of one executor: started once each, abandoned on close, and heard by signal. */
export class Legs {
  private readonly byId = new Map<string, Leg>();

  constructor(private readonly changed: () => void) {}

  /** Starts the order workflow of a plan; one that already runs (after a reset) is adopted. */
  async start(plan: OrderPlan): Promise<Leg> {
    const leg: Leg = { plan, state: NOT_YET };
    const { workflowId } = plan.path;
    this.byId.set(workflowId, leg);
    const input: OrderInput = { kind: 'leg', plan };
    try {
      const handle = await startChild('order', {
        workflowId,
        args: [input],
        parentClosePolicy: 'ABANDON',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        cancellationType: 'ABANDON',
        searchAttributes: {
          ExecutorRole: ['leg'],
          ExecutorType: ['order_executor'],
          ControllerId: [plan.controllerId],
          Markets: [marketKey(plan.connector, plan.pair, plan.account)],
        },
        staticSummary: `${plan.role} leg ${plan.path.path}: ${plan.side} ${plan.pair}`,
      });
      void handle.result().then(
        (result: unknown) => this.end({ leg: workflowId, result: result as SessionResult }),
        (error: unknown) => this.lose(leg, error),
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw error;
    }
    return leg;
  }

  progress(news: LegProgress): void {
    const leg = this.byId.get(news.leg);
    if (leg === undefined || leg.state.kind !== 'running') return;
    leg.state = { kind: 'running', progress: news.report.totals, trigger: news.report.trigger, openOrders: news.report.openOrders };
    this.changed();
  }

  end(news: LegEnded): void {
    const leg = this.byId.get(news.leg);
    if (leg === undefined || leg.state.kind === 'ended') return;
    leg.state = { kind: 'ended', result: news.result };
    this.changed();
  }

  /** Sends a command to a leg; one that has ended no longer needs it. */
  async command(leg: Leg, command: SessionCommand): Promise<void> {
    if (leg.state.kind !== 'running') return;
    try {
      await getExternalWorkflowHandle(leg.plan.path.workflowId).signal(legCommandSignal, command);
    } catch (error) {
      if (leg.state.kind === 'running' && !(error instanceof Error && /not found|already completed/i.test(error.message))) throw error;
    }
  }

  private lose(leg: Leg, error: unknown): void {
    if (leg.state.kind !== 'running') return;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    leg.state = { kind: 'lost', message: cause instanceof Error ? cause.message : String(cause), progress: leg.state.progress, trigger: leg.state.trigger };
    this.changed();
  }
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
