import { createHash, randomBytes } from 'node:crypto';
import { type Reader, RuleBroken } from './field.js';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const ID_BYTES = 32;

/** Words that are routes beside `/executors/{id}`: an executor with such an id could not be reached. */
const RESERVED_IDS = new Set(['summary', 'search', 'positions', 'performance', 'types', 'available', 'openapi.json']);
const MAX_ID_LENGTH = 44;
const ID_PATTERN = /^[A-Za-z0-9_-]+$/;
const MAX_IDEMPOTENCY_KEY = 255;

/**
 * A new executor id: 32 random bytes in base58, 43 or 44 characters. Unique in its first 8, because clients show and
 * look up truncated ids.
 */
export function createExecutorId(): string {
  for (;;) {
    const id = base58(randomBytes(ID_BYTES));
    // Leading zero bytes give shorter texts; 1 in about 400 draws is drawn again.
    if (id.length >= 43) return id;
  }
}

/** The id an Idempotency-Key header stands for: the same key always names the same executor. */
export function executorIdOfKey(idempotencyKey: string): string {
  if (idempotencyKey.length < 1 || idempotencyKey.length > MAX_IDEMPOTENCY_KEY || !/^[\x20-\x7e]+$/.test(idempotencyKey)) {
    throw new RuleBroken(`must be 1 to ${MAX_IDEMPOTENCY_KEY} visible ASCII characters`);
  }
  const id = base58(createHash('sha256').update(`idempotency-key:${idempotencyKey}`).digest());
  return id.padStart(43, '1');
}

/**
 * An id chosen by the caller: 1 to 44 letters, digits, `_` and `-`, so that it fits into a URL path and the id columns of
 * clients. Clients that look executors up by the first characters need ids that differ there.
 */
export const readExecutorId: Reader<string> = (raw) => {
  if (typeof raw !== 'string' || raw.length > MAX_ID_LENGTH || !ID_PATTERN.test(raw)) {
    throw new RuleBroken(`must be a string of 1 to ${MAX_ID_LENGTH} letters, digits, _ or -`);
  }
  if (RESERVED_IDS.has(raw)) throw new RuleBroken('must not be the name of a route');
  return raw;
};

export function base58(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let text = '';
  while (number > 0n) {
    text = BASE58.charAt(Number(number % 58n)) + text;
    number /= 58n;
  }
  // Each leading zero byte is one leading '1', as the encoding defines.
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = `1${text}`;
  }
  return text;
}
