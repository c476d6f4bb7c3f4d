import { log } from '@temporalio/workflow';
import type { Decision } from '../../src/contract/report.js';
import { LIMITS } from '../../src/domain/limits.js';

/** The story of an executor: the last decisions with what they rest on. Bounded; the oldest go first. The log gets all. */
export class DecisionLog {
  private readonly entries: Decision[];

  constructor(carried: readonly Decision[] = []) {
    this.entries = [...carried];
  }

  add(decision: string, evidence: Readonly<Record<string, string | number | boolean | null>> = {}): void {
    const text: Record<string, string> = {};
    for (const [name, value] of Object.entries(evidence)) if (value !== null) text[name] = String(value);
    this.entries.push({ atMs: Date.now(), decision, evidence: text });
    if (this.entries.length > LIMITS.maxDecisions) this.entries.shift();
    log.info(decision, text);
  }

  all(): readonly Decision[] {
    return [...this.entries];
  }
}
