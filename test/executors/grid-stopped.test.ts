import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { rootPrefix } from '../../src/exchanges/client-order-id.js';
import type { OrderView } from '../../src/paper/control-client.js';
import { auditOf, expectNoDifference } from './audited-run.js';
import { gridTrades, moved } from './grid-trades.js';
import { SYMBOL, gridConfig, runStack, type RunningStack } from './running-stack.js';

const POLICIES = ['flatten', 'keep', 'handover'] as const;
type Policy = (typeof POLICIES)[number];
const STATES = ['while it begins', 'with nothing filled', 'with a level filled and another in part', 'with a take profit out', 'with a take profit filled in part'] as const;
type State = (typeof STATES)[number];
const LEVELS = 4;

let run: RunningStack;
const started: GridExecutorConfig[] = [];

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

async function start(change: Partial<GridExecutorConfig>): Promise<GridExecutorConfig> {
  const config = gridConfig(change);
  started.push(config);
  await run.start(config);
  return config;
}

async function openOrders({ id, createdAtMs }: GridExecutorConfig): Promise<readonly OrderView[]> {
  const prefix = rootPrefix(id, createdAtMs);
  return (await run.paper.orders({ symbol: SYMBOL })).filter(({ state, clientOrderId }) => (state === 'new' || state === 'partially_filled') && clientOrderId.startsWith(prefix));
}

async function stopBy({ id }: GridExecutorConfig, policy: Policy, heir: string): Promise<void> {
  const handle = run.client.workflow.getHandle(id);
  if (policy === 'handover') return handle.signal('handover', { controller_id: heir });
  expect(await handle.executeUpdate('stop', { args: [{ keep_position: policy === 'keep' }] })).toMatchObject({ keep_position: policy === 'keep', decided_now: true });
}

async function netHeldBy(controllerId: string): Promise<string> {
  const state = await run.client.workflow.getHandle(`controller/${controllerId}`).query<ControllerState>('positions');
  return state.positions[0]?.held.netBase ?? 'nothing';
}

/** Nothing rests; sums are those of the exchange; what it moved there is what the policy leaves, to the last decimal. */
async function expectExact(config: GridExecutorConfig, report: ExecutorReport, { state, policy, heir }: { state: State; policy: Policy; heir: string }): Promise<void> {
  expect(await openOrders(config)).toEqual([]);
  const money = moved(await gridTrades(run.paper, report));
  expect(report).toMatchObject({ volume_quote: money.volumeQuote.toFixed(), fees_paid_quote: money.feesQuote.toFixed() });
  if (state === 'while it begins') return expect(report.outcome).toBe('STOPPED');
  const filled = state !== 'with nothing filled';
  const held = filled && policy !== 'flatten';
  expect(report).toMatchObject({ close_type: held ? 'POSITION_HOLD' : 'EARLY_STOP', outcome: 'STOPPED', residue_base: held || config.side === 'SELL' ? '0' : money.base });
  expect(report.hold === null).toBe(!held);
  expect(money.volumeQuote.isZero()).toBe(!filled);
  // Less than one step of the exchange, or the fees that buying back took.
  if (!held) return expect(Math.abs(Number(money.base))).toBeLessThan(0.00001);
  expect(await netHeldBy(policy === 'keep' ? config.controllerId : heir)).toBe(money.base);
}

