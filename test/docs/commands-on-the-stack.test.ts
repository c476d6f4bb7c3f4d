import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { REPORT_FIELDS } from '../../src/demo/standard-report.js';
import { PROJECT_ROOT } from '../tidy/project-files.js';
import { commandsOf, fillIn, type Placeholders } from './readme-commands.js';
import { processesMarked, runCommand, RunningCommand, waitForText } from './running-command.js';

// One file, because both ask for the same preferred ports.
const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'readme-test-'));
// Found again in the environment of every process of these runs.
const environment = { DURABLE_EXECUTORS_STACK_RECORD: join(folder, 'stack.json'), DURABLE_EXECUTORS_DATA: join(folder, 'data'), TMPDIR: folder, PASSWORD: '', USERNAME: '' };
const started: RunningCommand[] = [];

async function begin(command: string, stderrFile: string): Promise<RunningCommand> {
  const running = await RunningCommand.start(command, environment, stderrFile);
  started.push(running);
  return running;
}

afterAll(async () => {
  await Promise.all(started.map(async (command) => await command.stop()));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function nothingIsLeft(): void {
  expect(processesMarked(folder)).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.startsWith('executors-'))).toEqual([]);
}

describe('the demo, its worker killed in the middle, looked at as the README says', () => {
  const commands = commandsOf(readme, 'demo');
  const one = (part: string): string => commands.find((command) => command.includes(part)) ?? '';
  const looking = commands.filter((command) => command.startsWith('npm run temporal'));
  const stderrFile = join(folder, 'demo.log');
  const stderr = (): string => readFileSync(stderrFile, 'utf8');

  it('shows live prices, and prints one report for each executor', { timeout: 240_000 }, async () => {
    const demo = await begin(one('--json'), stderrFile);
    const said = async (pattern: RegExp): Promise<RegExpExecArray> => await waitForText(stderr, pattern, demo.exited, 60_000);
    await said(/^Prices: /m);
    const [, url = ''] = await said(/^HTTP +(http:\S+)/m);
    const [, worker = ''] = await said(/^Worker +process (\d+)/m);
    const [, id = ''] = await said(/workflow describe -w (\S+)/);
    const placeholders: Placeholders = { WORKER_PID: worker, EXECUTOR_ID: id, url };
    expect(processesMarked(folder).length, 'processes can be told by their mark').toBeGreaterThan(3);
    await said(/stop \S+ \|-*\*-*\| \S+ target +price \S+/);
    expect((await runCommand(fillIn(one('kill'), placeholders), environment)).code).toBe(0);
    await said(/^worker \(pid \d+\) was ended by SIGKILL/m);
    // These need no worker ...
    for (const command of looking.filter((line) => !line.includes('query'))) expect(await answer(command, placeholders), command).toContain(id.slice(0, 8));
    // ... and a query waits for the one that comes back.
    await said(/^worker: running again/m);
    for (const command of looking.filter((line) => line.includes('query'))) expect(await answer(command, placeholders), command).toContain('position planned');
    expect(looking.length).toBeGreaterThan(3);
    expect(await demo.exited, stderr().slice(-2_000)).toEqual({ code: 0, signal: null });
    checkReports(JSON.parse(demo.stdout) as Report[], id);
    nothingIsLeft();
  });

  it('on two exchanges: what was quoted is hedged, what was bought is sold, and both say what they earned', { timeout: 180_000 }, async () => {
    const file = join(folder, 'two.log');
    const demo = await begin(one('--xemm'), file);
    expect(await demo.exited, demo.stdout.slice(-2_000)).toEqual({ code: 0, signal: null });
    for (const name of ['xemm', 'arbitrage']) expect(demo.stdout).toMatch(new RegExp(`^POST /executors +${name} `, 'm'));
    expect(demo.stdout.match(/close_type +(?:COMPLETED|TIME_LIMIT)/g)).toHaveLength(2);
    nothingIsLeft();
  });

  async function answer(command: string, placeholders: Placeholders): Promise<string> {
    const { code, stdout, stderr: complaint } = await runCommand(fillIn(command, placeholders), environment);
    expect(code, `${command}: ${complaint}`).toBe(0);
    return stdout;
  }
});

