import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { choosePorts } from './choose-ports.js';
import { DataDirectoryLock } from './data-directory-lock.js';
import { startExecutors } from './start-executors.js';
import { startPaper, startSecondPaper } from './start-paper.js';
import { startTemporal } from './start-temporal.js';
import { settleBoth } from './settle-both.js';
import { StackBuilder } from './stack-builder.js';
import type { Stack, StackOptions } from './stack-options.js';

/**
 * Starts the stack and resolves when every process is ready. When one does not start, everything is ended again and
 * the error carries the end of that process's log. The processes cannot outlive this one.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const temporary = options.dataDirectory === undefined;
  const dataDirectory = temporary ? mkdtempSync(join(tmpdir(), 'executors-stack-')) : resolve(options.dataDirectory);
  mkdirSync(dataDirectory, { recursive: true });
  const lock = await DataDirectoryLock.acquire(dataDirectory);
  const builder = new StackBuilder({
    dataDirectory,
    logDirectory: resolve(options.logDirectory ?? join(dataDirectory, 'logs')),
    restartWhenTheyDie: options.restartWhenTheyDie ?? false,
    onEvent: options.onEvent ?? (() => undefined),
    onStart: (pid) => lock.addChild(pid),
  });
  const release = (): void => {
    lock.release();
    if (temporary) rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    return await assemble(builder, options, release);
  } catch (error) {
    await builder.killAll();
    release();
    throw error;
  }
}

async function assemble(builder: StackBuilder, wanted: StackOptions, release: () => void): Promise<Stack> {
  const { dataDirectory, logDirectory, onEvent } = builder.options;
  // Only now, under the lock: the processes of an earlier stack may have held the ports until a moment ago.
  const options = { ...wanted, ports: await choosePorts(wanted.ports, wanted.preferredPorts, onEvent) };
  const papers = settleBoth(startPaper(builder, options), startSecondPaper(builder, options));
  const [temporal, [paper, secondPaper]] = await settleBoth(startTemporal(builder, options), papers);
  const executors = await startExecutors(builder, options, temporal, { paper, secondPaper });
  return {
    dataDirectory,
    logDirectory,
    temporal,
    paper,
    secondPaper,
    ...executors,
    stop: async () => {
      await builder.stopAll();
      release();
    },
    kill: async () => {
      await builder.killAll();
      release();
    },
  };
}
