import type { BookUpdate } from '../exchange/market-intake.js';
import type { Feed } from './feed.js';

/** No data of its own: only the control API moves prices. */
export class ScriptedFeed implements Feed {
  readonly name = 'scripted';
  readonly symbols = [];

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  pause(): void {}
  resume(): void {}
  setSpeed(): void {}

  position(): undefined {
    return undefined;
  }

  snapshot(): BookUpdate | undefined {
    return undefined;
  }
}
