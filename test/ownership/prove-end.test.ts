import { describe, expect, it } from 'vitest';
import { proveEnd, type ForgottenOrder } from '../../activities/session/prove-end.js';
import { decimal } from '../../src/domain/money.js';
import type { Balance, ExchangeOrder, ExchangePort, ExchangeTrade } from '../../src/ports/exchange.js';

const SALE: ForgottenOrder = { pair: 'BTC-USDT', clientOrderId: 'mine', exchangeOrderId: '7', side: 'SELL', amountBase: decimal('1'), priceQuote: decimal('60000') };
const PURCHASE: ForgottenOrder = { ...SALE, side: 'BUY', priceQuote: decimal('50000') };

interface Known {
  readonly open?: readonly Partial<ExchangeOrder>[];
  readonly traded?: string;
  /** Held back, by asset. */
  readonly locked?: Readonly<Record<string, string>>;
  readonly perpetual?: boolean;
}

function exchangeThat({ open = [], traded, locked = {}, perpetual = false }: Known): ExchangePort {
  const order: ExchangeOrder = { clientOrderId: 'other', exchangeOrderId: '8', pair: 'BTC-USDT', side: 'SELL', type: 'LIMIT', amountBase: '1', priceQuote: '60000', stop: null, state: 'open', executedBase: '0', createdAtMs: 1 };
  const trade: ExchangeTrade = { tradeId: 't', exchangeOrderId: '7', priceQuote: '60000', amountBase: traded ?? '0', fees: [], atMs: 1 };
  const balances = Object.fromEntries(Object.entries(locked).map(([asset, amount]): [string, Balance] => [asset, { free: '3', total: decimal('3').plus(amount).toString() }]));
  const port: Partial<ExchangePort> = {
    derivatives: perpetual ? ({} as never) : null,
    openOrders: async () => await Promise.resolve(open.map((part) => ({ ...order, ...part }))),
    tradesOf: async () => await Promise.resolve(traded === undefined ? [] : [trade]),
    balances: async () => {
      if (perpetual) throw new Error('margin is not locked by order');
      return await Promise.resolve(balances);
    },
  };
  return port as ExchangePort;
}

describe('an order the exchange does not know any more', () => {
  it('is over when nothing is held back for it, and its trades are told', async () => {
    expect(await proveEnd(exchangeThat({ locked: { BTC: '0' } }), SALE)).toEqual({ kind: 'ended', trades: [] });
    expect(await proveEnd(exchangeThat({ traded: '0.4', locked: { BTC: '0' } }), SALE)).toMatchObject({ kind: 'ended', trades: [{ amountBase: '0.4' }] });
    expect(await proveEnd(exchangeThat({}), SALE)).toMatchObject({ kind: 'ended' });
  });

  it('is open when it is listed after all', async () => {
    expect(await proveEnd(exchangeThat({ open: [{ clientOrderId: 'mine' }] }), SALE)).toMatchObject({ kind: 'open', order: { clientOrderId: 'mine' } });
  });

  it.each([
    ['a sale', SALE, { BTC: '1' }],
    ['a purchase', PURCHASE, { USDT: '50000' }],
  ] as const)('is in doubt while what it would lock is held back and nothing else explains it: %s', async (_, order, locked) => {
    expect(await proveEnd(exchangeThat({ locked }), order)).toMatchObject({ kind: 'doubtful', failure: { code: 'CONTRADICTION' } });
  });

  it('is over when other orders explain what is held back', async () => {
    expect(await proveEnd(exchangeThat({ open: [{ amountBase: '1.5', executedBase: '0.5' }], locked: { BTC: '1' } }), SALE)).toMatchObject({ kind: 'ended' });
    expect(await proveEnd(exchangeThat({ open: [{ amountBase: '1.5', executedBase: '0.5' }], locked: { BTC: '2' } }), SALE)).toMatchObject({ kind: 'doubtful' });
    const bids = [{ side: 'BUY' as const, amountBase: '2', priceQuote: '25000' }];
    expect(await proveEnd(exchangeThat({ open: bids, locked: { USDT: '50000' } }), PURCHASE)).toMatchObject({ kind: 'ended' });
    expect(await proveEnd(exchangeThat({ open: bids, locked: { USDT: '100000' } }), PURCHASE)).toMatchObject({ kind: 'doubtful' });
  });

  it('needs the lock of its rest only', async () => {
    expect(await proveEnd(exchangeThat({ traded: '0.4', locked: { BTC: '0.5' } }), SALE)).toMatchObject({ kind: 'ended' });
    expect(await proveEnd(exchangeThat({ traded: '0.4', locked: { BTC: '0.6' } }), SALE)).toMatchObject({ kind: 'doubtful' });
    expect(await proveEnd(exchangeThat({ traded: '1', locked: { BTC: '9' } }), SALE)).toMatchObject({ kind: 'ended' });
  });

  it('of a perpetual is judged by list and trades: margin is not locked by order', async () => {
    expect(await proveEnd(exchangeThat({ perpetual: true, traded: '0.4' }), SALE)).toMatchObject({ kind: 'ended' });
  });

  it('stays unknown while the exchange cannot be read', async () => {
    const silent = { ...exchangeThat({}), tradesOf: async () => await Promise.reject(new Error('gone')) };
    await expect(proveEnd(silent, SALE)).rejects.toThrow('gone');
  });
});
