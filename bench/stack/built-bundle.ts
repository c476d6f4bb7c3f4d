import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKFLOW_BUNDLE_VARIABLE, workflowBundle } from '../../worker/bundle.js';

/** The workflow code bundled before, as a deployment does it, and the environment that names it. */
export async function withBuiltBundle<Answer>(use: (env: Readonly<Record<string, string>>) => Promise<Answer>): Promise<Answer> {
  const directory = mkdtempSync(join(tmpdir(), 'executors-bench-bundle-'));
  try {
    const bundle = await workflowBundle();
    if (!('code' in bundle)) throw new Error('the bundle of the workflows is in a file already');
    const file = join(directory, 'workflow-bundle.cjs');
    writeFileSync(file, bundle.code);
    return await use({ [WORKFLOW_BUNDLE_VARIABLE]: file });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
