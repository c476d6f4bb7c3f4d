import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Ids of the rows to run, in the order of the table. */
  readonly rows: readonly string[];
  /** Tiny samples: proves that the bench works and says nothing about speed. */
  readonly quick: boolean;
  readonly jsonFile: string;
  /** Limits that replace those of the table, by the figure's name. */
  readonly limits: ReadonlyMap<string, number>;
}

export const BENCH_USAGE = [
  'npm run bench -- [--only ROW[,ROW]] [--quick] [--json FILE] [--limit FIGURE=NUMBER]',
  '',
  '  --only ROWS            only these rows',
  '  --quick                tiny samples, to try the bench itself',
  '  --json FILE            where the figures go, default bench/results.json',
  '  --limit FIGURE=NUMBER  another limit for one figure; may be given several times',
].join('\n');

/** Throws an Error that names the flag, its value and the rule. */
export function parseBenchOptions(args: readonly string[], knownRows: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean' }, json: { type: 'string' }, limit: { type: 'string', multiple: true } },
  });
  const only = values.only?.flatMap((text) => text.split(',')) ?? [...knownRows];
  const unknown = only.find((row) => !knownRows.includes(row));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: must be one of ${knownRows.join(', ')}`);
  return {
    rows: knownRows.filter((row) => only.includes(row)),
    quick: values.quick ?? false,
    jsonFile: values.json ?? 'bench/results.json',
    limits: new Map((values.limit ?? []).map(limitOf)),
  };
}

function limitOf(text: string): readonly [string, number] {
  const [name = '', number = ''] = text.split('=');
  if (name === '' || number === '' || !Number.isFinite(Number(number))) throw new Error(`--limit ${text}: must be FIGURE=NUMBER`);
  return [name, Number(number)];
}
