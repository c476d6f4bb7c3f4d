import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode, type BundleOptions, type WorkflowBundle, type WorkerOptions } from '@temporalio/worker';

/** The code of all workflows as one bundle, as it runs under replay. `options`: what tests add. */
export async function workflowBundle(options: Omit<BundleOptions, 'workflowsPath'> = {}): Promise<WorkflowBundle> {
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const logAttributes = fileURLToPath(new URL('../workflows/runtime/log-attributes.ts', import.meta.url));
  return bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    ...options,
    workflowsPath,
    workflowInterceptorModules: [...(options.workflowInterceptorModules ?? []), logAttributes],
    // Modules are evaluated once and frozen instead of once for each workflow: none of ours keeps state, a test sees to it.
    preloadModules: [workflowsPath, logAttributes],
  });
}

/** A bundle made before, for processes that are started often. */
export const WORKFLOW_BUNDLE_VARIABLE = 'WORKFLOW_BUNDLE_FILE';

/** What a worker runs: the bundle in the file that the environment names, else one made now. */
export async function bundleToRun(env: Readonly<Record<string, string | undefined>>): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  const codePath = env[WORKFLOW_BUNDLE_VARIABLE];
  return codePath === undefined || codePath === '' ? workflowBundle() : { codePath };
}
