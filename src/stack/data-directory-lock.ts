import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets one stack at a time use a data directory: two Temporal servers on one database file would destroy it. The lock
 * file names the owner and its children, so that a successor of a killed stack waits until the last child is gone.
 */
export class DataDirectoryLock {
  readonly #file: string;
  readonly #children = new Set<number>();

  private constructor(file: string) {
    this.#file = file;
  }

  /** Throws when another running process holds the directory, or when its children do not end within the bound. */
  static async acquire(directory: string, timeoutMs = 20_000): Promise<DataDirectoryLock> {
    const file = join(directory, 'lock.json');
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        writeFileSync(file, describe(new Set()), { flag: 'wx' });
        return new DataDirectoryLock(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readHolder(file);
      if (holder !== undefined && isRunning(holder.pid)) {
        throw new Error(`${directory} is in use by the stack with process id ${holder.pid}; stop that one first`);
      }
      const left = holder?.children.filter(isRunning) ?? [];
      if (left.length === 0) {
        rmSync(file, { force: true });
      } else if (Date.now() >= deadline) {
        throw new Error(`${directory}: processes of an earlier stack still run: ${left.join(', ')}`);
      } else {
        await sleep(100);
      }
    }
  }

  /** Records a child, so that a successor can wait for it. */
  addChild(pid: number): void {
    this.#children.add(pid);
    for (const child of this.#children) if (!isRunning(child)) this.#children.delete(child);
    writeFileSync(this.#file, describe(this.#children));
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}

interface Holder {
  readonly pid: number;
  readonly children: readonly number[];
}

function describe(children: ReadonlySet<number>): string {
  return JSON.stringify({ pid: process.pid, children: [...children] } satisfies Holder);
}

/** Undefined when the file is unreadable: its writer was killed in the middle of the first write. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
