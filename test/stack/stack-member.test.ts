import { afterEach, describe, expect, it } from 'vitest';
import { GuardedChild } from '../../src/processes/guarded-child.js';
import { StackMember } from '../../src/stack/stack-member.js';
import { isAlive } from '../processes/process-end.js';

const members: StackMember[] = [];

afterEach(async () => {
  await Promise.all(members.splice(0).map(async (member) => await member.kill()));
});

interface Watched {
  readonly member: StackMember;
  readonly events: string[];
  readonly pids: number[];
}

function member(restartWhenItDies: boolean, program = 'setInterval(() => {}, 1000)'): Watched {
  const events: string[] = [];
  const pids: number[] = [];
  const started = new StackMember({
    name: 'worker',
    launch: async () =>
      await GuardedChild.start({ name: 'worker', command: process.execPath, args: ['-e', program], env: {} }),
    restartWhenItDies,
    stopTimeoutMs: 5_000,
    onEvent: (message) => events.push(message),
    onStart: (pid) => pids.push(pid),
  });
  members.push(started);
  return { member: started, events, pids };
}

describe('a process of the stack', () => {
  it('that dies is started again, and both are said', async () => {
    const { member: worker, events, pids } = member(true);
    await worker.start();
    process.kill(worker.pid, 'SIGKILL');
    await expect.poll(() => pids.length, { timeout: 10_000 }).toBe(2);
    await expect.poll(() => events.length).toBe(3);
    expect(events).toEqual([
      `worker (pid ${pids[0]}) was ended by SIGKILL`,
      'worker: starting again in 500 ms',
      `worker: running again (pid ${pids[1]})`,
    ]);
    expect(worker.running).toBe(true);
  });

  it('that dies by its own fault is reported with the end of its log', async () => {
    const { member: worker, events } = member(false, 'console.error("ledger is damaged"); process.exit(4)');
    await worker.start();
    await expect.poll(() => events).toEqual([`worker (pid ${worker.pid}) exited with code 4\n    ledger is damaged`]);
  });

  it.each(['kill', 'stop'] as const)('stays down after %s until it is restarted', async (end) => {
    const { member: worker, events, pids } = member(true);
    await worker.start();
    await worker[end]();
    expect(worker.running).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(events).toEqual([]);
    await worker.restart();
    expect(worker.running).toBe(true);
    expect(pids).toHaveLength(2);
  });

  it('that is stopped while it waits for its restart is not started any more', async () => {
    const { member: worker, events, pids } = member(true);
    await worker.start();
    process.kill(worker.pid, 'SIGKILL');
    await expect.poll(() => events.length).toBe(2);
    await worker.stop();
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(pids).toHaveLength(1);
    expect(isAlive(pids[0] ?? 0)).toBe(false);
  });
});