describe.each(['BUY', 'SELL'] as const)('a %s grid', (side) => {
  const sign = side === 'BUY' ? -1 : 1;
  /** Bid and ask so far against the entries, as a fraction of 60000. */
  const against = async (fraction: number): Promise<void> => {
    const bid = 60000 * (1 + sign * fraction);
    await run.price(bid.toFixed(2), (bid + 0.01).toFixed(2));
  };
  const secondLevel = side === 'BUY' ? '59800' : '60200';
  const takeProfitOfFirst = side === 'BUY' ? '60220.2' : '59780.2';

  /** Fills a part of what every grid has out at this price, and waits until it is counted. */
  const fillPart = async (grids: readonly GridExecutorConfig[], priceQuote: string): Promise<void> => {
    await run.paper.setMatching(SYMBOL, { mode: 'manual' });
    for (const grid of grids) {
      const order = (await openOrders(grid)).find((open) => open.priceQuote === priceQuote);
      const before = Number((await run.live(grid.id)).volume_quote);
      await run.paper.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote, amountBase: '0.002' });
      await run.until(() => run.live(grid.id), (live) => Number(live.volume_quote) > before, 'the part is known');
    }
    await run.paper.setMatching(SYMBOL, { mode: 'automatic' });
  };

  const bring = async (grids: readonly GridExecutorConfig[], state: State): Promise<void> => {
    if (state === 'while it begins') return;
    for (const grid of grids) await run.until(() => openOrders(grid), (open) => open.length === LEVELS, 'its levels rest');
    if (state === 'with nothing filled') return;
    // So near to the second level that the take profit of a part of it rests too.
    await against(state === 'with a level filled and another in part' ? 0.0031 : 0.0015);
    for (const grid of grids) await run.until(() => openOrders(grid), (open) => open.some(({ priceQuote }) => priceQuote === takeProfitOfFirst), 'a take profit rests');
    if (state === 'with a level filled and another in part') await fillPart(grids, secondLevel);
    if (state === 'with a take profit filled in part') await fillPart(grids, takeProfitOfFirst);
  };

  it.each(STATES)('stopped %s: flattened, kept and handed over to another controller', async (state) => {
    await against(0);
    const name = `${side}-${STATES.indexOf(state)}`;
    const grids = await Promise.all(POLICIES.map((policy) => start({ side, controllerId: `${policy}-${name}` })));
    const of = (policy: Policy): GridExecutorConfig => grids[POLICIES.indexOf(policy)] as GridExecutorConfig;
    await bring(grids, state);
    await Promise.all(POLICIES.map((policy) => stopBy(of(policy), policy, `heir-${name}`)));
    for (const policy of POLICIES) await expectExact(of(policy), await run.closed(of(policy).id), { state, policy, heir: `heir-${name}` });
  });

  it('stopped while its stop loss closes, with keep_position: the barrier came first and closes all', async () => {
    await against(0);
    const grid = await start({ side, stopLossFraction: '0.005', controllerId: `late-${side}` });
    await bring([grid], 'with a take profit out');
    // Both levels that the jump reaches are filled; what the thin book takes of them is closed, the rest has to wait.
    const bid = 60000 * (1 + sign * 0.0075);
    const [bidSize, askSize] = side === 'BUY' ? ['0.002', '10'] : ['10', '0.002'];
    await run.paper.setBook(SYMBOL, { bids: [[bid.toFixed(2), bidSize]], asks: [[(bid + 0.01).toFixed(2), askSize]] });
    await run.until(() => run.live(grid.id), ({ why }) => why.some(({ decision }) => decision === 'exit fired: stop_loss'), 'its stop has fired');
    const answer = await run.client.workflow.getHandle(grid.id).executeUpdate('stop', { args: [{ keep_position: true }] });
    expect(answer).toMatchObject({ keep_position: false, reason: 'stop_loss', quantity_to_hand_over_base: '0', decided_now: false });
    await against(0.0075);
    const report = await run.closed(grid.id);
    expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', hold: null });
    const money = moved(await gridTrades(run.paper, report));
    expect(report).toMatchObject({ residue_base: side === 'BUY' ? money.base : '0', volume_quote: money.volumeQuote.toFixed(), fees_paid_quote: money.feesQuote.toFixed() });
    expect(await openOrders(grid)).toEqual([]);
  });
});

it('the audit finds no difference between the exchange and the reports', async () => {
  expectNoDifference(await auditOf(run, started));
});
