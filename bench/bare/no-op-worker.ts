import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Stack } from '../../src/stack/stack-options.js';

const READY_MS = 60_000;

/** Handle of the process that runs workflows which do nothing, on the same server. It ends with this one. */
export class NoOpWorker {
  static readonly taskQueue = 'bench-no-op';

  private constructor(private readonly child: ChildProcess) {}

  static async start(stack: Stack): Promise<NoOpWorker> {
    const file = fileURLToPath(new URL('./no-op-worker-main.ts', import.meta.url));
    const child = fork(file, [stack.temporal.address, stack.temporal.namespace, NoOpWorker.taskQueue], { execArgv: ['--import', import.meta.resolve('tsx')] });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the bare worker was not ready in time')), READY_MS);
      child.once('exit', (code) => reject(new Error(`the bare worker ended with ${String(code)}`)));
      child.once('message', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return new NoOpWorker(child);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(timer);
  }
}
