import { CancellationScope, condition, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { normaliseControllerTag } from '../../src/domain/controller-tag.js';
import type { Hearing } from './checked-signal.js';
import { SIGNALS, UPDATES, type EarlyStop, type Handover, type StopAnswer } from '../../src/contract/messages.js';

export const earlyStopSignal = defineSignal<[EarlyStop?]>(SIGNALS.earlyStop);
export const handoverSignal = defineSignal<[Handover?]>(SIGNALS.handover);
export const stopUpdate = defineUpdate<StopAnswer, [EarlyStop?]>(UPDATES.stop);

export interface StopDecision {
  readonly keepPosition: boolean;
  readonly reason: string;
  /** Controller that takes what is handed over; null = the executor's own. */
  readonly controllerId: string | null;
}

/** The first decision to stop wins; every later one is told what was decided. */
export class StopRequest {
  constructor(
    private readonly answer: (decision: StopDecision, decidedNow: boolean) => StopAnswer,
    private readonly onDecided: (decision: StopDecision) => void,
    private readonly hearing: Hearing,
    /** Of an earlier run of the same executor. */
    private decided: StopDecision | null = null,
  ) {}

  get decision(): StopDecision | null {
    return this.decided;
  }

  /** Installs `early_stop`, `handover`, `stop`, and takes a cancellation of the workflow as an early stop. */
  listen(): void {
    setHandler(earlyStopSignal, (stop) => {
      this.hearing(() => this.decide({ keepPosition: stop?.keep_position === true, reason: text(stop?.reason, 'early_stop'), controllerId: null }));
    });
    setHandler(handoverSignal, (handover) => {
      // A signal cannot be refused: with a tag that is none, the quantity stays with the executor's own controller.
      const controllerId = normaliseControllerTag(handover?.controller_id);
      const named = handover?.controller_id === undefined || controllerId !== null;
      this.hearing(() => this.decide({ keepPosition: true, reason: named ? 'handover' : 'handover without a usable controller_id', controllerId }));
    });
    setHandler(
      stopUpdate,
      (stop) => {
        const decidedNow = this.decide({ keepPosition: stop?.keep_position === true, reason: text(stop?.reason, 'stop'), controllerId: null });
        return this.answer(this.decided as StopDecision, decidedNow);
      },
      { validator: validateStop },
    );
    void CancellationScope.current().cancelRequested.catch(() => {
      this.decide({ keepPosition: false, reason: 'workflow cancelled', controllerId: null });
    });
  }

  async wait(): Promise<StopDecision> {
    await condition(() => this.decided !== null);
    return this.decided as StopDecision;
  }

  /** A decision that nobody sent: it follows from what happened. */
  take(decision: StopDecision): void {
    this.decide(decision);
  }

  private decide(decision: StopDecision): boolean {
    if (this.decided !== null) return false;
    this.decided = decision;
    this.onDecided(decision);
    return true;
  }
}

const STOP_FIELDS: Readonly<Record<keyof EarlyStop, { readonly type: 'boolean' | 'string'; readonly rule: string }>> = {
  keep_position: { type: 'boolean', rule: 'true or false' },
  reason: { type: 'string', rule: 'text' },
};

/** A misspelt field would close what its sender wants to keep. */
function validateStop(given?: EarlyStop): void {
  const stop: unknown = given;
  if (stop === undefined || stop === null) return;
  if (typeof stop !== 'object' || Array.isArray(stop)) throw new Error(`stop: ${JSON.stringify(stop).slice(0, 100)} is not allowed, it must be an object`);
  for (const [field, value] of Object.entries(stop) as readonly (readonly [string, unknown])[]) {
    const known = Object.hasOwn(STOP_FIELDS, field) ? STOP_FIELDS[field as keyof EarlyStop] : null;
    if (known === null) throw new Error(`${field.slice(0, 100)}: is no field of a stop; fields are ${Object.keys(STOP_FIELDS).join(', ')}`);
    if (value !== null && typeof value !== known.type) throw new Error(`${field}: ${JSON.stringify(value).slice(0, 100)} is not allowed, it must be ${known.rule}`);
  }
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : otherwise;
}
