import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { archiveLocation, openReportArchive } from '../../src/archive/open-archive.js';
import { archiveContract } from './archive-contract.js';
import { sampleReport } from './sample-report.js';

const folder = mkdtempSync(join(tmpdir(), 'archive-'));
let files = 0;
function newPath(): string {
  files += 1;
  return join(folder, `${files}`, 'reports.db');
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

archiveContract('SQLite', () => openReportArchive({ kind: 'sqlite', path: newPath() }));

const WRITER = fileURLToPath(new URL('./archive-writer.ts', import.meta.url));

/** A process of its own, as worker and HTTP facade are to each other. Answers what it printed. */
function writer(path: string, first: number, count: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', WRITER, path, String(first), String(count)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output.trim()) : reject(new Error(`writer ended with ${code}: ${errors}`))));
  });
}

describe('SQLite archive file', () => {
  it('is opened, migrated and written by several processes at once', async () => {
    const path = newPath();
    // Overlapping ranges: both must agree on who recorded which.
    const printed = await Promise.all([writer(path, 0, 150), writer(path, 100, 150), writer(path, 50, 150)]);
    const recorded = printed.map(Number).reduce((sum, count) => sum + count, 0);
    expect(recorded).toBe(250);
    const archive = await openReportArchive({ kind: 'sqlite', path });
    expect(await archive.count({})).toBe(250);
    await archive.close();
  });

  it('shows one process at once what another recorded', async () => {
    const path = newPath();
    const [reader, recorder] = [await openReportArchive({ kind: 'sqlite', path }), await openReportArchive({ kind: 'sqlite', path })];
    expect(await reader.find('late')).toBeNull();
    await recorder.record(sampleReport('late', 5));
    expect(await reader.find('late')).not.toBeNull();
    await Promise.all([reader.close(), recorder.close()]);
  });

  it('does not make readers wait for a writer', async () => {
    const path = newPath();
    const archive = await openReportArchive({ kind: 'sqlite', path });
    const file = new Database(path);
    expect(file.pragma('journal_mode', { simple: true })).toMatchObject({ journal_mode: 'wal' });
    file.exec('begin immediate');
    // A writer holds the file: reading goes on.
    expect(await archive.count({})).toBe(0);
    file.exec('rollback');
    file.close();
    await archive.close();
  });

  it('of a newer program is refused', async () => {
    const path = newPath();
    await (await openReportArchive({ kind: 'sqlite', path })).close();
    const file = new Database(path);
    file.exec('insert into archive_migrations (version, applied_at_ms) values (99, 0)');
    file.close();
    await expect(openReportArchive({ kind: 'sqlite', path })).rejects.toThrow('schema version 99 is newer');
  });
});

describe('archive location', () => {
  it('is DATABASE_URL, else the named file, else the default', () => {
    expect(archiveLocation({ DATABASE_URL: 'postgresql://u:p@h/d', DURABLE_EXECUTORS_ARCHIVE: 'x' }, 'd')).toEqual({ kind: 'postgresql', url: 'postgresql://u:p@h/d' });
    expect(archiveLocation({ DATABASE_URL: '', DURABLE_EXECUTORS_ARCHIVE: 'x' }, 'd')).toEqual({ kind: 'sqlite', path: 'x' });
    expect(archiveLocation({}, 'd')).toEqual({ kind: 'sqlite', path: 'd' });
    expect(() => archiveLocation({ DATABASE_URL: 'mysql://secret@h' }, 'd')).toThrow(/^DATABASE_URL: must begin with postgresql:\/\/$/);
  });
});
