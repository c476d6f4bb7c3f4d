import { setTimeout as sleep } from 'node:timers/promises';
import { startOptions } from '../../src/client/start-options.js';
import { connectTemporal, type TemporalClient } from '../../src/client/temporal-connection.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';
import { DEFAULT_ACCOUNT, PAPER_CONNECTOR, SECOND_PAPER_CONNECTOR } from '../../src/stack/executors-configuration.js';
import { startStack } from '../../src/stack/start-stack.js';
import type { Stack } from '../../src/stack/stack-options.js';
import { BareHedge } from '../bare/bare-hedge.js';
import type { Figure } from '../figure.js';
import { percentile } from '../statistics.js';
import { until } from '../stack/until.js';
import type { Row } from './row.js';

const AMOUNT_BASE = '0.01';
const BAR_P50 = 1.5;
const WARM_UP = 3;
const BOUND_MS = 60_000;
/** On both sides: an order that is filled has rested for a while, and what placing it brought with it is over. */
const RESTED_MS = 250;

/** What a sample is taken with: two exchanges, the stack between them, and the bare process beside it. */
interface Scene {
  readonly stack: Stack;
  readonly temporal: TemporalClient;
  readonly first: PaperControlClient;
  readonly second: PaperControlClient;
  readonly bare: BareHedge;
}

/** The maker order fills on one exchange -> the hedge is accepted on the other, by the clocks of their ledgers. */
export const hedge: Row = {
  id: 'hedge',
  run: async ({ quick, say }) => {
    const scene = await setScene();
    try {
      const samples = quick ? 2 : 200;
      const both: { readonly ours: number[]; readonly bare: number[] } = { ours: [], bare: [] };
      for (let index = 0; index < samples + (quick ? 1 : WARM_UP); index += 1) {
        const ours = await byExecutor(scene);
        const bare = await byHand(scene, index);
        if (index < (quick ? 1 : WARM_UP)) continue;
        both.ours.push(ours);
        both.bare.push(bare);
        if (index % 50 === 0) say(`hedge: ${index} of ${samples}`);
      }
      return [figure('p50', 0.5, both, BAR_P50), figure('p99', 0.99, both, null)];
    } finally {
      scene.bare.stop();
      await scene.temporal.close();
      await scene.stack.stop();
    }
  },
};

function figure(which: string, share: number, { ours, bare }: { readonly ours: readonly number[]; readonly bare: readonly number[] }, limit: number | null): Figure {
  return {
    name: `hedge.${which}`,
    unit: 'ms',
    ours: percentile(ours, share),
    bare: percentile(bare, share),
    bar: limit === null ? null : { kind: 'ratioAtMost', limit },
    samples: ours.length,
    note: 'fill of a maker order on one exchange to the acceptance of its hedge on another',
  };
}

async function setScene(): Promise<Scene> {
  const stack = await startStack({ secondPaper: {}, processes: { http: false } });
  const temporal = connectTemporal({ connectionOptions: { address: stack.temporal.address }, namespace: stack.temporal.namespace });
  const [first, second] = [new PaperControlClient(stack.paper?.controlUrl ?? ''), new PaperControlClient(stack.secondPaper?.controlUrl ?? '')];
  for (const paper of [first, second]) for (const symbol of ['BTCUSDT', 'ETHUSDT']) await paper.setPrice(symbol, '6000', '6000.01', { bidSize: '100000', askSize: '100000' });
  const { PAPER_API_KEY: apiKey = '', PAPER_API_SECRET: secret = '' } = stack.workerEnvironment;
  const at = (url = ''): { apiKey: string; secret: string; restUrl: string; websocketUrl: string } => ({ apiKey, secret, restUrl: url, websocketUrl: url.replace(/^http/, 'ws') });
  const bare = await BareHedge.start({ first: at(stack.paper?.url), second: at(stack.secondPaper?.url), symbol: 'ETH/USDT' });
  return { stack, temporal, first, second, bare };
}

async function byExecutor({ temporal, first, second }: Scene): Promise<number> {
  const market = (connector: string): object => ({ connector_name: connector, trading_pair: 'BTC-USDT' });
  const wire = { type: 'xemm_executor', buying_market: market(PAPER_CONNECTOR), selling_market: market(SECOND_PAPER_CONNECTOR), maker_side: 'BUY', order_amount: AMOUNT_BASE, min_profitability: '0.001', target_profitability: '0.002', max_profitability: '0.003' };
  const { config } = parseExecutorConfig(wire, { accountName: DEFAULT_ACCOUNT, nowMs: Date.now() });
  const { workflowType, options } = startOptions(config);
  await temporal.client.workflow.start(workflowType, options);
  const order = await until('the maker order rests', BOUND_MS, async () => (await first.orders({ symbol: 'BTCUSDT' })).find(({ state }) => state === 'new'));
  await sleep(RESTED_MS);
  const { clientOrderId } = order;
  const filledAtMs = (await first.fillOrder({ clientOrderId, priceQuote: order.priceQuote ?? '', amountBase: AMOUNT_BASE })).timeMs;
  await temporal.client.workflow.getHandle(config.id).result();
  return (await lastSale(second, 'BTCUSDT')) - filledAtMs;
}

async function byHand({ bare, first, second }: Scene, index: number): Promise<number> {
  const clientOrderId = `bare${index}`;
  await bare.rest({ clientOrderId, priceQuote: '5900', amountBase: AMOUNT_BASE });
  await sleep(RESTED_MS);
  const filledAtMs = (await first.fillOrder({ clientOrderId, priceQuote: '5900', amountBase: AMOUNT_BASE })).timeMs;
  await bare.hedged(clientOrderId);
  return (await lastSale(second, 'ETHUSDT')) - filledAtMs;
}

async function lastSale(paper: PaperControlClient, symbol: string): Promise<number> {
  const sale = (await paper.trades({ symbol })).filter(({ side }) => side === 'sell').at(-1);
  if (sale === undefined) throw new Error(`no sale of ${symbol}`);
  return sale.timeMs;
}
