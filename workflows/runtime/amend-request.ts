import { ApplicationFailure, defineUpdate, setHandler } from '@temporalio/workflow';
import { AmendmentRefused, changedFields, type AmendAnswer, type AmendedField } from '../../src/contract/amendment.js';
import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import { UPDATES } from '../../src/contract/messages.js';
import { wireConfig } from '../../src/contract/wire-config.js';
import { LIMITS } from '../../src/domain/limits.js';

export const amendUpdate = defineUpdate<AmendAnswer, [unknown]>(UPDATES.amend);

/** An executor whose config may change while it runs. */
export interface Amendable<Config extends ExecutorConfig> {
  current(): Config;
  /** The config with the amendment. Throws AmendmentRefused and changes nothing. */
  propose(amendment: unknown): Config;
  /** Takes the amended config. `sequence` numbers amendments from 1 on. */
  apply(config: Config, sequence: number, changed: readonly AmendedField[]): void;
}

/** The `amend` update: refused before it enters history, or decided in it. What is as asked already changes nothing. */
export class AmendRequest<Config extends ExecutorConfig> {
  private sequence = 0;

  constructor(private readonly executor: Amendable<Config>) {}

  listen(): void {
    setHandler(amendUpdate, (amendment) => this.amend(amendment), { validator: (amendment) => void this.propose(amendment) });
  }

  private amend(amendment: unknown): AmendAnswer {
    const before = this.executor.current();
    const after = this.propose(amendment);
    const changed = changedFields(before, after);
    if (changed.length > 0) {
      this.sequence += 1;
      this.executor.apply(after, this.sequence, changed);
    }
    return { executor_id: before.id, status: changed.length > 0 ? 'amended' : 'unchanged', amendment: this.sequence, changed, config: wireConfig(after) };
  }

  private propose(amendment: unknown): Config {
    try {
      if (this.sequence >= LIMITS.maxAmendments) throw new AmendmentRefused('amendment', this.sequence + 1, `is one too many: an executor takes ${LIMITS.maxAmendments}`);
      return this.executor.propose(amendment);
    } catch (error) {
      if (!(error instanceof AmendmentRefused)) throw error;
      throw ApplicationFailure.nonRetryable(error.message, 'AMENDMENT_REFUSED');
    }
  }
}

/** Evidence of an amendment for `why`: old and new of each field. */
export function amendmentEvidence(sequence: number, changed: readonly AmendedField[]): Readonly<Record<string, string>> {
  const entries = changed.map(({ field, old, new: now }) => [field, `${text(old)} -> ${text(now)}`]);
  return { amendment: String(sequence), ...Object.fromEntries(entries) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
