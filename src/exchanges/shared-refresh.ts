/**
 * A refresh that many callers ask for at once. Each gets one that was begun after its call; those that ask while one
 * runs share the next.
 */
export class SharedRefresh {
  readonly #refresh: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(refresh: () => Promise<void>) {
    this.#refresh = refresh;
  }

  async fresh(): Promise<void> {
    if (this.#next !== null) return await this.#next;
    if (this.#running === null) return await this.#start();
    this.#next = this.#running.then(
      () => this.#startNext(),
      // The one before is not theirs: its failure is told to those who asked for it.
      () => this.#startNext(),
    );
    return await this.#next;
  }

  async #startNext(): Promise<void> {
    this.#next = null;
    return await this.#start();
  }

  async #start(): Promise<void> {
    const running = this.#refresh().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return await running;
  }
}
