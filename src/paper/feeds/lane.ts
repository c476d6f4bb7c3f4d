import type { BookUpdate } from '../exchange/market-intake.js';
import type { FeedSink } from './feed.js';

/** The frames of one pair in market time. Endless: a recording starts over, a synthetic market goes on. */
export interface Lane {
  readonly symbol: string;
  /** Market time of the next frame, in ms since the lane began. Never falls. */
  nextMs(): number;
  /** Delivers the next frame and moves on. */
  deliver(sink: FeedSink): void;
  /** The whole book as of the last delivered frame. */
  snapshot(): BookUpdate;
  /** JSON value from which `resume` continues. */
  position(): unknown;
}
