import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { ExecutorClosed } from '../../src/contract/activities.js';
import { tellController } from '../../worker/tell-controller.js';

interface Sent {
  readonly workflowId: string;
  readonly ids: readonly string[];
  readonly answer: (error?: Error) => void;
}

function closing(executorId: string): ExecutorClosed {
  return { executorId, executorType: 'order_executor', closeType: 'EARLY_STOP', netPnlQuote: '0', feesQuote: '0', volumeQuote: '0', closedAtMs: 1, hold: null };
}

/** A server that answers when the test says so. */
function server(): { client: Pick<Client, 'workflow'>; sent: Sent[] } {
  const sent: Sent[] = [];
  const signalWithStart = (_type: string, options: { workflowId: string; signalArgs: readonly [ExecutorClosed | readonly ExecutorClosed[]] }): Promise<void> =>
    new Promise((resolve, reject) => {
      const ids = [options.signalArgs[0]].flat().map(({ executorId }) => executorId);
      sent.push({ workflowId: options.workflowId, ids, answer: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { client: { workflow: { signalWithStart } } as unknown as Pick<Client, 'workflow'>, sent };
}

const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('news for a controller', () => {
  it('leave at once, and together while others are under way', async () => {
    const { client, sent } = server();
    const tell = tellController(client);
    const told = ['a', 'b', 'c'].map((id) => tell('main', closing(id)));
    expect(sent.map(({ ids }) => ids)).toEqual([['a']]);
    sent[0]?.answer();
    await told[0];
    await moment();
    expect(sent.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
    sent[1]?.answer();
    await Promise.all(told);
    void tell('main', closing('d'));
    expect(sent.at(-1)?.ids).toEqual(['d']);
  });

  it('wait for nobody else: another controller has its own', () => {
    const { client, sent } = server();
    const tell = tellController(client);
    void tell('main', closing('a'));
    void tell('other', closing('b'));
    expect(sent.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
    expect(new Set(sent.map(({ workflowId }) => workflowId)).size).toBe(2);
  });

  it('that were not heard are told to have failed to those they are of, and to no other', async () => {
    const { client, sent } = server();
    const tell = tellController(client);
    const [first, second] = [tell('main', closing('a')), tell('main', closing('b'))];
    sent[0]?.answer(new Error('unreachable'));
    await expect(first).rejects.toThrow('unreachable');
    await moment();
    expect(sent.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
    sent[1]?.answer();
    await second;
  });

  it('come in letters of a bounded length', async () => {
    const { client, sent } = server();
    const tell = tellController(client);
    const told = Array.from({ length: 121 }, (_, index) => tell('main', closing(String(index))));
    for (let letter = 0; letter < 4; letter += 1) {
      sent[letter]?.answer();
      await moment();
    }
    await Promise.all(told);
    expect(sent.map(({ ids }) => ids.length)).toEqual([1, 50, 50, 20]);
  });
});
