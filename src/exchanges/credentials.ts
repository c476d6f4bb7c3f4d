import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { z } from 'zod';
import { type AccountConfig, type Environment, PAPER_KEY_VARIABLE, PAPER_SECRET_VARIABLE } from '../config.js';
import { ConnectorError } from './connector-error.js';
import { conceal } from '../redact.js';
import { connectorDefinition } from './connector-registry.js';

interface Secrets {
  readonly apiKey: string;
  readonly secret: string;
  /** Passphrase, where the exchange has one. */
  readonly password: string | null;
}

/** Keys of one account. Prints as `[credentials]` wherever it is logged, serialised or inspected by accident. */
export class Credentials {
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** The only way to the keys. */
  reveal(): Secrets {
    return this.#secrets;
  }

  toString(): string {
    return '[credentials]';
  }

  toJSON(): string {
    return '[credentials]';
  }

  [inspect.custom](): string {
    return '[credentials]';
  }
}

const fileSchema = z.strictObject({ apiKey: z.string().min(1), secret: z.string().min(1), password: z.string().min(1).optional() });
const MAX_FILE_BYTES = 65_536;
const GROUP_AND_OTHERS = 0o077;

/** What a paper account signs with when nothing is set: a fixed pair, known to everybody, worth nothing. */
const PAPER_DEFAULTS: Readonly<Record<string, string>> = { [PAPER_KEY_VARIABLE]: 'paper-key', [PAPER_SECRET_VARIABLE]: 'paper-secret' };

/** Reads the keys of an account. Throws ConnectorError (CREDENTIALS_REFUSED) that says which source breaks which rule, never a value. */
export function loadCredentials(account: AccountConfig, env: Environment): Credentials {
  const source = account.credentials;
  if (source.kind === 'file') return concealed(fromFile(account, source.path));
  const isPaper = connectorDefinition(account.connector)?.kind === 'paper';
  const read = (variable: string): string => {
    const value = env[variable] ?? (isPaper ? PAPER_DEFAULTS[variable] : undefined);
    if (value === undefined || value === '') refuse(account, `the environment variable ${variable} must be set`);
    return value;
  };
  return concealed(new Credentials({ apiKey: read(source.apiKeyEnv), secret: read(source.secretEnv), password: null }));
}

/** Known to everybody is only the pair that a paper account has by itself. */
function concealed(credentials: Credentials): Credentials {
  const { apiKey, secret, password } = credentials.reveal();
  const known = new Set(Object.values(PAPER_DEFAULTS));
  for (const value of [apiKey, secret, password ?? '']) if (!known.has(value)) conceal(value);
  return credentials;
}

function fromFile(account: AccountConfig, path: string): Credentials {
  const parsed = fileSchema.safeParse(parseJson(account, path, readPrivateFile(account, path)));
  if (!parsed.success) refuse(account, `the credentials file ${path} must hold {"apiKey", "secret"} and at most "password", all of them text`);
  const { apiKey, secret, password } = parsed.data;
  return new Credentials({ apiKey, secret, password: password ?? null });
}

function readPrivateFile(account: AccountConfig, path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    return refuse(account, `the credentials file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`);
  }
  try {
    // The open file is checked, not the path: nobody can swap it in between.
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > MAX_FILE_BYTES) refuse(account, `the credentials file ${path} must be a file of at most ${MAX_FILE_BYTES} bytes`);
    if (process.platform !== 'win32' && (status.mode & GROUP_AND_OTHERS) !== 0) {
      refuse(account, `the credentials file ${path} must not be accessible to group or others (mode ${(status.mode & 0o777).toString(8)}; use chmod 600)`);
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function parseJson(account: AccountConfig, path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is a secret.
    return refuse(account, `the credentials file ${path} must be JSON`);
  }
}

function refuse(account: AccountConfig, rule: string): never {
  throw new ConnectorError('CREDENTIALS_REFUSED', `Account ${account.name} on ${account.connector}: ${rule}.`);
}
