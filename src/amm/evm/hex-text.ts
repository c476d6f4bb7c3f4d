import { getAddress, isAddress, isHex, type Address, type Hex } from 'viem';
import { rawFromText } from '../../domain/amm/token-amount.js';
import { ammError } from './chain-failure.js';

/** Text of the port as the client wants it. What is malformed was made by us or configured wrongly: it throws. */

export function addressOf(field: string, text: string): Address {
  if (!isAddress(text, { strict: false })) throw ammError('POOL_MISMATCH', `${field}: "${text.slice(0, 60)}" must be an address`);
  return getAddress(text);
}

export function hexOf(field: string, text: string): Hex {
  if (!isHex(text)) throw new Error(`${field} must be bytes in hex`);
  return text;
}

/** Not negative. */
export function integerOf(field: string, text: string): bigint {
  const value = rawFromText(field, text);
  if (value < 0n) throw new Error(`${field}: must not be negative`);
  return value;
}

export function sameAddress(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
