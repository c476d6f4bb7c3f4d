import { createHash } from 'node:crypto';
import type { OrderPath } from '../contract/order-plan.js';

/**
 * Forms in which exchanges take a client order id.
 * `text27`: a letter and 26 of [0-9a-z]. `uuid`: RFC 9562 version 8. `hex128`: 0x and 32 hexadecimal digits.
 * `u32`, `u63`, `u64`: an integer of that many bits, in decimal digits.
 */
export type ClientOrderIdRender = 'text27' | 'uuid' | 'hex128' | 'u32' | 'u63' | 'u64';

/** First letter of every id. Never `t`: one exchange marks ids by a `t-` of its own and adds it only when it sees none. */
const LETTER = 'd';
const ROOT_CHARACTERS = 10;
const ORDER_CHARACTERS = 16;
const OURS = new RegExp(`^${LETTER}[0-9a-z]{${ROOT_CHARACTERS + ORDER_CHARACTERS}}$`);

/**
 * The id of the `sequence`-th order of one order workflow: a letter, 10 characters of hash(root id, created at) and 16
 * of hash(path, sequence). The path carries leg and counter (`entry/1`), so legs, cycles and re-used executor ids never
 * share one. Deterministic: whoever knows the executor can compute the ids of all its orders.
 * Throws RangeError when `sequence` is not a whole number from 0 on.
 */
export function clientOrderIdFor(path: OrderPath, sequence: number, render: ClientOrderIdRender = 'text27'): string {
  if (!Number.isSafeInteger(sequence) || sequence < 0) throw new RangeError(`sequence: ${sequence} must be a whole number from 0 on`);
  return renderClientOrderId(rootPrefix(path.rootId, path.rootCreatedAtMs) + orderSuffix(path.path, sequence), render);
}

/** What follows the root's prefix in a `text27` id. The same for every root. */
export function orderSuffix(path: string, sequence: number): string {
  return hashText(['order', path, String(sequence)], ORDER_CHARACTERS);
}

/** That part of a `text27` id. */
export function suffixOf(clientOrderId: string): string {
  return clientOrderId.slice(LETTER.length + ROOT_CHARACTERS);
}

/** The first 11 characters of every `text27` id below one root executor. */
export function rootPrefix(rootId: string, rootCreatedAtMs: number): string {
  return LETTER + hashText(['root', rootId, String(rootCreatedAtMs)], ROOT_CHARACTERS);
}

/** Whether a `text27` id has the shape of ours. Its executor is the one whose `rootPrefix` it starts with. */
export function isOurs(clientOrderId: string): boolean {
  return OURS.test(clientOrderId);
}

/** A `text27` id in the form an exchange takes. Renders below 80 bits can collide: compare the terms before adopting. */
export function renderClientOrderId(text27: string, render: ClientOrderIdRender): string {
  switch (render) {
    case 'text27':
      return text27;
    case 'uuid':
      return uuid(digest(['uuid', text27]));
    case 'hex128':
      return `0x${digest(['hex128', text27]).toString('hex', 0, 16)}`;
    case 'u32':
      return digits(text27, 32n);
    case 'u63':
      return digits(text27, 63n);
    case 'u64':
      return digits(text27, 64n);
  }
}

function digits(text27: string, bits: bigint): string {
  const value = digest(['digits', text27]).readBigUInt64BE(0) >> (64n - bits);
  // Zero means "no id" to exchanges that take integers.
  return (value === 0n ? 1n : value).toString();
}

function uuid(hash: Buffer): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The last `length` characters of the hash as a number of base 36. */
function hashText(parts: readonly string[], length: number): string {
  const value = BigInt(`0x${digest(parts).toString('hex')}`) % 36n ** BigInt(length);
  return value.toString(36).padStart(length, '0');
}

function digest(parts: readonly string[]): Buffer {
  // As JSON, so that no two lists of parts read the same.
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
