import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { recordClose } from '../../activities/record-close.js';
import { openReportArchive } from '../../src/archive/open-archive.js';
import { sampleReport } from './sample-report.js';

const directory = mkdtempSync(join(tmpdir(), 'executors-record-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

it('the end of an executor that is decided again is told to nobody else, and the first report stands', async () => {
  const archive = await openReportArchive({ kind: 'sqlite', path: join(directory, 'archive.db') });
  const told: string[] = [];
  const tell = (controllerId: string): Promise<void> => {
    told.push(controllerId);
    return Promise.resolve();
  };
  const first = sampleReport('decided-twice', 1_760_000_000_000);
  const second = { ...first, closed_at_ms: (first.closed_at_ms ?? 0) + 5_000 };
  await recordClose(archive, tell, { report: first, holdControllerId: 'alpha', orphanOf: null }, SILENT);
  await recordClose(archive, tell, { report: second, holdControllerId: 'beta', orphanOf: null }, SILENT);
  expect(told).toEqual(['alpha']);
  expect(await archive.find('decided-twice')).toEqual(first);
  await archive.close();
});
