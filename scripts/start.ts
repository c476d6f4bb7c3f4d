/**
 * `npm start [-- --data DIR]`: the stack in the foreground with everything it must remember under `.data/`, or under
 * the folder that DURABLE_EXECUTORS_DATA names. Ctrl-C stops it cleanly, a second Ctrl-C at once; started again it
 * resumes every running executor.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SECOND_EXCHANGE } from '../src/demo/two-exchange-executors.js';
import { onInterruption } from '../src/processes/interruption.js';
import { PROJECT_ROOT } from '../src/processes/program-command.js';
import { choosePriceFeed } from '../src/stack/price-feed.js';
import { removeStackRecord, writeStackRecord } from '../src/stack/stack-record.js';
import type { Stack } from '../src/stack/stack-options.js';
import { startStack } from '../src/stack/start-stack.js';

const PREFERRED_PORTS = { temporal: 7233, temporalUi: 8233, http: 8000 } as const;
const HARD_STOP_AFTER_MS = 60_000;
const INTERRUPTED = 130;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const { feed, sentence } = await choosePriceFeed(values.data === undefined ? {} : { directory: values.data });
  say(sentence);
  // The children cannot outlive this process, however it ends.
  const interruption = onInterruption(() => process.exit(INTERRUPTED));
  const starting = startStack({
    dataDirectory: process.env['DURABLE_EXECUTORS_DATA'] ?? join(PROJECT_ROOT, '.data'),
    preferredPorts: PREFERRED_PORTS,
    feed,
    perpetual: true,
    secondPaper: SECOND_EXCHANGE,
    restartWhenTheyDie: true,
    onEvent: say,
  });
  const stack = await Promise.race([starting, interruption.happened.then(() => undefined)]);
  if (stack === undefined) process.exit(INTERRUPTED);
  announce(stack);
  await interruption.happened;
  say('Stopping (Ctrl-C again to stop at once) ...');
  setTimeout(() => process.exit(1), HARD_STOP_AFTER_MS).unref();
  removeStackRecord();
  await stack.stop();
  say('Stopped. `npm start` resumes every running executor.');
  process.exit(0);
}

function announce(stack: Stack): void {
  const { temporal, http, paper, secondPaper } = stack;
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
      `HTTP            ${http?.url}  (${user}; API description at ${http?.url}/openapi.json)`,
      `Temporal Web UI ${temporal.uiUrl ?? `(of the server at ${temporal.address})`}`,
      `Temporal gRPC   ${temporal.address}, namespace ${temporal.namespace}`,
      `Paper exchange  ${paper?.url}, control ${paper?.controlUrl}`,
      `Second paper    ${secondPaper?.url}, control ${secondPaper?.controlUrl}`,
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

function say(message: string): void {
  process.stdout.write(`${message}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
