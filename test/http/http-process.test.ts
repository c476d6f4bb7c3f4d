import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { definedEnvironment } from '../../src/processes/environment.js';
import { findFreePort } from '../../src/processes/free-ports.js';
import { GuardedChild } from '../../src/processes/guarded-child.js';
import { programArguments } from '../../src/processes/program-command.js';
import { localServerEnvironment } from '../../src/temporal-server/connection-config.js';

const folder = mkdtempSync(join(tmpdir(), 'http-process-'));
const running: GuardedChild[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((child) => child.kill()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Launched {
  readonly child: GuardedChild;
  readonly stdout: () => string;
  /** Address from the READY line. */
  readonly url: () => Promise<string>;
}

/** The process as `npm start` runs it, against an address where no Temporal server is. */
async function launch(env: Readonly<Record<string, string>>): Promise<Launched> {
  const inherited = Object.entries(definedEnvironment(process.env)).filter(([name]) => !['USERNAME', 'PASSWORD', 'DATABASE_URL'].includes(name));
  const base = localServerEnvironment(Object.fromEntries(inherited), { address: `127.0.0.1:${await findFreePort()}`, namespace: 'default' });
  let stdout = '';
  const child = await GuardedChild.start({
    name: 'http',
    command: process.execPath,
    args: [...programArguments('src/http/main.ts')],
    env: { ...base, HTTP_PORT: '0', DURABLE_EXECUTORS_ARCHIVE: join(folder, 'archive.db'), ...env },
    onStdout: (chunk) => (stdout += chunk),
  });
  running.push(child);
  const url = async (): Promise<string> => {
    for (let tries = 0; tries < 400 && child.exit === undefined; tries += 1) {
      const line = /^READY (\{.*\})$/m.exec(stdout)?.[1];
      if (line !== undefined) return (JSON.parse(line) as { url: string }).url;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not ready:\n${child.logTail().join('\n')}`);
  };
  return { child, stdout: () => stdout, url };
}

describe('the HTTP process', () => {
  it('starts and answers while the Temporal server is away, prints one line, and ends cleanly', async () => {
    const http = await launch({});
    const url = await http.url();
    expect(await (await fetch(`${url}/`)).json()).toMatchObject({ name: 'Durable Executors', status: 'running' });
    const authorization = `Basic ${Buffer.from('admin:admin').toString('base64')}`;
    expect((await fetch(`${url}/executors/nobody/stop`, { method: 'POST' })).status).toBe(401);
    expect((await fetch(`${url}/executors/types/available`, { headers: { authorization } })).status).toBe(200);
    expect(http.stdout().trim().split('\n')).toHaveLength(1);
    http.child.signal('SIGTERM');
    expect(await http.child.exited).toEqual({ code: 0, signal: null });
  });

  it('refuses to start with the default password where other machines can reach it', async () => {
    const http = await launch({ HTTP_HOST: '0.0.0.0' });
    expect((await http.child.exited).code).toBe(1);
    expect(http.child.logTail().join('\n')).toContain('PASSWORD must be set');
    expect(http.stdout()).toBe('');
  });

  it('refuses a broken configuration and names the field', async () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, JSON.stringify({ accounts: [{ name: 'a', connector: 'nasdaq' }] }));
    const http = await launch({ DURABLE_EXECUTORS_CONFIG: file });
    expect((await http.child.exited).code).toBe(1);
    expect(http.child.logTail().join('\n')).toContain('accounts.0.connector');
  });
});
