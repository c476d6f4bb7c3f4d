import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { outageFaults, outageLine } from '../../scripts/outage/outage-report.js';
import { runOutage, type OutageResult } from '../../scripts/outage/run-outage.js';

it('without a server, entries fill and stops are sent, each once, and every report is there afterwards', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'executors-outage-'));
  const said: string[] = [`data and logs in ${directory}`];
  // Longer than the timeouts of lease and sessions.
  const result = await runOutage({ armed: 10, resting: 10, downMs: 12_000, directory, say: (message) => said.push(message) });
  expect(outageFaults(result), said.join('\n')).toEqual([]);
  expect(result).toMatchObject({ positions: 20, exits: 20, audit: { executors: 20, fills: 40 } });
  // Kept when a line above fails: databases and logs are what the fault is found with.
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.stdout.write(`${outageLine(result)}\n`);
}, 300_000);

const SOUND: OutageResult = {
  positions: 2,
  exitsWhileDown: 2,
  exits: 2,
  closeTypes: { STOP_LOSS: 2 },
  lastExitAfterMs: 5,
  lastReportAfterMs: 6,
  audit: { executors: 2, orders: 4, fills: 4, differences: [] },
};

it.each<[string, Partial<OutageResult>, string]>([
  ['an exit that waited for the server', { exitsWhileDown: 1 }, '1 of 2 exits left while the server was down'],
  ['an exit too many', { exits: 3 }, '3 exits for 2 positions'],
  ['another end', { closeTypes: { STOP_LOSS: 1, FAILED: 1 } }, 'close types: {"STOP_LOSS":1,"FAILED":1}'],
  ['a difference', { audit: { ...SOUND.audit, differences: [{ kind: 'overclosed', message: 'executor x' }] } }, 'difference (overclosed): executor x'],
])('%s is a fault of the run', (_name, change, fault) => {
  expect(outageFaults(SOUND)).toEqual([]);
  expect(outageFaults({ ...SOUND, ...change })).toEqual([fault]);
});
