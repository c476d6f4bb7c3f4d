import type { CcxtClient } from './ccxt-client.js';
import { UnusableAnswerError } from './request-error.js';

const LIST = /^\s*\[/;

/**
 * What a good answer of Binance looks like, by the end of its address. ccxt reads anything else as an empty list, an
 * empty account or an exchange without pairs, and "no orders" is a proof on which orders are sent.
 */
const SHAPES: readonly (readonly [end: RegExp, shape: RegExp])[] = [
  [/\/(?:openOrders|allOrders|myTrades|userTrades|klines|openAlgoOrders|positionRisk)$/, LIST],
  [/\/account$/, /"(?:balances|assets)"\s*:\s*\[/],
  [/\/exchangeInfo$/, /"symbols"\s*:\s*\[\s*\{/],
];

export interface RestAnswer {
  readonly status: number;
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/**
 * Refuses an answer with a good status that cannot be one: a page of a gateway, nothing at all, or another thing than what
 * was asked for.
 * @throws UnusableAnswerError
 */
export function assertAnswers(client: Pick<CcxtClient, 'id' | 'httpExceptions'>, answer: RestAnswer): void {
  const { status, method, url, body } = answer;
  if (status < 200 || status >= 300) return assertMapped(client, status);
  if (!/^\s*[[{]/.test(body)) throw new UnusableAnswerError(body.trim() === '' ? 'the answer is empty' : 'the answer is not JSON');
  if (method !== 'GET' || !client.id.startsWith('binance')) return;
  const path = url.split('?')[0] ?? '';
  const shape = SHAPES.find(([end]) => end.test(path))?.[1];
  if (shape !== undefined && !shape.test(body)) throw new UnusableAnswerError(`the answer of ${path.slice(path.lastIndexOf('/') + 1)} has not the shape of one`);
}

/** A status of failure that ccxt has no error for it takes for success: 524 of a gateway, a redirect. */
function assertMapped(client: Pick<CcxtClient, 'httpExceptions'>, status: number): void {
  if (!Object.hasOwn(client.httpExceptions, String(status))) throw new UnusableAnswerError(`status ${status}`);
}
