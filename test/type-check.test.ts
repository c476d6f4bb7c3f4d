import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from './tidy/project-files.js';

const run = promisify(execFile);

/** A project of its own, without Node's types. The rest is checked by `npm run typecheck`, which takes longer than it is worth here. */
it.each(['workflows'])('%s has no type error', async (project) => {
  const tsc = join(PROJECT_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const errors = await run(process.execPath, [tsc, '--noEmit', '-p', project], { cwd: PROJECT_ROOT }).then(
    () => '',
    (error: { readonly stdout?: string }) => error.stdout ?? String(error),
  );
  expect(errors).toBe('');
}, 120_000);
