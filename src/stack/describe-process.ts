import type { StackMember } from './stack-member.js';
import type { StackProcess } from './stack-options.js';

/** The handle of a process with fixed facts, such as its addresses, beside it. */
export function describeProcess<Facts extends object>(member: StackMember, facts: Facts): StackProcess & Facts {
  return {
    ...facts,
    name: member.name,
    get pid() {
      return member.pid;
    },
    get running() {
      return member.running;
    },
    stop: async () => await member.stop(),
    kill: async (signal) => await member.kill(signal),
    restart: async () => await member.restart(),
    signal: (signal) => member.signal(signal),
    logTail: () => member.logTail(),
  };
}
