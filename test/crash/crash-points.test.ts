import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { armedPoint, CRASH_NOTICE, CRASH_POINTS } from '../../activities/crash-points.js';

const CRASH_POINTS_FILE = fileURLToPath(new URL('../../activities/crash-points.ts', import.meta.url));
/** Passes one point twice, another once in between, and says when it got through. */
const PROGRAM = `
  import { crashPoint } from ${JSON.stringify(CRASH_POINTS_FILE)};
  crashPoint('before-send');
  process.stdout.write('first ');
  crashPoint('after-commit');
  process.stdout.write('between ');
  crashPoint('before-send');
  process.stdout.write('through');
`;

function runWith(point: string | undefined): { readonly signal: string | null; readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { CRASH_POINT: _unset, ...env } = process.env;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', PROGRAM];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: point === undefined ? env : { ...env, CRASH_POINT: point } });
}

describe('a crash point', () => {
  it('does nothing unless it is armed', () => {
    expect(runWith(undefined)).toMatchObject({ status: 0, stdout: 'first between through', stderr: '' });
    expect(runWith('after-return')).toMatchObject({ status: 0, stdout: 'first between through', stderr: '' });
  });

  it('ends the process with SIGKILL, after its name is written', () => {
    expect(runWith('after-commit')).toMatchObject({ signal: 'SIGKILL', stdout: 'first ', stderr: `${CRASH_NOTICE}after-commit\n` });
  });

  it('counts its passes', () => {
    expect(runWith('before-send:2')).toMatchObject({ signal: 'SIGKILL', stdout: 'first between ', stderr: `${CRASH_NOTICE}before-send\n` });
    expect(runWith('before-send:3')).toMatchObject({ status: 0, stdout: 'first between through' });
  });

  it('is refused when nobody knows it', () => {
    for (const text of ['nowhere', 'before-send:0', 'before-send:x', ':1']) expect(() => armedPoint(text)).toThrow('CRASH_POINT: ');
    expect(armedPoint(undefined)).toBeNull();
    expect(armedPoint('')).toBeNull();
    expect(CRASH_POINTS.map((point) => armedPoint(point)?.point)).toEqual(CRASH_POINTS);
  });
});
