import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { GuardedChild } from '../../src/processes/guarded-child.js';
import { isAlive, waitUntilGone } from './process-end.js';

const started: number[] = [];

afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

async function startProgram(program: string, logFile?: string): Promise<GuardedChild> {
  const child = await GuardedChild.start({
    name: 'program',
    command: process.execPath,
    args: ['-e', program],
    env: {},
    ...(logFile === undefined ? {} : { logFile }),
  });
  started.push(child.pid);
  return child;
}

async function startGuardingParent(): Promise<{ parent: number; child: number }> {
  const program = fileURLToPath(new URL('fixtures/guarding-parent.ts', import.meta.url));
  const parent = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    parent.once('exit', (code) => reject(new Error(`the parent ended with ${code}`)));
  });
  const pids = JSON.parse(line) as { parent: number; child: number };
  started.push(pids.parent, pids.child);
  return pids;
}

describe('a guarded child', () => {
  it('ends when its parent is killed, although it ignores SIGTERM', async () => {
    const { parent, child } = await startGuardingParent();
    process.kill(parent, 'SIGKILL');
    await waitUntilGone(child);
  });

  it('ends when its parent is killed while it is frozen', async () => {
    const { parent, child } = await startGuardingParent();
    process.kill(child, 'SIGSTOP');
    process.kill(parent, 'SIGKILL');
    await waitUntilGone(child);
  });

  it('is stopped by SIGTERM within the bound, and by SIGKILL after it', async () => {
    const obedient = await startProgram('setInterval(() => {}, 1000)');
    expect(await obedient.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    const stubborn = await startProgram('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)');
    while (stubborn.logTail().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await stubborn.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('keeps the last lines and appends all of them to its log file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'guarded-child-'));
    const logFile = join(directory, 'logs', 'program.log');
    const program = 'for (let i = 0; i < 100; i++) console.error("line " + i); process.stderr.write("end"); process.exitCode = 3';
    const child = await startProgram(program, logFile);
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(child.logTail()).toHaveLength(41);
    expect(child.logTail().slice(-2)).toEqual(['line 99', 'end']);
    await expect.poll(() => readFileSync(logFile, 'utf8')).toMatch(/^line 0\n[^]*line 99\nend$/);
    rmSync(directory, { recursive: true });
  });

  it('names the program that cannot be started', async () => {
    const start = GuardedChild.start({ name: 'absent', command: '/nowhere/program', args: [], env: {} });
    await expect(start).rejects.toThrow(/absent: cannot start \/nowhere\/program/);
  });
});
