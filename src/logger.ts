import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import { conceal, redact } from './redact.js';

export type { Logger } from 'pino';

const LEVELS: ReadonlySet<string> = new Set(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);

const SECRET_FIELDS = ['apiKey', 'secret', 'password', 'passphrase', 'privateKey', 'signature', 'authorization', 'token', 'listenKey', 'credentials'];

/** Lines that wait to be written, in bytes. */
const MAX_WAITING_BYTES = 16 * 2 ** 20;

export interface LoggerOptions {
  /** Name of the process or part, in every line. */
  readonly name: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard error unless given. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines on standard error, level from LOG_LEVEL (default info), written beside the work: what is killed with SIGKILL
 * may lose its last lines. Fields that hold secrets are dropped by name, and
 * keys, signatures and query strings of addresses are cut from every text.
 * Throws RangeError for a LOG_LEVEL that does not exist.
 */
export function createLogger(options: LoggerOptions): Logger {
  const level = options.env?.['LOG_LEVEL'] ?? 'info';
  if (!LEVELS.has(level)) throw new RangeError(`LOG_LEVEL: ${JSON.stringify(level)} must be one of ${[...LEVELS].join(', ')}`);
  for (const secret of secretsOf(options.env ?? {})) conceal(secret);
  return pino(
    {
      name: options.name,
      level: level as Level,
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
      serializers: { err: (error: unknown) => serializeError(error), error: (error: unknown) => serializeError(error) },
      // On the finished line, so that no field and no serializer can go around it.
      hooks: { streamWrite: redact },
    },
    // Never in the way of an order: a reader that stands still would stop the process, and lines past the bound are dropped.
    options.destination ?? pino.destination({ fd: 2, sync: false, maxLength: MAX_WAITING_BYTES }),
  );
}

/** Passwords of the environment. Keys of accounts are concealed where they are read. */
function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { DATABASE_URL: database = '', PASSWORD: password = '', TEMPORAL_API_KEY: apiKey = '' } = env;
  const ofDatabase = URL.canParse(database) ? decodeURIComponent(new URL(database).password) : '';
  return [password, ofDatabase, apiKey];
}

interface SerializedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: SerializedError;
}

const MAX_CAUSES = 3;

function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: serializeError(error.cause, depth + 1) }),
  };
}
