/**
 * Program of its own: lets the SDK download the CLI into the folder named by the first argument. The SDK offers the
 * download only as part of starting a server, so one is started and stopped.
 */
import { Runtime } from '@temporalio/worker';
import { CLI_VERSION } from './cli-release.js';

async function main(): Promise<void> {
  const downloadDir = process.argv[2];
  if (downloadDir === undefined) throw new Error('the download folder is missing: first argument');
  const runtime = Runtime.instance();
  const server = await runtime.createEphemeralServer({
    type: 'dev-server',
    exe: {
      type: 'cached-download',
      downloadDir,
      version: `v${CLI_VERSION}`,
      ttl: 0,
      sdkName: 'sdk-typescript',
      sdkVersion: '1.24.0',
    },
    namespace: 'default',
    ip: '127.0.0.1',
    port: null,
    uiPort: null,
    dbFilename: null,
    ui: false,
    log: { format: 'pretty', level: 'error' },
    extraArgs: [],
  });
  await runtime.shutdownEphemeralServer(server);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    // The reason is at the end of a long chain of causes with addresses in between.
    const causes = message.replaceAll(/\(?https?:\/\/\S+\)?/g, '(address)').split(': ');
    process.stderr.write(`${causes.slice(-3).join(': ')}\n`);
    process.exit(1);
  },
);
