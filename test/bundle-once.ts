import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKFLOW_BUNDLE_VARIABLE, workflowBundle } from '../worker/bundle.js';

/** Once for the whole run, as a deployment does it: every worker that a test starts would make the same one, two seconds of a core each. */
export default async function bundleOnce(): Promise<() => void> {
  const { code } = await workflowBundle();
  const directory = mkdtempSync(join(tmpdir(), 'executors-test-bundle-'));
  const file = join(directory, 'workflow-bundle.cjs');
  writeFileSync(file, code);
  // Test files run in processes that inherit it.
  process.env[WORKFLOW_BUNDLE_VARIABLE] = file;
  return () => rmSync(directory, { recursive: true, force: true });
}
