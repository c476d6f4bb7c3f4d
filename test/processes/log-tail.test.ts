import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogTail } from '../../src/processes/log-tail.js';

describe('the log of a child', () => {
  it('is bounded: a full file makes way for a new one, and nothing in between is lost', () => {
    const directory = mkdtempSync(join(tmpdir(), 'log-tail-'));
    const path = join(directory, 'worker.log');
    const log = new LogTail(path, 100);
    for (let line = 0; line < 15; line += 1) log.write(`line ${line} ....\n`);
    log.close();
    const before = readFileSync(`${path}.previous`, 'utf8');
    const now = readFileSync(path, 'utf8');
    expect((before + now).split('\n').filter((line) => line !== '')).toHaveLength(15);
    expect(before.length).toBeLessThan(120);
    expect(now.length).toBeLessThan(120);
    expect(log.lines()).toHaveLength(15);
    rmSync(directory, { recursive: true });
  });
});
