import { startBenchStack, type BenchStack } from './bench-stack.js';

/** One stack for all rows that measure on the same terms; started when the first of them needs it. */
export class SharedStack {
  private running: Promise<BenchStack> | null = null;

  async get(): Promise<BenchStack> {
    this.running ??= startBenchStack();
    return this.running;
  }

  async close(): Promise<void> {
    const { running } = this;
    this.running = null;
    await running?.then((stack) => stack.close());
  }
}
