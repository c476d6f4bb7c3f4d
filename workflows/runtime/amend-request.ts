import { ActivityFailure, ApplicationFailure, defineUpdate, setHandler } from '@temporalio/workflow';
import { AmendmentRefused, changedFields, type AmendAnswer, type AmendedField } from '../../src/contract/amendment.js';
import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import { UPDATES } from '../../src/contract/messages.js';
import type { OrderPath } from '../../src/contract/order-plan.js';
import { wireConfig } from '../../src/contract/wire-config.js';
import { LIMITS } from '../../src/domain/limits.js';
import { decimal } from '../../src/domain/money.js';
import type { PlanChanges } from '../../src/domain/session/amended-plan.js';
import { coverAmendment } from './session-call.js';

export const amendUpdate = defineUpdate<AmendAnswer, [unknown]>(UPDATES.amend);

/** An executor whose config may change while it runs. */
export interface Amendable<Config extends ExecutorConfig> {
  current(): Config;
  /** The config with the amendment. Throws AmendmentRefused and changes nothing. */
  propose(amendment: unknown): Config;
  /** What an order that rests would need more money for than it has; null when the config asks for no more. */
  dearer(config: Config): { readonly path: OrderPath; readonly changes: PlanChanges } | null;
  /** Takes the amended config. `sequence` numbers amendments from 1 on. */
  apply(config: Config, sequence: number, changed: readonly AmendedField[]): void;
}

/**
 * The `amend` update: refused before it enters history, or decided in it, one after the other. What is as asked already
 * changes nothing, and what the account cannot pay for changes nothing either.
 */
export class AmendRequest<Config extends ExecutorConfig> {
  private sequence = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly executor: Amendable<Config>) {}

  listen(): void {
    setHandler(amendUpdate, (amendment) => this.amend(amendment), { validator: (amendment) => void this.propose(amendment) });
  }

  private amend(amendment: unknown): Promise<AmendAnswer> {
    const answer = this.turn.then(() => this.decide(amendment));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async decide(amendment: unknown): Promise<AmendAnswer> {
    await this.cover(this.propose(amendment), amendment);
    // Proposed again: the order may have filled further, or begun to end, while the money was looked for.
    const before = this.executor.current();
    const after = this.propose(amendment);
    const changed = changedFields(before, after);
    if (changed.length > 0) {
      this.sequence += 1;
      this.executor.apply(after, this.sequence, changed);
    }
    return { executor_id: before.id, status: changed.length > 0 ? 'amended' : 'unchanged', amendment: this.sequence, changed, config: wireConfig(after) };
  }

  private async cover(config: Config, amendment: unknown): Promise<void> {
    const dearer = this.executor.dearer(config);
    if (dearer === null) return;
    try {
      const cover = await coverAmendment(config, dearer.path, dearer.changes);
      if (!cover.covered) throw refused(new AmendmentRefused('amendment', amendment, `needs more than is free: ${cover.message}; the order stays as it is`));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      throw refused(new AmendmentRefused('amendment', amendment, 'needs more money, and nobody could say in time whether it is free; nothing has changed, send it again'));
    }
  }

  private propose(amendment: unknown): Config {
    try {
      if (this.sequence >= LIMITS.maxAmendments) throw new AmendmentRefused('amendment', this.sequence + 1, `is one too many: an executor takes ${LIMITS.maxAmendments}`);
      return this.executor.propose(amendment);
    } catch (error) {
      if (!(error instanceof AmendmentRefused)) throw error;
      throw refused(error);
    }
  }
}

function refused(error: AmendmentRefused): ApplicationFailure {
  return ApplicationFailure.nonRetryable(error.message, 'AMENDMENT_REFUSED');
}

/** Whether a limit order on these terms may cost more than on those; what depends on side and leverage the account knows. */
export function mayCostMore(before: PlanChanges, after: PlanChanges): boolean {
  const grows = (old: string | undefined, now: string | undefined): boolean => now !== undefined && (old === undefined || decimal(now).greaterThan(decimal(old)));
  return grows(before.amountBase, after.amountBase) || grows(before.priceQuote, after.priceQuote);
}

/** Evidence of an amendment for `why`: old and new of each field. */
export function amendmentEvidence(sequence: number, changed: readonly AmendedField[]): Readonly<Record<string, string>> {
  const entries = changed.map(({ field, old, new: now }) => [field, `${text(old)} -> ${text(now)}`]);
  return { amendment: String(sequence), ...Object.fromEntries(entries) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
