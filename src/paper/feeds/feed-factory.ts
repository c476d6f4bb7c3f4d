import type { Feed } from './feed.js';
import type { FeedFactory } from './feed-host.js';
import { ScriptedFeed } from './scripted-feed.js';

/** A feed name that is not understood. */
export class UnknownFeed extends Error {
  override readonly name = 'UnknownFeed';
}

export function createFeedFactory(): FeedFactory {
  return (name): Feed => {
    if (name === 'scripted') return new ScriptedFeed();
    throw new UnknownFeed(`feed "${name}" must be scripted, recorded:DIR, synthetic:SEED or live:EXCHANGE`);
  };
}
