import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { GuardedChild } from '../../src/processes/guarded-child.js';
import { definedEnvironment } from '../../src/processes/environment.js';
import { PROJECT_ROOT } from '../../src/processes/program-command.js';
import { AMOUNT_BASE } from '../stack/bench-stack.js';
import { withBuiltBundle } from '../stack/built-bundle.js';
import { until } from '../stack/until.js';
import { median } from '../statistics.js';
import type { Row } from './row.js';

const BAR_S = 10;
const WITHIN_MS = 120_000;

/** `npm start` in an empty folder -> the first order of an executor created over HTTP is accepted. */
export const coldStart: Row = {
  id: 'cold-start',
  run: async ({ quick, say }) => {
    const samples: number[] = [];
    await withBuiltBundle(async (env) => {
      for (let round = 0; round < (quick ? 1 : 3); round += 1) {
        samples.push(await firstOrder(env));
        say(`cold-start: ${samples.at(-1)?.toFixed(0)} ms`);
      }
    });
    return [{ name: 'cold-start', unit: 's', ours: median(samples) / 1_000, bare: null, bar: { kind: 'atMost', limit: BAR_S }, samples: samples.length, note: 'npm start in an empty folder, workflows bundled before, until the first order is accepted' }];
  },
};

async function firstOrder(built: Readonly<Record<string, string>>): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'executors-cold-'));
  let said = '';
  const startedAtMs = Date.now();
  const child = await GuardedChild.start({
    name: 'npm start',
    // What `npm start` runs; npm itself would keep the signal that ends it to itself.
    command: process.execPath,
    args: ['--import', 'tsx', 'scripts/start.ts'],
    cwd: PROJECT_ROOT,
    env: { ...definedEnvironment(process.env), ...built, DURABLE_EXECUTORS_DATA: directory },
    onStdout: (chunk) => (said += chunk),
  });
  try {
    const [httpUrl, controlUrl] = await until('npm start is up', WITHIN_MS, () => addresses(said, child));
    await createOrder(httpUrl);
    const paper = new PaperControlClient(controlUrl);
    const order = await until('the first order is accepted', WITHIN_MS, async () => (await paper.orders({ limit: 1 })).at(0));
    return order.createdMs - startedAtMs;
  } finally {
    await child.stop(30_000);
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What `npm start` says of itself once everything is ready. */
function addresses(said: string, child: GuardedChild): readonly [http: string, control: string] | undefined {
  if (child.exit !== undefined) throw new Error(`npm start ended: ${said.slice(-500)}`);
  const http = /HTTP\s+(http:\S+)/.exec(said)?.[1];
  const control = /control (http:\S+)/.exec(said)?.[1];
  return http === undefined || control === undefined ? undefined : [http, control];
}

async function createOrder(httpUrl: string): Promise<void> {
  const executor = { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', amount: AMOUNT_BASE, execution_strategy: 'MARKET' };
  const answer = await fetch(`${httpUrl}/executors/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` },
    body: JSON.stringify({ account_name: 'master_account', executor_config: executor }),
  });
  if (!answer.ok) throw new Error(`the order was refused: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
}
