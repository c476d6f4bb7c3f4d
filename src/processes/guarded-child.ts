import { spawn } from 'node:child_process';
import { LogTail } from './log-tail.js';
import { guardProcess, releaseProcess } from './process-guard.js';

export interface GuardedChildOptions {
  /** Name in messages and errors. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The child's whole environment; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** Receives what the child writes to stderr (and to stdout, unless `onStdout` takes that). Appended to. */
  readonly logFile?: string;
  readonly onStdout?: (chunk: string) => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * One child process that cannot outlive this process (`process-guard.ts`). It leads its own process group, so that a
 * Ctrl-C reaches only the supervisor, which then ends its children in the order that loses nothing. Its standard input
 * is a pipe that closes when this process ends (`exit-with-parent.ts` reads that).
 */
export class GuardedChild {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<ChildExit>;
  readonly #log: LogTail;
  #exit: ChildExit | undefined;

  private constructor(name: string, pid: number, exited: Promise<ChildExit>, log: LogTail) {
    this.name = name;
    this.pid = pid;
    this.#log = log;
    this.exited = exited.then((exit) => {
      this.#exit = exit;
      releaseProcess(pid);
      log.close();
      return exit;
    });
  }

  /** Starts the process. Throws when the program cannot be executed at all. */
  static async start(options: GuardedChildOptions): Promise<GuardedChild> {
    const child = spawn(options.command, options.args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const exited = new Promise<ChildExit>((resolve) => {
      // 'close' comes after the last output, so the tail of the log is complete by then. A grandchild that keeps the
      // pipes open must not hide the death of the child, hence the bound.
      child.once('close', (code, signal) => resolve({ code, signal }));
      child.once('exit', (code, signal) => setTimeout(() => resolve({ code, signal }), 1_000).unref());
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Error(`${options.name}: cannot start ${options.command}: ${error.message}`)));
    });
    if (child.pid === undefined) throw new Error(`${options.name}: ${options.command} started without a process id`);
    guardProcess(child.pid);
    const log = new LogTail(options.logFile);
    log.follow(child.stderr);
    child.stdin.on('error', () => undefined);
    if (options.onStdout === undefined) {
      log.follow(child.stdout);
    } else {
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', options.onStdout);
    }
    return new GuardedChild(options.name, child.pid, exited, log);
  }

  /** How it ended, or undefined while it runs. */
  get exit(): ChildExit | undefined {
    return this.#exit;
  }

  /** The last lines of its log, for messages. */
  logTail(): string[] {
    return this.#log.lines();
  }

  /** Sends a signal to the child; a child that has ended is left alone. */
  signal(signal: NodeJS.Signals): void {
    if (this.#exit !== undefined) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Asks it to end with SIGTERM and, when it has not done so within the bound, ends it with SIGKILL. */
  async stop(timeoutMs = 10_000): Promise<ChildExit> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), timeoutMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it at once and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ChildExit> {
    this.signal(signal);
    return await this.exited;
  }

  /** `exited with code 1` or `was ended by SIGKILL`. */
  static describeExit(exit: ChildExit): string {
    return exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
  }
}
