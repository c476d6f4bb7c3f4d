import { join } from 'node:path';
import type { GuardedChild } from '../processes/guarded-child.js';
import { findFreePorts, isPortFree } from '../processes/free-ports.js';
import { StackMember } from './stack-member.js';

export interface StackBuilderOptions {
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly restartWhenTheyDie: boolean;
  readonly onEvent: (message: string) => void;
  readonly onStart: (pid: number) => void;
}

/** From the one that takes requests to the one that everything else writes to. */
const STOP_ORDER = ['http', 'worker', 'secondPaper', 'paper', 'temporal'] as const;
export type MemberName = (typeof STOP_ORDER)[number];

/** A worker lets its sessions hand themselves back before it ends; Temporal closes its database. */
const STOP_TIMEOUTS_MS: Readonly<Record<MemberName, number>> = {
  http: 8_000,
  worker: 20_000,
  paper: 8_000,
  secondPaper: 8_000,
  temporal: 15_000,
};

const HOST = '127.0.0.1';
const START_TRIES = 4;

/** Collects the processes of one stack while it is put together, and ends them all. */
export class StackBuilder {
  readonly options: StackBuilderOptions;
  readonly #members = new Map<MemberName, StackMember>();

  constructor(options: StackBuilderOptions) {
    this.options = options;
  }

  logFile(name: MemberName): string {
    return join(this.options.logDirectory, `${name}.log`);
  }

  dataFile(name: string): string {
    return join(this.options.dataDirectory, name);
  }

  /** Starts a process and counts it in; it is counted in from before its start, so a failed start is cleaned up too. */
  async add(name: MemberName, launch: () => Promise<GuardedChild>): Promise<StackMember> {
    const member = new StackMember({
      name,
      launch,
      restartWhenItDies: this.options.restartWhenTheyDie,
      stopTimeoutMs: STOP_TIMEOUTS_MS[name],
      onEvent: this.options.onEvent,
      onStart: this.options.onStart,
    });
    this.#members.set(name, member);
    await member.start();
    return member;
  }

  /**
   * Gives `start` its ports: the wanted one where one is stated, else free ones. A free port can be taken by another
   * program before it is used; when the process says so, other ports are tried.
   */
  async onPorts<Result>(
    wanted: Readonly<Record<string, number | undefined>>,
    start: (ports: readonly number[]) => Promise<Result>,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      const free = await findFreePorts(Object.keys(wanted).length, HOST);
      const ports = Object.values(wanted).map((port, index) => (port === undefined || port === 0 ? free[index] ?? 0 : port));
      for (const [name, port] of Object.entries(wanted)) {
        if (port !== undefined && port !== 0 && !(await isPortFree(port, HOST))) {
          throw new Error(`${name}: port ${port} is already in use on ${HOST}`);
        }
      }
      try {
        return await start(ports);
      } catch (error) {
        const taken = error instanceof Error && error.message.includes('EADDRINUSE');
        if (!taken || attempt >= START_TRIES) throw error;
      }
    }
  }

  async stopAll(): Promise<void> {
    for (const name of STOP_ORDER) await this.#members.get(name)?.stop();
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#members.values()].map(async (member) => await member.kill()));
  }
}
