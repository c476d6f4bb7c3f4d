import type { ExchangeState } from '../exchange/exchange-state.js';
import { type BookUpdate, type Print, applyBook, applyPrint } from '../exchange/market-intake.js';
import { ControlConflict } from '../exchange/rejection.js';
import { restoreScriptedBook } from '../exchange/recovery.js';
import { transact } from '../exchange/unit-of-work.js';
import type { Feed, FeedSink } from './feed.js';

export interface FeedStatus {
  readonly feed: string;
  readonly speed: number;
  readonly paused: boolean;
  readonly symbols: readonly string[];
  /** Pairs whose price the control API has taken over. */
  readonly detached: readonly string[];
}

export type FeedFactory = (name: string, speed: number, position: string | undefined) => Promise<Feed>;

/** Runs one feed at a time and keeps it away from pairs that the control API has taken over. */
export class FeedHost implements FeedSink {
  private feed: Feed | undefined;
  private speed: number;
  private paused = false;
  private readonly detached = new Set<string>();

  constructor(
    private readonly state: ExchangeState,
    private readonly create: FeedFactory,
    private readonly initial: { readonly name: string; readonly speed: number },
  ) {
    this.speed = initial.speed;
    state.feedPosition = () => this.storedPosition();
  }

  /** Starts the feed of the command line, or continues the one that a control request had put in its place. */
  async open(): Promise<void> {
    for (const pair of this.state.pairs.values()) {
      if (restoreScriptedBook(this.state, pair)) this.detached.add(pair.instrument.symbol);
    }
    const stored = this.storedChoice();
    const choice = stored ?? { ...this.initial, paused: false };
    await this.load(choice.name, choice.speed, this.positionFor(choice.name), choice.paused);
  }

  /** Replaces the running feed. @throws Error when the new one has no data; the old one then stays stopped. */
  async replace(name: string, speed: number): Promise<void> {
    const next = await this.create(name, speed, undefined);
    await this.feed?.stop();
    this.feed = undefined;
    await this.run(next, speed, false);
    this.remember();
  }

  async close(): Promise<void> {
    await this.feed?.stop();
  }

  book(symbol: string, update: BookUpdate): void {
    const pair = this.state.pairs.get(symbol);
    if (pair === undefined || this.detached.has(symbol)) return;
    applyBook(this.state, pair, update);
  }

  print(symbol: string, print: Print): void {
    const pair = this.state.pairs.get(symbol);
    if (pair === undefined || this.detached.has(symbol)) return;
    applyPrint(this.state, pair, print);
  }

  pause(): void {
    this.paused = true;
    this.feed?.pause();
    this.remember();
  }

  resume(): void {
    this.paused = false;
    this.feed?.resume();
    this.remember();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.feed?.setSpeed(speed);
    this.remember();
  }

  /** From now on only the control API moves this pair. */
  detach(symbol: string): void {
    this.detached.add(symbol);
  }

  /** Gives a pair back to the feed. @throws ControlConflict when the feed has no data for it. */
  attach(symbol: string): void {
    const pair = this.state.pair(symbol);
    const snapshot = this.feed?.snapshot(symbol);
    if (snapshot === undefined) throw new ControlConflict(`feed ${this.status().feed} has no data for ${symbol}`);
    this.detached.delete(symbol);
    transact(this.state, (work) => {
      work.setting(`book:${symbol}`, null);
    });
    applyBook(this.state, pair, snapshot);
  }

  status(): FeedStatus {
    return {
      feed: this.feed?.name ?? 'none',
      speed: this.speed,
      paused: this.paused,
      symbols: this.feed?.symbols ?? [],
      detached: [...this.detached],
    };
  }

  private async load(name: string, speed: number, position: string | undefined, paused: boolean): Promise<void> {
    await this.run(await this.create(name, speed, position), speed, paused);
  }

  private async run(feed: Feed, speed: number, paused: boolean): Promise<void> {
    this.speed = speed;
    this.paused = paused;
    if (paused) feed.pause();
    await feed.start(this);
    this.feed = feed;
  }

  private remember(): void {
    const { feed, speed, paused } = this.status();
    transact(this.state, (work) => {
      work.setting('feed', { initial: this.initial, name: feed, speed, paused });
      work.event('feed-changed', {}, { feed, speed, paused });
    });
  }

  private storedChoice(): { name: string; speed: number; paused: boolean } | undefined {
    const text = this.state.ledger.queries.settings().get('feed');
    if (text === undefined) return undefined;
    const stored = JSON.parse(text) as { initial: unknown; name: string; speed: number; paused: boolean };
    // Another command line than then is a new wish and wins.
    return JSON.stringify(stored.initial) === JSON.stringify(this.initial) ? stored : undefined;
  }

  private storedPosition(): string | undefined {
    const position = this.feed?.position();
    return position === undefined ? undefined : JSON.stringify({ feed: this.feed?.name, position });
  }

  private positionFor(name: string): string | undefined {
    const text = this.state.ledger.queries.settings().get('feed-position');
    if (text === undefined) return undefined;
    const stored = JSON.parse(text) as { feed: string; position: string };
    return stored.feed === name ? stored.position : undefined;
  }
}
