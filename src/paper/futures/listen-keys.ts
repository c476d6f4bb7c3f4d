import { randomBytes } from 'node:crypto';
import type { ExchangeState } from '../exchange/exchange-state.js';
import { transact } from '../exchange/unit-of-work.js';

/** A listen key is good for an hour after it was last asked for. */
const LIFETIME_MS = 3_600_000;

interface ListenKey {
  readonly key: string;
  readonly expiresMs: number;
}

/** The keys that open user data streams of the perpetual market: one an account, kept across a restart. */
export class ListenKeys {
  private readonly byAccount = new Map<string, ListenKey>();

  constructor(private readonly state: ExchangeState) {
    for (const [name, text] of state.ledger.queries.settings()) {
      if (name.startsWith(PREFIX) && text !== 'null') this.byAccount.set(name.slice(PREFIX.length), JSON.parse(text) as ListenKey);
    }
  }

  /** The account's key, made when there is none; good for an hour from now. */
  create(account: string): string {
    const key = this.live(account)?.key ?? randomBytes(32).toString('hex');
    this.save(account, { key, expiresMs: this.state.now() + LIFETIME_MS });
    return key;
  }

  /** Prolongs the account's key; undefined when it has none. */
  renew(account: string): string | undefined {
    return this.live(account) === undefined ? undefined : this.create(account);
  }

  accountOf(key: string): string | undefined {
    for (const [account, held] of this.byAccount) {
      if (held.key === key && this.live(account) !== undefined) return account;
    }
    return undefined;
  }

  /** Ends the account's key now. Returns the key that ended. */
  end(account: string): string | undefined {
    const ended = this.byAccount.get(account);
    if (ended === undefined) return undefined;
    this.save(account, undefined);
    return ended.key;
  }

  /** Accounts whose key has run out; it is forgotten with this call. */
  takeExpired(): { readonly account: string; readonly key: string }[] {
    const nowMs = this.state.now();
    const expired = [...this.byAccount].filter(([, { expiresMs }]) => expiresMs <= nowMs);
    return expired.map(([account, { key }]) => {
      this.save(account, undefined);
      return { account, key };
    });
  }

  private live(account: string): ListenKey | undefined {
    const held = this.byAccount.get(account);
    return held !== undefined && held.expiresMs > this.state.now() ? held : undefined;
  }

  private save(account: string, held: ListenKey | undefined): void {
    transact(this.state, (work) => {
      if (held === undefined) this.byAccount.delete(account);
      else this.byAccount.set(account, held);
      work.setting(`${PREFIX}${account}`, held ?? null);
    });
  }
}

const PREFIX = 'listen-key:';
