/**
 * The other side of the comparison of a hedge, in a process of its own: a ccxt client that hears of its fills on one
 * exchange and sells as much on another. No engine, no record, no recovery.
 */
import type { BareLoopSettings } from './bare-loop.js';
import { createBareClient } from './bare-client.js';

interface HedgeSettings {
  readonly first: BareLoopSettings;
  readonly second: BareLoopSettings;
  readonly symbol: string;
}

/** Rests a buy under this id; its fill is sold under the same id with an `h` behind it. */
export interface RestToHedge {
  readonly clientOrderId: string;
  readonly priceQuote: string;
  readonly amountBase: string;
}

const { first: atFirst, second: atSecond, symbol } = JSON.parse(process.env['BARE_HEDGE'] ?? '{}') as HedgeSettings;
const [first, second] = await Promise.all([createBareClient(atFirst), createBareClient(atSecond)]);
const ours = new Set<string>();

function fail(error: unknown): void {
  if (process.connected) process.send?.({ kind: 'failed', error: String(error) });
}

async function watchFills(): Promise<never> {
  for (;;) {
    for (const trade of await first.watchMyTrades()) {
      const clientOrderId = String((trade.info as { readonly c?: unknown }).c);
      if (!ours.delete(clientOrderId)) continue;
      void second.createOrder(symbol, 'market', 'sell', trade.amount ?? '', undefined, { newClientOrderId: `${clientOrderId}h` }).then(() => process.send?.({ kind: 'hedged', clientOrderId }), fail);
    }
  }
}

process.on('message', (rest: RestToHedge) => {
  ours.add(rest.clientOrderId);
  void first.createOrder(symbol, 'limit', 'buy', rest.amountBase, rest.priceQuote, { newClientOrderId: rest.clientOrderId }).then(() => process.send?.({ kind: 'rests', clientOrderId: rest.clientOrderId }), fail);
});
process.on('disconnect', () => process.exit(0));
void watchFills().catch(fail);
process.send?.({ kind: 'ready' });
