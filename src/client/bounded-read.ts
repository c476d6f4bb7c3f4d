import { ExchangeReadError } from '../ports/exchange.js';
import { ExecutorError } from './executor-error.js';

/** How long a creation waits for the exchange before it says that it cannot be reached. */
const RULES_WAIT_MS = 4_000;

/** What was read of the market of a config. Throws ExecutorError: UNKNOWN_PAIR when a field is to be named for it, EXCHANGE_UNREACHABLE. */
export async function boundedRead<T>(connector: string, read: Promise<T>, field: string | null): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unreachable(connector, `it did not answer within ${RULES_WAIT_MS} ms`)), RULES_WAIT_MS);
  });
  try {
    return await Promise.race([read, timeout]);
  } catch (error) {
    if (!(error instanceof ExchangeReadError)) throw error;
    const { failure } = error;
    if (failure.code === 'UNKNOWN_PAIR' && field !== null) throw new ExecutorError('UNKNOWN_PAIR', `${field}: ${failure.message}`, { cause: error });
    throw unreachable(connector, failure.message, error);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(connector: string, reason: string, cause?: unknown): ExecutorError {
  return new ExecutorError('EXCHANGE_UNREACHABLE', `The rules of the pair could not be read from ${connector}: ${reason}. No executor was started.`, {
    nextStep: 'Check the network and the exchange, then create the executor again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
