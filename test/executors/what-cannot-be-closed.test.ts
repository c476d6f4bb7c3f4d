import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ControllerState } from '../../src/contract/controller.js';
import { SYMBOL, positionConfig, runStack, type RunningStack } from './running-stack.js';

let run: RunningStack;

beforeAll(async () => {
  run = await runStack();
});
afterAll(async () => {
  await run?.stop();
});

const eth = { pair: 'ETH-USDT' } as const;

async function exitsOf(id: string): Promise<number> {
  let count = 0;
  for (let counter = 1; counter <= 5; counter += 1) {
    const leg = await run.client.workflow.getHandle(`${id}/exit/${counter}`).describe().catch(() => null);
    if (leg !== null) count += 1;
  }
  return count;
}

it('hands over what fell below the minimum of the exchange, instead of trying for ever', async () => {
  await run.paper.setPrice('ETHUSDT', '2600', '2601');
  const timed = await run.start(positionConfig({ ...eth, controllerId: 'dust-timed', amountBase: '0.0021' }, { stopLossFraction: '0.5', timeLimitSeconds: 10 }));
  const stopped = await run.start(positionConfig({ ...eth, controllerId: 'dust-stopped', amountBase: '0.0021' }, { stopLossFraction: '0.5' }));
  for (const id of [timed, stopped]) await run.until(() => run.live(id), (report) => report.is_trading, `${id} is filled`);
  // 0.002 ETH cost more than the minimum notional of 5 and are worth less now.
  await run.paper.setPrice('ETHUSDT', '2480', '2481');
  await run.client.workflow.getHandle(stopped).signal('early_stop');
  const reports = await Promise.all([timed, stopped].map((id) => run.closed(id)));
  expect(reports).toMatchObject([
    { close_type: 'POSITION_HOLD', outcome: 'PARTIAL' },
    { close_type: 'POSITION_HOLD', outcome: 'STOPPED' },
  ]);
  for (const report of reports) {
    expect(report.last_error).toContain('handed over');
    expect(await exitsOf(report.executor_id)).toBe(1);
    const state = await run.client.workflow.getHandle(`controller/${report.controller_id}`).query<ControllerState>('positions');
    expect(state.positions.map((position) => position.held.netBase)).toEqual(['0.0020979']);
  }
}, 120_000);

it('closes what a thin book takes once the book is back', async () => {
  await run.paper.setPrice('ETHUSDT', '2600', '2601');
  const id = await run.start(positionConfig({ ...eth, amountBase: '0.1' }, { stopLossFraction: '0.02' }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'it is filled');
  await run.paper.setBook('ETHUSDT', { bids: [['2500', '0.05']], asks: [['2501', '10']] });
  const said = /^the exchange ended \d+ orders in a row without filling them$/;
  await run.until(() => run.live(id), ({ why }) => why.some(({ evidence }) => said.test(String(evidence['message']))), 'half of it is sold, and nothing takes the rest');
  // The barrier came first: the answer says what happens, not what was asked for.
  const answer = await run.client.workflow.getHandle(id).executeUpdate('stop', { args: [{ keep_position: true }] });
  expect(answer).toMatchObject({ keep_position: false, reason: 'stop_loss', quantity_to_close_base: '0.0499', quantity_to_hand_over_base: '0', decided_now: false });
  await run.paper.setPrice('ETHUSDT', '2500', '2501');
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'STOP_LOSS', outcome: 'COMPLETED', hold: null });
  expect(await exitsOf(id)).toBe(1);
}, 90_000);

it('refuses an amount that its own fee would make too small to close', async () => {
  await run.price('60000', '60000.01');
  const before = (await run.paper.orders({ symbol: SYMBOL })).length;
  const report = await run.closed(await run.start(positionConfig({ amountBase: '0.00009' })));
  expect(report).toMatchObject({ close_type: 'FAILED', outcome: 'REFUSED', volume_quote: '0' });
  expect(report.last_error).toContain('after the fee');
  expect((await run.paper.orders({ symbol: SYMBOL })).length).toBe(before);
});

it('ignores signals that nobody can read', async () => {
  await run.price('60000', '60000.01');
  const id = await run.start(positionConfig({ controllerId: 'unreadable' }));
  await run.until(() => run.live(id), (report) => report.is_trading, 'it is filled');
  const handle = run.client.workflow.getHandle(id);
  await handle.signal('attention', null);
  await handle.signal('leg_progress', { leg: `${id}/exit/1`, report: {} });
  await handle.signal('leg_ended', { leg: `${id}/exit/1`, result: {} });
  await run.client.workflow.getHandle(`${id}/exit/1`).signal('fill_report', { sequence: 9e30 });
  await run.client.workflow.getHandle(`${id}/exit/1`).signal('leg_command', { kind: 'explode' });
  await handle.signal('handover', { controller_id: 'a/b\n"c' });
  const report = await run.closed(id);
  expect(report).toMatchObject({ close_type: 'POSITION_HOLD', outcome: 'STOPPED' });
  expect(report.why.filter((entry) => entry.decision.includes('malformed'))).toHaveLength(3);
  await run.client.workflow.getHandle('controller/unreadable').signal('executor_closed', {});
  // A tag that is none leaves the quantity with the executor's own controller.
  const state = await run.client.workflow.getHandle('controller/unreadable').query<ControllerState>('positions');
  expect(state.positions.map((position) => position.held.netBase)).toEqual(['0.00999']);
});
