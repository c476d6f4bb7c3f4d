/**
 * `npm run temporal -- ARGUMENTS`: the Temporal CLI that this project uses, pointed at the running stack, else at
 * `TEMPORAL_ADDRESS`, else at the CLI's own default. Input, output and exit code are the CLI's.
 */
import { spawn } from 'node:child_process';
import { definedEnvironment } from '../src/processes/environment.js';
import { readStackRecord } from '../src/stack/stack-record.js';
import { resolveTemporalCli } from '../src/temporal-server/cli-resolver.js';
import { localServerEnvironment } from '../src/temporal-server/connection-config.js';

async function main(): Promise<number> {
  const cli = await resolveTemporalCli({ onProgress: (message) => process.stderr.write(`${message}\n`) });
  const child = spawn(cli.path, process.argv.slice(2), { stdio: 'inherit', env: environment() });
  // The terminal sends Ctrl-C to the CLI as well; this process waits for what the CLI makes of it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}

function environment(): Record<string, string> {
  const stack = readStackRecord();
  const env = definedEnvironment(process.env);
  if (stack === undefined || !stack.ownServer) return env;
  return localServerEnvironment(env, { address: stack.temporalAddress, namespace: stack.namespace });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
