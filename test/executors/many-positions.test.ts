import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TradeView } from '../../src/paper/control-client.js';
import { positionConfig, runStack, type RunningStack } from './running-stack.js';

const POSITIONS = 120;
let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

it(`arms and stops ${POSITIONS} positions on one account within ten seconds`, async () => {
  const ids = await Promise.all(Array.from({ length: POSITIONS }, () => run.start(positionConfig({ amountBase: '0.001' }))));
  const trades = (side: 'buy' | 'sell'): Promise<TradeView[]> => run.paper.trades({ limit: 10_000 }).then((all) => all.filter((trade) => trade.side === side));
  await run.until(() => trades('buy'), (bought) => bought.length === POSITIONS, 'all entries are filled', 150_000);
  const crossedAtMs = Date.now();
  await run.price('58000', '58000.01');
  const sold = await run.until(() => trades('sell'), (all) => all.length === POSITIONS, 'all stops are out', 30_000);
  // Acceptance, not a benchmark: the exchange's own times of the stops, with the machine shared by the whole suite.
  expect(Math.max(...sold.map((trade) => trade.timeMs)) - crossedAtMs).toBeLessThan(10_000);
  const reports = await Promise.all(ids.map((id) => run.closed(id)));
  expect(new Set(reports.map((report) => report.close_type))).toEqual(new Set(['STOP_LOSS']));
  expect(await trades('sell')).toHaveLength(POSITIONS);
  expect(await trades('buy')).toHaveLength(POSITIONS);
}, 240_000);
