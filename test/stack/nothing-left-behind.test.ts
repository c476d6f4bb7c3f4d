import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MARKER_VARIABLE, markedProcesses, waitForMarked, waitUntilNoneMarked } from './marked-processes.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

let marker: string;
let directory: string;

beforeEach(() => {
  marker = randomUUID();
  directory = mkdtempSync(join(tmpdir(), 'left-behind-'));
});

afterEach(() => {
  for (const line of markedProcesses(marker)) process.kill(Number.parseInt(line, 10), 'SIGKILL');
  rmSync(directory, { recursive: true });
});

type Run = ChildProcessByStdio<null, Readable, null>;

function run(program: string, ...args: string[]): Run {
  // Vitest tells its own workers apart by environment; the inner run must not take itself for one of them.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  return spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    // A killed run cannot remove its temporary files; here they go with the test's own folder.
    env: { ...env, [MARKER_VARIABLE]: marker, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function finish(child: Run): Promise<{ code: number | null; output: string }> {
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  return await new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/** A test that has a server of its own and never ends by itself. */
function endlessTest(): string {
  mkdirSync(join(directory, 'test'));
  const server = join(root, 'src/temporal-server/dev-server.ts');
  const text = `import { startDevServer } from ${JSON.stringify(server)};
    test('endless', async () => { await startDevServer(); await new Promise(() => setInterval(() => {}, 1000)); }, 600000);`;
  writeFileSync(join(directory, 'test', 'endless.test.ts'), text);
  return directory;
}

describe('the test run', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ended by %s leaves no process behind and still counts', async (signal) => {
    const child = run('scripts/test.ts', '--root', endlessTest(), '--globals');
    const finished = finish(child);
    await waitForMarked(marker, 'start-dev');
    child.kill(signal);
    const { code, output } = await finished;
    expect(code).toBe(130);
    expect(output.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed');
    await waitUntilNoneMarked(marker);
  });

  it('that is killed leaves no process behind', async () => {
    const child = run('scripts/test.ts', '--root', endlessTest(), '--globals');
    await waitForMarked(marker, 'start-dev');
    child.kill('SIGKILL');
    await waitUntilNoneMarked(marker);
  });

  it('counts passed and failed tests, files that do not load and errors outside of tests', async () => {
    mkdirSync(join(directory, 'test'));
    const file = (name: string, text: string): void => writeFileSync(join(directory, 'test', `${name}.test.ts`), text);
    file('mixed', 'test("a", () => {}); test("b", () => {}); test("c", () => { throw new Error("c") });');
    file('broken', 'import "./absent.js"; test("e", () => {});');
    file('stray', 'test("f", () => { setTimeout(() => { throw new Error("stray") }, 0); return new Promise((r) => setTimeout(r, 200)); });');
    const { code, output } = await finish(run('scripts/test.ts', '--root', directory, '--globals'));
    expect(code).toBe(1);
    expect(output.trimEnd().split('\n').at(-1)).toBe('3 passed, 3 failed');
  });
});

describe('the whole stack', () => {
  it('ends with its parent when that is killed, and starts again on the same data', async () => {
    const start = async (): Promise<Run> => {
      const parent = run('test/stack/fixtures/stack-parent.ts', directory);
      const line = await new Promise<string>((resolve, reject) => {
        parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
        parent.once('exit', (code) => reject(new Error(`the parent ended with ${code}`)));
      });
      expect((JSON.parse(line) as number[]).filter(Number.isInteger)).toHaveLength(4);
      return parent;
    };
    const first = await start();
    first.kill('SIGKILL');
    const second = await start();
    second.kill('SIGKILL');
    await waitUntilNoneMarked(marker);
  }, 180_000);
});
