import { z } from 'zod';

export const accountSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"'),
  apiKey: z.string().min(1).max(128),
  secret: z.string().min(1).max(128),
  /** Deposited once, when the ledger sees the account for the first time. */
  balances: z.record(
    z.string().regex(/^[A-Z0-9]{1,10}$/),
    z.string().regex(/^\d{1,20}(\.\d{1,20})?$/, 'must be a decimal string such as "100000"'),
  ),
  /** The same for the wallet of the perpetual market. */
  perpetualBalances: z
    .record(z.string().regex(/^[A-Z0-9]{1,10}$/), z.string().regex(/^\d{1,20}(\.\d{1,20})?$/, 'must be a decimal string such as "100000"'))
    .default({}),
});

export const accountsSchema = z
  .array(accountSchema)
  .min(1)
  .max(1_000)
  .refine((accounts) => new Set(accounts.map(({ name }) => name)).size === accounts.length, 'names must differ')
  .refine((accounts) => new Set(accounts.map(({ apiKey }) => apiKey)).size === accounts.length, 'apiKeys must differ');

export type Account = z.output<typeof accountSchema>;

export const DEFAULT_ACCOUNTS: readonly Account[] = [
  {
    name: 'paper',
    apiKey: 'paper-key',
    secret: 'paper-secret',
    balances: { USDT: '100000', BTC: '10', ETH: '100', BNB: '10' },
    perpetualBalances: { USDT: '100000' },
  },
];
