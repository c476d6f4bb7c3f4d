import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { contractSymbol } from '../perpetual/contract-symbol.js';

const wireLevel = z.tuple([z.string(), z.string()]);
const depthUpdate = z.object({ e: z.literal('depthUpdate'), U: z.number(), u: z.number(), b: z.array(wireLevel), a: z.array(wireLevel) });
const trade = z.object({ e: z.literal('trade'), p: z.string(), q: z.string(), m: z.boolean() });
const snapshot = z.object({ lastUpdateId: z.number(), bids: z.array(wireLevel), asks: z.array(wireLevel) });
const lineSchema = z.object({
  ts_ns: z.number(),
  frame: z.union([z.object({ data: z.discriminatedUnion('e', [depthUpdate, trade]) }), snapshot]),
});

type WireLevels = readonly (readonly [price: string, size: string])[];

export type RecordedFrame = { readonly timeMs: number } & (
  | { readonly kind: 'snapshot'; readonly lastUpdateId: number; readonly bids: WireLevels; readonly asks: WireLevels }
  | { readonly kind: 'delta'; readonly lastUpdateId: number; readonly bids: WireLevels; readonly asks: WireLevels }
  | { readonly kind: 'trade'; readonly price: string; readonly amount: string; readonly buyerIsMaker: boolean }
);

/** The lines of one pair's recording, decompressed but parsed only when they are needed. */
export class RecordedLines {
  private readonly starts: number[] = [];

  /** @param files gzipped JSON lines in the order of time. */
  constructor(files: readonly string[]) {
    this.bytes = Buffer.concat(files.map((file) => gunzipSync(readFileSync(file))));
    for (let start = 0; start < this.bytes.length; ) {
      const end = this.bytes.indexOf(0x0a, start);
      const stop = end === -1 ? this.bytes.length : end;
      if (stop > start) this.starts.push(start);
      start = stop + 1;
    }
  }

  private readonly bytes: Buffer;

  get count(): number {
    return this.starts.length;
  }

  /** @throws Error when the line is not a recorded frame. */
  frame(index: number): RecordedFrame {
    const start = this.starts[index];
    if (start === undefined) throw new Error(`recording has ${this.count} lines, asked for line ${index}`);
    const end = this.bytes.indexOf(0x0a, start);
    const parsed = lineSchema.safeParse(JSON.parse(this.bytes.toString('utf8', start, end === -1 ? undefined : end)));
    if (!parsed.success) throw new Error(`line ${index} is not a recorded frame: ${parsed.error.issues[0]?.message ?? ''}`);
    const timeMs = parsed.data.ts_ns / 1e6;
    const { frame } = parsed.data;
    if ('lastUpdateId' in frame) return { timeMs, kind: 'snapshot', ...frame };
    const { data } = frame;
    if (data.e === 'trade') return { timeMs, kind: 'trade', price: data.p, amount: data.q, buyerIsMaker: data.m };
    return { timeMs, kind: 'delta', lastUpdateId: data.u, bids: data.b, asks: data.a };
  }
}

/**
 * Recordings in a directory, by symbol, in the order of their dates: `spot_<pair>_<date>.jsonl.gz`, and
 * `usdm_<pair>_<date>.jsonl.gz` of perpetuals.
 */
export function findRecordings(directory: string): Map<string, string[]> {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (error) {
    throw new Error(`cannot read recordings in ${directory}: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
  const files = new Map<string, string[]>();
  for (const name of names) {
    const [, market, pair] = /^(spot|usdm)_([a-z0-9]+)_\d{8}\.jsonl\.gz$/.exec(name) ?? [];
    if (pair === undefined) continue;
    const symbol = market === 'usdm' ? contractSymbol(pair.toUpperCase()) : pair.toUpperCase();
    files.set(symbol, [...(files.get(symbol) ?? []), join(directory, name)]);
  }
  return files;
}
