import { definedEnvironment } from '../processes/environment.js';
import { runCommand } from '../processes/run-command.js';
import { OLDEST_SERVER } from './cli-release.js';

export type CliCheck =
  | { readonly kind: 'works'; readonly versionLine: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly reason: string };

/** Runs `temporal --version` and reads the server it carries: `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. */
export async function checkCli(
  path: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<CliCheck> {
  const result = await runCommand(path, ['--version'], { timeoutMs: 20_000, env: definedEnvironment(env) });
  switch (result.kind) {
    case 'not-found':
      return { kind: 'missing' };
    case 'not-run':
      return { kind: 'unusable', reason: `${path} --version: ${result.reason}` };
    case 'ended':
      return readVersion(path, result.code, result.stdout.trim(), result.stderr.trim());
  }
}

function readVersion(path: string, code: number, stdout: string, stderr: string): CliCheck {
  if (code !== 0) return { kind: 'unusable', reason: `${path} --version ended with code ${code}: ${stderr.slice(0, 300)}` };
  const server = /Server (\d+)\.(\d+)/.exec(stdout);
  if (server === null) {
    return { kind: 'unusable', reason: `${path} --version names no server version, it printed: ${stdout.slice(0, 300)}` };
  }
  const [major, minor] = [Number(server[1]), Number(server[2])];
  const [oldestMajor, oldestMinor] = OLDEST_SERVER;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return { kind: 'unusable', reason: `${path} carries server ${major}.${minor}, older than ${OLDEST_SERVER.join('.')}` };
  }
  return { kind: 'works', versionLine: stdout };
}
