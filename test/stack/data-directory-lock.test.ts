import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirectoryLock } from '../../src/stack/data-directory-lock.js';
import { isAlive } from '../processes/process-end.js';

let directory: string;
const GONE = 4_194_304;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function leaveLock(content: string): void {
  writeFileSync(join(directory, 'lock.json'), content);
}

describe('the lock of a data directory', () => {
  it('is held by one stack at a time', async () => {
    const lock = await DataDirectoryLock.acquire(directory);
    await expect(DataDirectoryLock.acquire(directory)).rejects.toThrow(
      `${directory} is in use by the stack with process id ${process.pid}; stop that one first`,
    );
    lock.release();
    (await DataDirectoryLock.acquire(directory)).release();
  });

  it('is taken over from a stack that was killed, also in the middle of writing it', async () => {
    leaveLock(JSON.stringify({ pid: GONE, children: [GONE] }));
    (await DataDirectoryLock.acquire(directory)).release();
    leaveLock('{"pid":');
    (await DataDirectoryLock.acquire(directory)).release();
  });

  it('is taken over only when the last child of the killed stack is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1500)'], { stdio: 'ignore' });
    leaveLock(JSON.stringify({ pid: GONE, children: [child.pid] }));
    await expect(DataDirectoryLock.acquire(directory, 200)).rejects.toThrow(
      `${directory}: processes of an earlier stack still run: ${child.pid}`,
    );
    const lock = await DataDirectoryLock.acquire(directory);
    expect(isAlive(child.pid ?? 0)).toBe(false);
    lock.release();
  });
});
