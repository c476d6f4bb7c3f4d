import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definedEnvironment } from '../../src/processes/environment.js';
import { launchProgram, type Program } from '../../src/stack/launch-program.js';
import { isAlive, waitUntilGone } from '../processes/process-end.js';
import { MARKER_VARIABLE, waitUntilNoneMarked } from './marked-processes.js';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'launch-program-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

function program(env: Record<string, string> = {}): Program {
  return {
    name: 'obedient',
    file: 'test/stack/fixtures/obedient-program.ts',
    env: { ...definedEnvironment(process.env), ...env },
    logFile: join(directory, 'obedient.log'),
  };
}

describe('launching a program', () => {
  it('resolves with what the program announces', async () => {
    const { child, ready } = await launchProgram(program({ GREETING: 'hello' }));
    expect(ready).toEqual({ pid: child.pid, greeting: 'hello' });
    expect(await child.stop()).toEqual({ code: 0, signal: null });
  });

  it('fails with the end of the log when the program ends before it is ready', async () => {
    const launching = launchProgram(program({ MISBEHAVIOUR: 'dies-at-start' }));
    await expect(launching).rejects.toThrow('obedient did not start: exited with code 3\n    no such account');
  });

  it('ends a program that is not ready within the bound', async () => {
    const marker = randomUUID();
    const silent = program({ MISBEHAVIOUR: 'never-ready', [MARKER_VARIABLE]: marker });
    const launching = launchProgram({ ...silent, readyTimeoutMs: 1_500 });
    await expect(launching).rejects.toThrow('obedient did not start: not ready within 1500 ms');
    await waitUntilNoneMarked(marker, 2_000);
  });
});

describe('a program that watches its standard input', () => {
  it('stops when its parent is killed, without any guard', async () => {
    const parent = spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('fixtures/launching-parent.ts', import.meta.url))],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = await new Promise<number>((resolve, reject) => {
      parent.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
      parent.once('exit', (code) => reject(new Error(`the parent ended with ${code}`)));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitUntilGone(pid);
  });
});
