import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Account, DEFAULT_ACCOUNTS, accountsSchema } from './exchange/account-file.js';
import { DEFAULT_INSTRUMENTS, type InstrumentSetup, instrumentSchema, toInstrument } from './exchange/instrument-file.js';
import { type ContractSetup, DEFAULT_CONTRACTS, contractSchema, toContract } from './perpetual/contract-file.js';

const port = z.coerce.number().int().min(0).max(65_535);
const rate = z.string().regex(/^0(\.\d{1,10})?$/, 'must be a fraction such as 0.001');

const argumentsSchema = z.strictObject({
  database: z.string().min(1),
  host: z.string().default('127.0.0.1'),
  port: port.default(0),
  'control-port': port.default(0),
  accounts: z.string().optional(),
  symbols: z.string().optional(),
  perpetuals: z.string().optional(),
  feed: z.string().default('scripted'),
  speed: z.coerce.number().positive().max(10_000).default(1),
  'price-offset': z.string().regex(/^-?0(\.\d{1,10})?$/, 'must be a fraction below 1 such as 0.002 or -0.002').default('0'),
  'feed-delay': z.coerce.number().int().min(0).max(60_000).default(0),
  'fee-maker': rate.default('0.001'),
  'fee-taker': rate.default('0.001'),
  'perpetual-fee-maker': rate.default('0.0002'),
  'perpetual-fee-taker': rate.default('0.0005'),
  'exit-with-parent': z.boolean().default(false),
  'log-level': z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export interface PaperExchangeOptions {
  readonly databaseFile: string;
  readonly host: string;
  readonly port: number;
  readonly controlPort: number;
  readonly accounts: readonly Account[];
  readonly instruments: readonly InstrumentSetup[];
  readonly contracts: readonly ContractSetup[];
  readonly feed: string;
  readonly speed: number;
  /** Fraction by which prices lie above those of the feed. */
  readonly priceOffset: string;
  readonly feedDelayMs: number;
  readonly makerRate: string;
  readonly takerRate: string;
  readonly perpetualMakerRate: string;
  readonly perpetualTakerRate: string;
  readonly exitWithParent: boolean;
  readonly logLevel: string;
}

const text = { type: 'string' } as const;

/** @throws Error naming the argument, its value and the rule. */
export function parseCommandLine(argv: readonly string[]): PaperExchangeOptions {
  const names = Object.keys(argumentsSchema.shape).filter((name) => name !== 'exit-with-parent');
  const options = Object.fromEntries(names.map((name) => [name, text]));
  const { values } = parseArgs({ args: [...argv], options: { ...options, 'exit-with-parent': { type: 'boolean' } } });
  const given = check('arguments', argumentsSchema, values, '--');
  const instruments =
    given.symbols === undefined ? DEFAULT_INSTRUMENTS : readJson(given.symbols, z.array(instrumentSchema).min(1).max(1_000));
  const contracts = given.perpetuals === undefined ? DEFAULT_CONTRACTS : readJson(given.perpetuals, z.array(contractSchema).max(1_000));
  return {
    databaseFile: given.database,
    host: given.host,
    port: given.port,
    controlPort: given['control-port'],
    accounts: given.accounts === undefined ? DEFAULT_ACCOUNTS : readJson(given.accounts, accountsSchema),
    instruments: instruments.map((input) => toInstrument(instrumentSchema.parse(input))),
    contracts: contracts.map((input) => toContract(contractSchema.parse(input))),
    feed: given.feed,
    speed: given.speed,
    priceOffset: given['price-offset'],
    feedDelayMs: given['feed-delay'],
    makerRate: given['fee-maker'],
    takerRate: given['fee-taker'],
    perpetualMakerRate: given['perpetual-fee-maker'],
    perpetualTakerRate: given['perpetual-fee-taker'],
    exitWithParent: given['exit-with-parent'],
    logLevel: given['log-level'],
  };
}

function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return check(file, schema, content, '');
}

/** The value is left out of the message: an accounts file holds secrets. */
function check<Schema extends z.ZodType>(source: string, schema: Schema, value: unknown, prefix: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${prefix}${issue.path.map(String).join('.')}: ${issue.message}`);
  throw new Error(`${source}: ${problems.join('; ')}`);
}
