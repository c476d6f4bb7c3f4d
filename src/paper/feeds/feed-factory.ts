import { z } from 'zod';
import type { InstrumentSetup } from '../exchange/instrument-file.js';
import { Decimal } from '../matching/exact-decimal.js';
import { DisplacedFeed, type Displacement } from './displaced-feed.js';
import type { Feed } from './feed.js';
import type { FeedFactory } from './feed-host.js';
import type { Lane } from './lane.js';
import { LaneFeed } from './lane-feed.js';
import { RecordedLane } from './recorded-lane.js';
import { RecordedLines, findRecordings } from './recorded-file.js';
import { ScriptedFeed } from './scripted-feed.js';
import { SyntheticLane } from './synthetic-lane.js';

/** A feed name that is not understood, or a feed without data. */
export class FeedUnavailable extends Error {
  override readonly name = 'FeedUnavailable';
}

/** Seed of pairs that a recording does not cover. */
const FILL_IN_SEED = 'not-recorded';

const positionsSchema = z.record(z.string(), z.unknown());

/** Every feed it makes is shown displaced; without a displacement as it is. */
export function createFeedFactory(setups: readonly InstrumentSetup[], displacement: Displacement, onProblem: (problem: string) => void): FeedFactory {
  const create = plainFeeds(setups, onProblem);
  if (displacement.offset.isZero() && displacement.delayMs === 0) return create;
  const ticks = new Map(setups.map(({ instrument }) => [instrument.symbol, instrument.priceTickQuote]));
  return async (name, speed, position) => new DisplacedFeed(await create(name, speed, position), displacement, (symbol) => ticks.get(symbol) ?? new Decimal(1));
}

function plainFeeds(setups: readonly InstrumentSetup[], onProblem: (problem: string) => void): FeedFactory {
  return async (name, speed, position): Promise<Feed> => {
    const stored = position === undefined ? {} : positionsSchema.parse(JSON.parse(position));
    const [kind = '', ...rest] = name.split(':');
    const argument = rest.join(':');
    if (name === 'scripted') return new ScriptedFeed();
    if (argument === '') throw unknown(name);
    switch (kind) {
      case 'recorded':
        return new LaneFeed(name, recordedLanes(argument, setups, stored), speed);
      case 'synthetic':
        return new LaneFeed(name, setups.map((setup) => syntheticLane(setup, argument, stored)), speed);
      case 'live': {
        // Loaded only here: the ccxt package costs tens of megabytes that no other feed needs.
        const { LiveFeed, createLiveClient } = await import('./live-feed.js');
        return new LiveFeed(name, createLiveClient(argument), setups.map(({ instrument }) => instrument), onProblem);
      }
      default:
        throw unknown(name);
    }
  };
}

function recordedLanes(directory: string, setups: readonly InstrumentSetup[], stored: Record<string, unknown>): Lane[] {
  const recordings = findRecordings(directory);
  if (!setups.some(({ instrument }) => recordings.has(instrument.symbol))) {
    const symbols = setups.map(({ instrument }) => instrument.symbol).join(', ');
    throw new FeedUnavailable(`${directory} has no spot_<pair>_<date>.jsonl.gz or usdm_<pair>_<date>.jsonl.gz of any of ${symbols}`);
  }
  return setups.map((setup) => {
    const { symbol, priceTickQuote } = setup.instrument;
    const files = recordings.get(symbol);
    if (files === undefined) return syntheticLane(setup, FILL_IN_SEED, stored);
    return new RecordedLane(symbol, new RecordedLines(files), priceTickQuote, stored[symbol]);
  });
}

function syntheticLane(setup: InstrumentSetup, seed: string, stored: Record<string, unknown>): Lane {
  return new SyntheticLane(setup.instrument, setup.syntheticPriceQuote, seed, stored[setup.instrument.symbol]);
}

function unknown(name: string): FeedUnavailable {
  return new FeedUnavailable(`feed "${name}" must be scripted, recorded:DIR, synthetic:SEED or live:EXCHANGE`);
}
