import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_PROGRAMS_VARIABLE } from '../src/processes/program-command.js';
import { WORKFLOW_BUNDLE_VARIABLE, workflowBundle } from '../worker/bundle.js';
import { buildPrograms } from './build-programs.js';

/** Once for the whole run, as a deployment does it: every process that a test starts would do the same, seconds of a core each. */
export default async function buildOnce(): Promise<() => void> {
  const { code } = await workflowBundle();
  const directory = mkdtempSync(join(tmpdir(), 'executors-test-bundle-'));
  const file = join(directory, 'workflow-bundle.cjs');
  writeFileSync(file, code);
  const programs = await buildPrograms();
  // Test files run in processes that inherit them.
  process.env[WORKFLOW_BUNDLE_VARIABLE] = file;
  process.env[BUILT_PROGRAMS_VARIABLE] = programs;
  return () => {
    for (const made of [directory, programs]) rmSync(made, { recursive: true, force: true });
  };
}
