import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Puts an executable at `target` so that any other process sees either nothing or the complete file: it is written
 * beside it under a name of its own, flushed and renamed. Two processes that install at once both succeed.
 */
export async function installExecutable(source: Uint8Array | { readonly path: string }, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.installing-${process.pid}-${randomUUID()}`);
  try {
    if (source instanceof Uint8Array) await writeDurably(temporary, source);
    else await copyFile(source.path, temporary);
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
