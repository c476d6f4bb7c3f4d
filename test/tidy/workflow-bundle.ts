import { builtinModules } from 'node:module';
import type { WorkflowBundle } from '@temporalio/worker';
import type { Finding } from './project-files.js';

/** What may be in the code that runs under replay, besides the workflows themselves. */
const ALLOWED_PACKAGES = new Set(['@temporalio/workflow', '@temporalio/common', '@temporalio/proto', '@temporalio/worker', 'nexus-rpc', 'decimal.js', 'ms', 'long']);
const ALLOWED_FOLDERS = /^(?:workflows|src\/domain|src\/contract)\//;

/** Sources of the bundle, as its own source map lists them. Throws when the bundle has none. */
export function bundledSources(bundle: WorkflowBundle): readonly string[] {
  const code = 'code' in bundle ? bundle.code : '';
  const encoded = /sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)/.exec(code)?.[1];
  if (encoded === undefined) throw new Error('the workflow bundle carries no source map, so its modules are not known');
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { readonly sources: readonly string[] };
  return map.sources;
}

/** A cached workflow costs memory for every module in here, and replay must not depend on the machine. */
export function checkBundledSource(source: string, root: string): readonly Finding[] {
  const path = source.startsWith(root) ? source.slice(root.length) : source;
  if (path.startsWith('webpack/')) return [];
  const builtin = path.replace(/^(?:external )?"?(?:node:)?/, '').replace(/"$/, '');
  if (/^(?:external |node:)/.test(path) || builtinModules.includes(builtin)) return [{ path, rule: 'Node modules must not be in the workflow bundle' }];
  const packagePath = path.split('node_modules/').at(-1);
  if (packagePath !== undefined && packagePath !== path) {
    const [scope = '', name = ''] = packagePath.split('/');
    const found = scope.startsWith('@') ? `${scope}/${name}` : scope;
    return ALLOWED_PACKAGES.has(found) ? [] : [{ path, rule: `package ${found} must not be in the workflow bundle` }];
  }
  return ALLOWED_FOLDERS.test(path) ? [] : [{ path, rule: 'only workflows, src/domain and src/contract may be in the workflow bundle' }];
}
