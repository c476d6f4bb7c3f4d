import type { Client } from '@temporalio/client';
import type { TellController } from '../activities/record-close.js';
import type { ExecutorClosed } from '../src/contract/activities.js';
import { SIGNALS } from '../src/contract/messages.js';
import { EXECUTORS_QUEUE, controllerWorkflowId } from '../src/contract/queues.js';

/** Closed executors in one signal at most; each may hold hundreds of orders. */
const MOST_IN_ONE = 50;

/**
 * Signal-with-start: the controller's workflow exists from its first closed executor on. Executors that close while a
 * signal to the same controller is under way are told together in the next one.
 */
export function tellController(client: Pick<Client, 'workflow'>): TellController {
  const outboxes = new Map<string, Outbox>();
  return async (controllerId, closed) => {
    const outbox = outboxes.get(controllerId) ?? new Outbox((news) => signal(client, controllerId, news));
    outboxes.set(controllerId, outbox);
    try {
      await outbox.tell(closed);
    } finally {
      if (outbox.isEmpty) outboxes.delete(controllerId);
    }
  };
}

async function signal(client: Pick<Client, 'workflow'>, controllerId: string, news: readonly ExecutorClosed[]): Promise<void> {
  await client.workflow.signalWithStart('controller', {
    workflowId: controllerWorkflowId(controllerId),
    taskQueue: EXECUTORS_QUEUE,
    args: [controllerId],
    signal: SIGNALS.executorClosed,
    signalArgs: [news.length === 1 ? news[0] : news],
    staticSummary: `positions of controller ${controllerId}`,
  });
}

interface Waiting {
  readonly closed: ExecutorClosed;
  readonly told: () => void;
  readonly failed: (error: unknown) => void;
}

/** News for one controller: one signal at a time, everybody hears of the one that carried theirs. */
class Outbox {
  private readonly waiting: Waiting[] = [];
  private sending = false;

  constructor(private readonly send: (news: readonly ExecutorClosed[]) => Promise<void>) {}

  get isEmpty(): boolean {
    return !this.sending && this.waiting.length === 0;
  }

  async tell(closed: ExecutorClosed): Promise<void> {
    await new Promise<void>((told, failed) => {
      this.waiting.push({ closed, told, failed });
      if (!this.sending) void this.empty();
    });
  }

  private async empty(): Promise<void> {
    this.sending = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MOST_IN_ONE);
      const error = await this.send(batch.map(({ closed }) => closed)).then(
        () => null,
        (cause: unknown) => ({ cause }),
      );
      if (this.waiting.length === 0) this.sending = false;
      for (const { told, failed } of batch) {
        if (error === null) told();
        else failed(error.cause);
      }
    }
  }
}
