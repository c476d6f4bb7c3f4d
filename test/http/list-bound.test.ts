import { expect, it } from 'vitest';
import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { ExecutorClient } from '../../src/client/executor-client.js';
import { errorAnswer } from '../../src/http/error-answer.js';

/** Visibility with more executors than a test could start. */
function crowded(count: number): Client {
  async function* list(): AsyncGenerator<unknown> {
    for (let index = 0; index < count; index += 1) {
      const config = JSON.stringify({ id: `executor-${index}`, type: 'order_executor' });
      yield await Promise.resolve({ workflowId: `executor-${index}`, status: { name: 'RUNNING' }, memo: { config }, typedSearchAttributes: new TypedSearchAttributes() });
    }
  }
  return { workflow: { list }, withDeadline: async (_deadline: number, call: () => Promise<unknown>) => await call() } as unknown as Client;
}

it('a list that would not fit into memory is refused and says how to ask for less', async () => {
  expect(await new ExecutorClient(crowded(50), { maxOpen: 50 }).listOpen({})).toHaveLength(50);
  const error = await new ExecutorClient(crowded(51), { maxOpen: 50 }).listOpen({}).catch((caught: unknown) => caught);
  expect(errorAnswer(error)).toMatchObject({ status: 400, body: { detail: 'More than 50 executors are open. Ask for less: filter by controller_id or executor type.' } });
});
