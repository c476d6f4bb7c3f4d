import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choosePriceFeed } from '../../src/stack/price-feed.js';

let recordings: string;
let empty: string;

beforeEach(() => {
  recordings = mkdtempSync(join(tmpdir(), 'recordings-'));
  writeFileSync(join(recordings, 'spot_btcusdt_20240808.jsonl.gz'), '');
  empty = mkdtempSync(join(tmpdir(), 'nothing-'));
});

afterEach(() => {
  rmSync(recordings, { recursive: true });
  rmSync(empty, { recursive: true });
});

const never = async (): Promise<string | undefined> => await Promise.reject(new Error('must not be asked'));
const kraken = async (): Promise<string | undefined> => await Promise.resolve('kraken');
const nobody = async (): Promise<string | undefined> => await Promise.resolve(undefined);

describe('the choice of prices', () => {
  it('takes the named folder before the default one', async () => {
    const chosen = await choosePriceFeed({ directory: recordings, defaultDirectory: empty, findReachableExchange: never });
    expect(chosen.feed).toEqual({ kind: 'recorded', directory: recordings });
    expect(chosen.sentence).toContain(recordings);
  });

  it.each(['an empty', 'an absent'])('refuses %s folder that was named', async (kind) => {
    const directory = kind === 'an empty' ? empty : join(empty, 'absent');
    const choosing = choosePriceFeed({ directory, defaultDirectory: recordings, findReachableExchange: never });
    await expect(choosing).rejects.toThrow(`--data ${directory}: must be a folder with recorded market data`);
  });

  it('goes on to the default folder, a reachable exchange and a synthetic market, and says which', async () => {
    const beside = await choosePriceFeed({ defaultDirectory: recordings, findReachableExchange: never });
    expect(beside.feed).toEqual({ kind: 'recorded', directory: recordings });
    const live = await choosePriceFeed({ defaultDirectory: empty, findReachableExchange: kraken });
    expect(live).toEqual({ feed: { kind: 'live', exchange: 'kraken' }, sentence: 'Prices: live public prices of kraken.' });
    const synthetic = await choosePriceFeed({ defaultDirectory: empty, findReachableExchange: nobody, seed: 9 });
    expect(synthetic.feed).toEqual({ kind: 'synthetic', seed: 9 });
    expect(synthetic.sentence).toContain('seed 9');
  });
});
