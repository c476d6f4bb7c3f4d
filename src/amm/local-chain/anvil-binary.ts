import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Where a platform's package keeps its binary; names are those of the packages. */
const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * The anvil binary: `ANVIL_BIN` when it is set, else the one installed for this platform. Not the script that npm links as
 * `anvil`: that starts the binary as a child of its own, and killing the script leaves the chain running.
 * Throws when there is none, saying what to do.
 */
export function resolveAnvilBinary(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const stated = env['ANVIL_BIN'];
  if (stated !== undefined && stated !== '') {
    if (!existsSync(stated)) throw new Error(`ANVIL_BIN: there is no file ${stated}`);
    return stated;
  }
  const platform = `${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  try {
    return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/bin/anvil${suffix}`);
  } catch {
    throw new Error(`no anvil is installed for ${platform}; install the development dependencies, or name a binary in ANVIL_BIN`);
  }
}
