/** Runs scenarios side by side on one stack; those that share a price meet before it moves. */
export class Scenarios {
  private readonly results = new Map<string, Promise<void>>();

  constructor(private readonly bodies: Readonly<Record<string, () => Promise<void>>>) {}

  get names(): readonly string[] {
    return Object.keys(this.bodies);
  }

  start(): void {
    for (const [name, body] of Object.entries(this.bodies)) {
      const result = body();
      // Told by the test that waits for it, not as an unhandled rejection before.
      result.catch(() => undefined);
      this.results.set(name, result);
    }
  }

  async result(name: string): Promise<void> {
    const result = this.results.get(name);
    if (result === undefined) throw new Error(`${name} was not started`);
    await result;
  }
}

/** All parties arrive (or give up), then one thing happens once, and everybody goes on. */
export class Rendezvous {
  private readonly waiting = new Set<string>();
  private happen: () => void = () => undefined;
  private readonly happened: Promise<void>;

  constructor(parties: readonly string[], private readonly event: () => Promise<void>) {
    for (const party of parties) this.waiting.add(party);
    this.happened = new Promise<void>((resolve) => (this.happen = resolve)).then(() => this.event());
    this.happened.catch(() => undefined);
  }

  async arrive(party: string): Promise<void> {
    this.giveUp(party);
    await this.happened;
  }

  giveUp(party: string): void {
    this.waiting.delete(party);
    if (this.waiting.size === 0) this.happen();
  }
}

/** A scenario that meets the others at its rendezvous, and does not keep them waiting when it fails before. */
export function meeting(meet: () => Rendezvous, party: string, body: (arrive: () => Promise<void>) => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await body(() => meet().arrive(party));
    } finally {
      meet().giveUp(party);
    }
  };
}
