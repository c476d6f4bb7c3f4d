import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorClient } from '../../src/client/executor-client.js';
import { ExecutorError } from '../../src/client/executor-error.js';
import type { AmendmentRequest } from '../../src/contract/amendment.js';
import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import type { EarlyStop } from '../../src/contract/messages.js';

/** A server that is down comes back within this. */
const PATIENCE_MS = 90_000;
const RETRY_MS = 300;

/** Starts and stops executors as a caller would: with the same id again until the answer is certain. */
export class ExecutorFleet {
  private readonly known: ExecutorConfig[] = [];
  private readonly pending = new Set<Promise<void>>();
  stops = 0;
  amendments = 0;

  constructor(private readonly client: ExecutorClient) {}

  get started(): readonly ExecutorConfig[] {
    return this.known;
  }

  async start(config: ExecutorConfig): Promise<void> {
    this.known.push(config);
    await this.insist(() => this.client.start(config));
  }

  /** Amends an executor once `due` has settled, if it still runs then, takes it, and a worker is there. */
  amendLater(id: string, due: Promise<unknown>, amendment: AmendmentRequest): void {
    const amending = due
      .then(() => this.client.amend(id, amendment))
      .then(
        (answer) => void (this.amendments += answer?.status === 'amended' ? 1 : 0),
        (error: unknown) => {
          if (!(error instanceof ExecutorError)) throw error;
        },
      )
      .finally(() => this.pending.delete(amending));
    this.pending.add(amending);
  }

  /** Stops an executor by itself once `due` has settled. */
  stopLater(id: string, due: Promise<unknown>, stop: EarlyStop): void {
    const stopping = due
      .then(() => this.stop(id, stop))
      .finally(() => this.pending.delete(stopping));
    this.pending.add(stopping);
  }

  async stop(id: string, stop: EarlyStop): Promise<void> {
    this.stops += 1;
    await this.insist(() => this.client.stop(id, stop));
  }

  /** Until every stop that was ordered has been told. Throws the first that could not be. */
  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  private async insist<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        // A server that is just dying answers with whatever comes to it.
        const passing = error instanceof ExecutorError && (error.retryable || error.code === 'INTERNAL');
        if (!passing || Date.now() > deadline) throw error;
        await sleep(RETRY_MS);
      }
    }
  }
}
