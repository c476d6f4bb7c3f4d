import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../processes/program-command.js';

/** What other commands need to know about a running stack. No secrets. */
export interface StackRecord {
  /** Process that supervises the stack. */
  readonly pid: number;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** False for an outside server, which the user's own `TEMPORAL_*` settings describe completely. */
  readonly ownServer: boolean;
  readonly uiUrl?: string;
  readonly httpUrl?: string;
}

/** Where a stack announces itself; a variable, so that several can be told apart on one machine. */
export const STACK_RECORD_FILE = process.env['DURABLE_EXECUTORS_STACK_RECORD'] ?? join(PROJECT_ROOT, '.data', 'stack.json');

/** Announces the stack of this process until {@link removeStackRecord}; a later stack takes the place. */
export function writeStackRecord(record: StackRecord, file = STACK_RECORD_FILE): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(temporary, file);
}

/** Removes the announcement if it is still that of this process. */
export function removeStackRecord(file = STACK_RECORD_FILE): void {
  if (parseRecord(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** The stack that runs now, or undefined: a record whose process is gone was left by a kill. */
export function readStackRecord(file = STACK_RECORD_FILE): StackRecord | undefined {
  const record = parseRecord(file);
  if (record === undefined) return undefined;
  try {
    process.kill(record.pid, 0);
    return record;
  } catch {
    return undefined;
  }
}

function parseRecord(file: string): StackRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackRecord;
  } catch {
    return undefined;
  }
}
