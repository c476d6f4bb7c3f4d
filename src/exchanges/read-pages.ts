import { ExchangeReadError } from '../ports/exchange.js';
import { describeFailure } from './describe-failure.js';

export interface PageSource<T> {
  /** A page with fewer rows is the last. */
  readonly rows: number;
  readonly first: () => Promise<readonly T[]>;
  readonly after: (last: T) => Promise<readonly T[]>;
  readonly keyOf: (row: T) => string;
}

const MAX_PAGES = 100;

/** All rows, in the exchange's order, each once. Throws ExchangeReadError rather than answer a part. */
export async function readPages<T>(source: PageSource<T>): Promise<readonly T[]> {
  const rows = new Map<string, T>();
  let page = await source.first();
  for (let pages = 1; ; pages += 1) {
    for (const row of page) rows.set(source.keyOf(row), row);
    const last = page.at(-1);
    if (page.length < source.rows || last === undefined) return [...rows.values()];
    if (pages >= MAX_PAGES) throw new ExchangeReadError(describeFailure({ code: 'EXCHANGE_ERROR', exchangeText: `more than ${MAX_PAGES * source.rows} rows` }));
    page = await source.after(last);
  }
}
