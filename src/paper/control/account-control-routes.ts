import type { FastifyInstance } from 'fastify';
import { setFees, transfer } from '../exchange/administration.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { FeeSchedule } from '../matching/fees.js';
import { balanceView } from './control-views.js';
import type { ControlDependencies } from './control-server.js';
import { validate } from './control-validation.js';
import { feesSchema, transferSchema } from './schemas.js';

interface AccountParams {
  readonly Params: { readonly account: string };
}

/** Deposits, withdrawals and fees. */
export function accountControlRoutes(server: FastifyInstance, { state }: ControlDependencies): void {
  for (const [path, kind] of [['deposits', 'deposit'], ['withdrawals', 'withdrawal']] as const) {
    server.post<AccountParams>(`/accounts/:account/${path}`, (request) => {
      const { account } = request.params;
      const { asset, amount } = validate(transferSchema, request.body);
      transfer(state, kind, account, asset, new Decimal(amount));
      return { balances: state.balances.assetsOf(account).map(balanceView) };
    });
  }

  const describe = (): Record<string, unknown> => ({
    default: feesView(state.fees),
    accounts: Object.fromEntries([...state.accountFees].map(([account, fees]) => [account, feesView(fees)])),
  });

  server.get('/fees', describe);
  server.put('/fees', (request) => {
    const { makerRate, takerRate, feeAsset, account } = validate(feesSchema, request.body);
    setFees(state, account, { makerRate: new Decimal(makerRate), takerRate: new Decimal(takerRate), feeAsset });
    return describe();
  });
}

function feesView(fees: FeeSchedule): Record<string, string> {
  return { makerRate: fees.makerRate.toFixed(), takerRate: fees.takerRate.toFixed(), feeAsset: fees.feeAsset };
}
