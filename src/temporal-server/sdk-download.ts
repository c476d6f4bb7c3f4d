import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { definedEnvironment } from '../processes/environment.js';
import { runCommand } from '../processes/run-command.js';
import { installExecutable } from './install-file.js';

const DOWNLOAD_TIMEOUT_MS = 3 * 60_000;
const SMALLEST_EXECUTABLE_BYTES = 1_000_000;

/**
 * Installs the CLI at `target` with the Temporal SDK's own downloader, which serves machines without Python. It runs in
 * a process of its own because it needs the SDK's native runtime, which this process may not want or may configure
 * differently. Without a network it fails within half a second, nearly all of it the start of that process.
 */
export async function installWithSdk(target: string, cacheDirectory: string): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true });
  const directory = await mkdtemp(join(cacheDirectory, '.sdk-'));
  try {
    const program = fileURLToPath(new URL('sdk-download-main.ts', import.meta.url));
    const result = await runCommand(process.execPath, ['--import', 'tsx', program, directory], {
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      env: definedEnvironment(process.env),
    });
    if (result.kind === 'not-found') throw new Error('node could not be started');
    if (result.kind === 'not-run') throw new Error(result.reason);
    if (result.code !== 0) throw new Error(result.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? 'no output');
    await installExecutable({ path: await findExecutable(directory) }, target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The downloader chooses the file's name itself, so the one large file in its own folder is taken. */
async function findExecutable(directory: string): Promise<string> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const info = await stat(path);
    if (info.isFile() && info.size > SMALLEST_EXECUTABLE_BYTES) return path;
  }
  throw new Error('the download left no executable');
}
