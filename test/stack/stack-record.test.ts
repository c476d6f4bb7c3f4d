import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStackRecord, removeStackRecord, writeStackRecord, type StackRecord } from '../../src/stack/stack-record.js';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stack-record-'));
  file = join(directory, 'new', 'stack.json');
});

afterEach(() => rmSync(directory, { recursive: true }));

const RECORD: StackRecord = { pid: process.pid, temporalAddress: '127.0.0.1:7233', namespace: 'default', ownServer: true };

describe('the record of the running stack', () => {
  it('is there from its writing to its removal', () => {
    expect(readStackRecord(file)).toBeUndefined();
    writeStackRecord(RECORD, file);
    expect(readStackRecord(file)).toEqual(RECORD);
    removeStackRecord(file);
    expect(existsSync(file)).toBe(false);
  });

  it('of a killed stack counts as none', () => {
    writeStackRecord({ ...RECORD, pid: 4_194_304 }, file);
    expect(readStackRecord(file)).toBeUndefined();
  });

  it('of another stack is left alone', () => {
    writeStackRecord({ ...RECORD, pid: process.ppid }, file);
    removeStackRecord(file);
    expect(readStackRecord(file)?.pid).toBe(process.ppid);
  });
});
