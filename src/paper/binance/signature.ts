import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../exchange/account-file.js';
import { type Parameters, missing } from './parameters.js';
import { WireError } from './wire-error.js';

const DEFAULT_RECEIVE_WINDOW_MS = 5_000;
const MAX_RECEIVE_WINDOW_MS = 60_000;
/** How far ahead of the exchange's clock a request may be. */
const MAX_AHEAD_MS = 1_000;

export class Authenticator {
  private readonly byKey: ReadonlyMap<string, Account>;

  constructor(
    accounts: readonly Account[],
    private readonly now: () => number,
  ) {
    this.byKey = new Map(accounts.map((account) => [account.apiKey, account]));
  }

  /**
   * Account of a signed request.
   *
   * @param clockSkewMs how far ahead the exchange's clock is for this request
   * @param signed the bytes the signature is over, as they were received, without the signature itself.
   * @throws WireError -2014, -2015, -1022, -1021, -1131, -1102
   */
  authenticate(apiKey: string | undefined, signed: Buffer, signature: string | undefined, parameters: Parameters, clockSkewMs = 0): string {
    const account = this.require(apiKey);
    if (signature === undefined) throw missing('signature');
    const expected = createHmac('sha256', account.secret).update(signed).digest();
    const given = Buffer.from(/^[0-9a-fA-F]{64}$/.test(signature) ? signature : '', 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new WireError(-1022, 'Signature for this request is not valid.');
    }
    this.checkTime(parameters, this.now() + clockSkewMs);
    return account.name;
  }

  /** Account of a request that carries its key and no signature. @throws WireError -2014, -2015 */
  accountOfKey(apiKey: string | undefined): string {
    return this.require(apiKey).name;
  }

  private require(apiKey: string | undefined): Account {
    if (apiKey === undefined || apiKey === '') throw new WireError(-2014, 'API-key format invalid.', 401);
    const account = this.byKey.get(apiKey);
    if (account === undefined) throw new WireError(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
    return account;
  }

  private checkTime(parameters: Parameters, now: number): void {
    const timestamp = parameters.integer('timestamp');
    if (timestamp === undefined) throw missing('timestamp');
    const receiveWindow = parameters.decimal('recvWindow')?.toNumber() ?? DEFAULT_RECEIVE_WINDOW_MS;
    if (receiveWindow > MAX_RECEIVE_WINDOW_MS) throw new WireError(-1131, 'recvWindow must be less than 60000.');
    if (timestamp >= now + MAX_AHEAD_MS) {
      throw new WireError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    }
    if (now - timestamp > receiveWindow) {
      throw new WireError(-1021, 'Timestamp for this request is outside of the recvWindow.');
    }
  }
}

/** Splits the trailing `signature` off the raw text of query plus body, without touching the other bytes. */
export function splitSignature(raw: string): { readonly signed: string; readonly signature: string | undefined } {
  const found = /(?:^|&)signature=([^&]*)$/.exec(raw) ?? /(?:^|&)signature=([^&]*)(?=&|$)/.exec(raw);
  if (found === null) return { signed: raw, signature: undefined };
  const before = raw.slice(0, found.index);
  const after = raw.slice(found.index + found[0].length);
  return { signed: before + after, signature: found[1] };
}
