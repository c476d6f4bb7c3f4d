import type { BookUpdate, Print } from '../exchange/market-intake.js';

/** Where a feed delivers. Called synchronously, one frame at a time. */
export interface FeedSink {
  book(symbol: string, update: BookUpdate): void;
  print(symbol: string, print: Print): void;
}

/** A source of market data for some or all pairs. */
export interface Feed {
  /** As it was asked for, such as `recorded:DIR`. */
  readonly name: string;
  readonly symbols: readonly string[];
  /** Delivers a first book of every pair before it resolves. @throws Error when there is no data to be had. */
  start(sink: FeedSink): Promise<void>;
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
  /** @param speed market seconds per second. */
  setSpeed(speed: number): void;
  /** Where it stands, to be given to the next instance after a restart; undefined when it cannot be continued. */
  position(): string | undefined;
  /** The book a pair has in the feed now. */
  snapshot(symbol: string): BookUpdate | undefined;
}
