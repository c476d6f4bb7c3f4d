import type { Candidate } from '../activities/ownership/own-account.js';
import type { AccountServices } from '../activities/session/account-services.js';

/** The accounts this process owns at the moment, for what may be read of them without a way through the server. */
export class OwnedAccounts {
  private readonly open = new Map<string, AccountServices>();

  get(connector: string, account: string): AccountServices | null {
    return this.open.get(keyOf(connector, account)) ?? null;
  }

  /** The same opening, remembered while the account is open. */
  remembering(openAccount: Candidate['openAccount']): Candidate['openAccount'] {
    return async (connector, account, lease) => {
      const opened = await openAccount(connector, account, lease);
      const key = keyOf(connector, account);
      this.open.set(key, opened.services);
      return {
        ...opened,
        close: async () => {
          if (this.open.get(key) === opened.services) this.open.delete(key);
          await opened.close();
        },
      };
    };
  }
}

function keyOf(connector: string, account: string): string {
  return `${connector}/${account}`;
}
