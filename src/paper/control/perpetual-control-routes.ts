import type { FastifyInstance } from 'fastify';
import { requireAccount } from '../exchange/administration.js';
import { Decimal } from '../matching/exact-decimal.js';
import { setContract, transferPerpetual } from '../perpetual/contract-control.js';
import { settleFunding } from '../perpetual/funding.js';
import type { ControlDependencies } from './control-server.js';
import { validate } from './control-validation.js';
import {
  accountQuerySchema,
  conditionalsQuerySchema,
  contractChangeSchema,
  incomesQuerySchema,
  settleFundingSchema,
} from './perpetual-schemas.js';
import { conditionalView, contractView, incomeView, positionView, walletView } from './perpetual-views.js';
import { transferSchema } from './schemas.js';

interface SymbolParams {
  readonly Params: { readonly symbol: string };
}

interface AccountParams {
  readonly Params: { readonly account: string };
}

/** Mark prices, funding, wallets and the perpetual part of the ledger. */
export function perpetualControlRoutes(server: FastifyInstance, { state, perpetuals }: ControlDependencies): void {
  server.get('/perpetual/contracts', () => ({
    contracts: [...perpetuals.markets.values()].map((market) => contractView(perpetuals, market)),
  }));

  server.put<SymbolParams>('/perpetual/contracts/:symbol', (request) => {
    const market = perpetuals.market(request.params.symbol);
    const { markQuote, fundingRate, fundingIntervalMs } = validate(contractChangeSchema, request.body);
    setContract(perpetuals, market, {
      ...(markQuote === undefined ? {} : { markQuote: markQuote === null ? null : new Decimal(markQuote) }),
      ...(fundingRate === undefined ? {} : { fundingRate: new Decimal(fundingRate) }),
      ...(fundingIntervalMs === undefined ? {} : { fundingIntervalMs }),
    });
    return contractView(perpetuals, market);
  });

  server.post('/perpetual/funding/settle', (request) => {
    const { symbol } = validate(settleFundingSchema, request.body);
    const markets = symbol === undefined ? [...perpetuals.markets.values()] : [perpetuals.market(symbol)];
    return { settled: markets.reduce((count, market) => count + settleFunding(perpetuals, market), 0) };
  });

  for (const [path, kind] of [['deposits', 'deposit'], ['withdrawals', 'withdrawal']] as const) {
    server.post<AccountParams>(`/perpetual/accounts/:account/${path}`, (request) => {
      const { account } = request.params;
      const { asset, amount } = validate(transferSchema, request.body);
      requireAccount(state, account);
      transferPerpetual(perpetuals, kind, account, asset, new Decimal(amount));
      return walletView(perpetuals, perpetuals.account(account), asset);
    });
  }

  const namesOf = (account: string | undefined): readonly string[] => {
    if (account !== undefined) requireAccount(state, account);
    return account === undefined ? [...state.accountNames] : [account];
  };

  server.get('/perpetual/wallets', (request) => {
    const accounts = namesOf(validate(accountQuerySchema, request.query).account).map((name) => perpetuals.account(name));
    const views = accounts.flatMap((account) => [...account.wallets.keys()].map((asset) => walletView(perpetuals, account, asset)));
    return { wallets: views };
  });

  server.get('/perpetual/positions', (request) => {
    const accounts = namesOf(validate(accountQuerySchema, request.query).account).map((name) => perpetuals.account(name));
    const positions = accounts.flatMap((account) => account.allOpenPositions().map((position) => ({ account, position })));
    return { positions: positions.map(({ account, position }) => positionView(perpetuals, account, position)) };
  });

  server.get('/perpetual/incomes', (request) => {
    const { account, symbol, type, fromMs, limit } = validate(incomesQuerySchema, request.query);
    return { incomes: perpetuals.queries.incomes({ account, symbol, type, fromMs, toMs: undefined, limit }).map(incomeView) };
  });

  server.get('/perpetual/conditionals', (request) => {
    const { account, symbol, clientId, limit } = validate(conditionalsQuerySchema, request.query);
    requireAccount(state, account);
    const filter = { account, symbol, clientId, limit, conditionalId: undefined, fromMs: undefined, toMs: undefined };
    return { conditionals: perpetuals.queries.conditionals(filter).map(conditionalView) };
  });
}
