import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExecutorsConfiguration } from '../../src/stack/executors-configuration.js';
import type { GuardedChild } from '../../src/processes/guarded-child.js';
import { launchProgram } from '../../src/stack/launch-program.js';
import { runTwoExchanges, SECOND_CONNECTOR, xemmConfig, xemmMoney, type TwoExchanges } from './two-exchanges.js';

let run: TwoExchanges;
let second: GuardedChild;
let both: ExecutorsConfiguration;

/** Each worker owns one of the two accounts; both know both exchanges. */
function ownersOf(configuration: ExecutorsConfiguration, wanted: (connector: string) => boolean): ExecutorsConfiguration {
  return { ...configuration, accounts: configuration.accounts.filter(({ connector }) => wanted(connector)) };
}

async function startSecond(): Promise<GuardedChild> {
  const file = join(run.stack.dataDirectory, 'second-owner.json');
  writeFileSync(file, JSON.stringify(ownersOf(both, (connector) => connector === SECOND_CONNECTOR)));
  const env = { ...run.stack.workerEnvironment, DURABLE_EXECUTORS_CONFIG: file };
  return (await launchProgram({ name: 'second-worker', file: 'worker/main.ts', env, logFile: join(run.stack.logDirectory, 'second-worker.log') })).child;
}

beforeAll(async () => {
  run = await runTwoExchanges({
    configure: (configuration) => {
      both = configuration;
      return ownersOf(configuration, (connector) => connector !== SECOND_CONNECTOR);
    },
  });
  second = await startSecond();
});
afterAll(async () => {
  await second?.stop();
  await run?.stop();
});

it('a fill on the account of one process is hedged by the process that owns the other', async () => {
  const config = xemmConfig();
  await run.start(config);
  const [order] = await run.until(() => run.openOn(run.paper), (open) => open.length === 1, 'the maker order rests');
  await run.paper.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote: order?.priceQuote ?? '', amountBase: '0.03' });
  await run.until(() => run.live(config.id), (live) => live.custom_info['hedge_filled_base'] === '0.03', 'the first part is hedged');
  await run.paper.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote: order?.priceQuote ?? '', amountBase: '0.07' });
  const report = await run.closed(config.id);
  const money = await xemmMoney(run, report);
  expect(report).toMatchObject({ close_type: 'COMPLETED', net_pnl_quote: money.netPnlQuote, fees_paid_quote: money.feesQuote, residue_base: '0' });
  expect(money.owedBase).toBe('0');
});

it('the owner of the hedge that dies after it was told of a fill takes it once, and nothing is quoted while it is away', async () => {
  const config = xemmConfig({ side: 'SELL' });
  await run.start(config);
  const [order] = await run.until(() => run.openOn(run.paper), (open) => open.length === 1, 'the maker order rests');
  await run.second.armFault({ kind: 'delay-after-commit', delayMs: 2_000, method: 'POST', route: '/api/v3/order' });
  await run.paper.fillOrder({ clientOrderId: order?.clientOrderId ?? '', priceQuote: order?.priceQuote ?? '', amountBase: '0.04' });
  await run.until(() => run.second.faults(), (faults) => faults.some(({ hits }) => hits > 0), 'the hedge is on its way');
  await second.kill();
  await run.second.clearFaults();
  await run.until(() => run.openOn(run.paper), (open) => open.length === 0, 'the quote is withdrawn while nobody could hedge it');
  second = await startSecond();
  await run.until(() => run.openOn(run.paper), (open) => open.length === 1, 'the rest is quoted again');
  await run.client.workflow.getHandle(config.id).executeUpdate('stop', { args: [{}] });
  const report = await run.closed(config.id);
  const money = await xemmMoney(run, report);
  expect(money.hedge.trades).toHaveLength(1);
  expect(report).toMatchObject({ close_type: 'EARLY_STOP', net_pnl_quote: money.netPnlQuote, residue_base: '0' });
}, 120_000);