interface Report {
  readonly executor_id: string;
  readonly executor_type: string;
  readonly close_type: string;
  readonly status: string;
  readonly outcome: string;
  readonly orders: readonly { readonly side: string; readonly totals: { readonly filledBase: string } }[];
}

function checkReports(reports: readonly Report[], positionId: string): void {
  expect(reports.map((report) => report.executor_type)).toEqual(['position_executor', 'order_executor', 'order_executor', 'grid_executor']);
  for (const report of reports) {
    expect(Object.keys(report)).toEqual(expect.arrayContaining([...REPORT_FIELDS]));
    expect(report.status).toBe('TERMINATED');
  }
  const [position, market, limit, grid] = reports as readonly [Report, Report, Report, Report];
  expect(position.executor_id).toBe(positionId);
  expect(['TAKE_PROFIT', 'STOP_LOSS', 'TRAILING_STOP', 'TIME_LIMIT']).toContain(position.close_type);
  expect(position.outcome).toBe('COMPLETED');
  // One way in, the same way out, whatever was killed in between.
  expect(position.orders.map((order) => [order.side, order.totals.filledBase])).toEqual([['SELL', '0.02'], ['BUY', '0.02']]);
  expect([market.close_type, market.outcome]).toEqual(['POSITION_HOLD', 'COMPLETED']);
  expect(market.orders.map((order) => order.totals.filledBase)).toEqual(['0.01']);
  // Filled, or stopped with the position.
  expect([['POSITION_HOLD', 'COMPLETED'], ['POSITION_HOLD', 'STOPPED'], ['EARLY_STOP', 'STOPPED']]).toContainEqual([limit.close_type, limit.outcome]);
  // Stopped with the position, unless one of its own barriers was sooner.
  expect(['EARLY_STOP', 'TIME_LIMIT', 'TAKE_PROFIT', 'STOP_LOSS']).toContain(grid.close_type);
  expect(['STOPPED', 'COMPLETED', 'PARTIAL']).toContain(grid.outcome);
}

describe('npm start', () => {
  const commands = commandsOf(readme, 'start');
  const [create = '', ...others] = commands.filter((line) => line.startsWith('curl'));

  async function start(): Promise<{ readonly command: RunningCommand; readonly url: string }> {
    const command = await begin(commands.find((line) => line.startsWith('npm')) ?? '', join(folder, 'start.log'));
    await waitForText(() => command.stdout, /^Ctrl-C stops it\.$/m, command.exited, 90_000);
    const [, url = ''] = /^HTTP +(http:\S+)/m.exec(command.stdout) ?? [];
    return { command, url };
  }

  async function ask(line: string, url: string, id: string): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await runCommand(fillIn(line, { EXECUTOR_ID: id, WORKER_PID: '', url }), environment);
    expect(code, `${line}: ${stderr}`).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  async function pressCtrlC(command: RunningCommand): Promise<void> {
    command.interrupt();
    await command.exited;
    expect(command.stdout).toMatch(/^Stopped\./m);
  }

  it('serves the requests of the README, stops at Ctrl-C, and resumes what ran when it is started again', { timeout: 240_000 }, async () => {
    const first = await start();
    const created = await ask(create, first.url, '');
    const id = String(created['executor_id']);
    expect(created).toMatchObject({ executor_type: 'position_executor', controller_id: 'readme' });
    await pressCtrlC(first.command);
    expect(processesMarked(folder)).toEqual([]);

    const second = await start();
    const answers = new Map<string, Record<string, unknown>>();
    for (const line of others) answers.set(line, await ask(line, second.url, id));
    const answer = (part: string): Record<string, unknown> => [...answers].find(([line]) => line.includes(part))?.[1] ?? {};
    expect(answer('status=RUNNING')).toMatchObject({ data: [{ executor_id: id, status: 'RUNNING' }] });
    expect(answer('/executors/EXECUTOR_ID')).toMatchObject({ executor_id: id, is_active: true });
    expect(answer('-X DELETE')).toMatchObject({ executor_id: id, keep_position: true });
    expect(answer('positions/summary')).toHaveProperty('total_positions');
    expect(answer('executors/preview')).toMatchObject({ executor_type: 'xemm_executor' });
    expect(answer('openapi.json')).toHaveProperty('paths');
    await pressCtrlC(second.command);
    nothingIsLeft();
  });
});
