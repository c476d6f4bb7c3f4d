/**
 * `npm start [-- --data DIR]`: the stack in the foreground with everything it must remember under `.data/`. Ctrl-C
 * stops it cleanly, a second Ctrl-C at once; started again it resumes every running executor.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { preferPort } from '../src/processes/free-ports.js';
import { PROJECT_ROOT } from '../src/stack/launch-program.js';
import { choosePriceFeed } from '../src/stack/price-feed.js';
import { removeStackRecord, writeStackRecord } from '../src/stack/stack-record.js';
import type { Stack, StackPorts } from '../src/stack/stack-options.js';
import { startStack } from '../src/stack/start-stack.js';

const PREFERRED_PORTS = { temporal: 7233, temporalUi: 8233, http: 8000 } as const;
const HARD_STOP_AFTER_MS = 45_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const { feed, sentence } = await choosePriceFeed(values.data === undefined ? {} : { directory: values.data });
  say(sentence);
  const interrupted = onInterrupt();
  const starting = startStack({
    dataDirectory: join(PROJECT_ROOT, '.data'),
    ports: await choosePorts(),
    feed,
    restartWhenTheyDie: true,
    onEvent: say,
  });
  // An interrupt during the start ends this process; the children end with it.
  const stack = await Promise.race([starting, interrupted.then(() => undefined)]);
  if (stack === undefined) process.exit(130);
  announce(stack);
  await interrupted;
  say('Stopping (Ctrl-C again to stop at once) ...');
  void onInterrupt().then(() => process.exit(130));
  setTimeout(() => process.exit(1), HARD_STOP_AFTER_MS).unref();
  removeStackRecord();
  await stack.stop();
  say('Stopped. `npm start` resumes every running executor.');
  process.exit(0);
}

async function choosePorts(): Promise<StackPorts> {
  const ports = { ...PREFERRED_PORTS } as Record<keyof typeof PREFERRED_PORTS, number>;
  for (const name of Object.keys(PREFERRED_PORTS) as (keyof typeof PREFERRED_PORTS)[]) {
    const port = await preferPort(PREFERRED_PORTS[name]);
    if (port !== PREFERRED_PORTS[name]) say(`Port ${PREFERRED_PORTS[name]} is in use, ${name} gets ${port}.`);
    ports[name] = port;
  }
  return ports;
}

function announce(stack: Stack): void {
  const { temporal, http, paper } = stack;
  writeStackRecord({
    pid: process.pid,
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    ownServer: temporal.process !== undefined,
    ...(temporal.uiUrl === undefined ? {} : { uiUrl: temporal.uiUrl }),
    ...(http === undefined ? {} : { httpUrl: http.url }),
  });
  const user = http?.password === 'admin' ? `user ${http.username}, password admin` : `user ${http?.username}, your PASSWORD`;
  say(
    [
      '',
      `HTTP            ${http?.url}  (${user}; API description at ${http?.url}/docs)`,
      `Temporal Web UI ${temporal.uiUrl ?? `(of the server at ${temporal.address})`}`,
      `Temporal gRPC   ${temporal.address}, namespace ${temporal.namespace}`,
      `Paper exchange  ${paper?.url}, control ${paper?.controlUrl}`,
      `Logs            ${stack.logDirectory}`,
      '',
      'Look at it with:',
      '  npm run temporal -- workflow list',
      '  npm run temporal -- workflow describe --workflow-id ID',
      '',
      'Ctrl-C stops it.',
    ].join('\n'),
  );
}

async function onInterrupt(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

function say(message: string): void {
  process.stdout.write(`${message}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
