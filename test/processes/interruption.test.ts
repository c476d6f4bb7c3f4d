import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Longer than what counts as the same press. */
const LATER_MS = 900;

it('takes a press that arrives twice for one, and a later press for a second', async () => {
  const fixture = fileURLToPath(new URL('fixtures/interruptible.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let told = '';
  const until = async (text: string): Promise<void> => {
    while (!told.includes(text)) await new Promise((resolve) => child.stdout.once('data', resolve));
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (told += chunk));
  try {
    await until('ready');
    child.kill('SIGINT');
    await until('first');
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, LATER_MS));
    expect(told).toBe('ready\nfirst true\n');
    child.kill('SIGTERM');
    expect(await exited).toBe(3);
    expect(told).toBe('ready\nfirst true\nsecond\n');
  } finally {
    child.kill('SIGKILL');
  }
});
