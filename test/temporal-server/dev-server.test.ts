import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../src/processes/free-ports.js';
import { startDevServer, type DevServer } from '../../src/temporal-server/dev-server.js';
import { isAlive, waitUntilGone } from '../processes/process-end.js';

async function startedWorkflows(server: DevServer): Promise<string[]> {
  const connection = await Connection.connect({ address: server.address });
  try {
    const client = new Client({ connection, namespace: server.namespace });
    const ids: string[] = [];
    for await (const execution of client.workflow.list()) ids.push(execution.workflowId);
    return ids;
  } finally {
    await connection.close();
  }
}

async function startWorkflow(server: DevServer, workflowId: string): Promise<void> {
  const connection = await Connection.connect({ address: server.address });
  try {
    const client = new Client({ connection, namespace: server.namespace });
    await client.workflow.start('neverPolled', { taskQueue: 'nobody', workflowId });
  } finally {
    await connection.close();
  }
}

describe('a dev server with a database file', () => {
  let directory: string;
  let server: DevServer;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'dev-server-'));
    server = await startDevServer({
      databaseFile: join(directory, 'data', 'temporal.db'),
      uiPort: 0,
      namespace: 'trading',
      logFile: join(directory, 'temporal.log'),
    });
  });

  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it('serves its namespace and the Web UI', async () => {
    expect(await startedWorkflows(server)).toEqual([]);
    expect((await fetch(String(server.uiUrl))).status).toBe(200);
  });

  it('is the same server after SIGKILL and after a clean stop: address, Web UI, executions', async () => {
    const { address, uiUrl } = server;
    await startWorkflow(server, 'before-the-kill');
    await server.kill();
    await server.restart();
    await startWorkflow(server, 'before-the-stop');
    const killed = server.pid;
    await server.stop();
    await server.restart();
    expect(server.pid).not.toBe(killed);
    expect({ address: server.address, uiUrl: server.uiUrl }).toEqual({ address, uiUrl });
    await expect.poll(async () => (await startedWorkflows(server)).sort()).toEqual(['before-the-kill', 'before-the-stop']);
  });
});

describe('the start of a dev server', () => {
  it('refuses a stated port that is taken', async () => {
    const port = await findFreePort();
    const holder = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    await expect(startDevServer({ port })).rejects.toThrow(`port: ${port} is already in use on 127.0.0.1`);
    await new Promise((resolve) => holder.close(resolve));
  });

  it('that fails carries what the server said', async () => {
    const starting = startDevServer({ databaseFile: tmpdir() });
    await expect(starting).rejects.toThrow(/ended while starting: exited with code 1\n[^]*unable to open database file/);
  });

  it('names a value that is no port', async () => {
    await expect(startDevServer({ port: 70_000 })).rejects.toThrow('port: must be a whole number from 0 to 65535, got 70000');
  });

  it('succeeds for several at once', async () => {
    const servers = await Promise.all(Array.from({ length: 3 }, async () => await startDevServer()));
    expect(new Set(servers.map((server) => server.address)).size).toBe(3);
    await Promise.all(servers.map(async (server) => await server.kill()));
  });
});

describe('the parent of a dev server', () => {
  it('takes it along when it is killed', async () => {
    const program = fileURLToPath(new URL('fixtures/server-parent.ts', import.meta.url));
    const parent = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve, reject) => {
      parent.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
      parent.once('exit', (code) => reject(new Error(`the parent ended with ${code}`)));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitUntilGone(pid);
  });
});
