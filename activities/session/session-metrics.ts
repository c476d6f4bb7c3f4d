import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionEvent } from '../../src/domain/session/session-events.js';
import type { OrderPurpose } from '../../src/domain/session/session-order.js';
import type { Attention, SessionState } from '../../src/domain/session/session-state.js';
import type { CancelResult, Metrics, SendOutcome } from '../../src/ports/metrics.js';

/** What one session tells of itself in numbers. Times are monotonic, in ms. */
export class SessionMetrics {
  private readonly startedAtMs = performance.now();
  private frameAtMs: number | null = null;
  private firedAtMs: number | null = null;
  private attention: Attention['code'] | null = null;

  constructor(
    private readonly metrics: Metrics,
    private readonly connector: string,
    private readonly role: OrderPlan['role'],
  ) {}

  /** Runs what a frame of prices leads to; `receivedAtMs`: when the frame was there. */
  withFrame(receivedAtMs: number, work: () => void): void {
    // The last frame of before the session comes again when it starts, as old as it is.
    this.frameAtMs = receivedAtMs >= this.startedAtMs ? receivedAtMs : null;
    try {
      work();
    } finally {
      this.frameAtMs = null;
    }
  }

  took(event: SessionEvent, before: SessionState, after: SessionState): void {
    if (before.trigger === null && after.trigger !== null) this.firedAtMs = this.frameAtMs;
    if ('sequence' in event) this.tookOfOrder(event.sequence, before, after);
    const attention = after.attention?.code ?? null;
    if (attention !== null && attention !== this.attention) this.metrics.attentionRaised(this.connector, attention);
    this.attention = attention;
  }

  /** At the answer itself: news of the stream may have ended the session before. */
  sent(purpose: OrderPurpose, outcome: SendOutcome): void {
    this.metrics.orderSent(this.connector, this.role, outcome);
    if (outcome !== 'accepted' || purpose !== 'close' || this.firedAtMs === null) return;
    this.metrics.reacted(this.connector, performance.now() - this.firedAtMs);
    this.firedAtMs = null;
  }

  cancelled(outcome: CancelResult): void {
    this.metrics.cancelSent(this.connector, outcome);
  }

  private tookOfOrder(sequence: number, before: SessionState, after: SessionState): void {
    const earlier = before.orders.find((order) => order.sequence === sequence);
    const later = after.orders.find((order) => order.sequence === sequence);
    if (earlier === undefined || later === undefined) return;
    // One that is known and only missing from a list is no open question about a submission.
    if (earlier.stage.kind !== 'unknown' || earlier.exchangeOrderId !== null || later.stage.kind === 'unknown') return;
    const neverExisted = later.stage.kind === 'ended' && later.stage.how === 'notSent';
    this.metrics.unknownResolved(this.connector, neverExisted ? 'neverExisted' : 'found');
  }
}
