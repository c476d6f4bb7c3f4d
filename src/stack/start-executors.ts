import { writeFileSync } from 'node:fs';
import { describeProcess } from './describe-process.js';
import { paperConfiguration, type ExecutorsConfiguration } from './executors-configuration.js';
import { launchProgram } from './launch-program.js';
import { archiveFileIn, httpEnvironment, workerEnvironment, type ExecutorSettings } from './process-environments.js';
import { settleBoth } from './settle-both.js';
import type { StackBuilder } from './stack-builder.js';
import type { Stack, StackOptions } from './stack-options.js';
import type { StackTemporal } from './start-temporal.js';

type Executors = Pick<Stack, 'worker' | 'http' | 'archiveFile' | 'configurationFile' | 'workerEnvironment'>;

const HOST = '127.0.0.1';
/**
 * Room for what a rush of fills allocates: by Node's default it is swept many times in the middle of it. And garbage is
 * collected before it is as much as what lives: a worker with many idle executors is given no memory for it.
 */
export const WORKER_NODE_ARGS = ['--max-semi-space-size=64', '--heap-growing-percent=50'];

/** Writes the configuration file and starts the worker and the HTTP facade. */
export async function startExecutors(
  builder: StackBuilder,
  options: StackOptions,
  temporal: StackTemporal,
  papers: Pick<Stack, 'paper' | 'secondPaper'>,
): Promise<Executors> {
  const configuration = configure(options, papers);
  const configurationFile = builder.dataFile('executors.json');
  writeFileSync(configurationFile, `${JSON.stringify(fileContent(configuration), null, 2)}\n`);
  const settings: ExecutorSettings = {
    ownServer: temporal.process === undefined ? undefined : temporal,
    namespace: temporal.namespace,
    dataDirectory: builder.options.dataDirectory,
    configurationFile,
    extra: options.env ?? {},
  };
  const environment = workerEnvironment(settings);
  const { worker: withWorker = true, http: withHttp = true } = options.processes ?? {};
  const [worker, http] = await settleBoth(
    withWorker ? startWorker(builder, environment) : undefined,
    withHttp ? startHttp(builder, options, settings, configuration) : undefined,
  );
  return {
    worker,
    http,
    configurationFile,
    archiveFile: archiveFileIn(settings.dataDirectory),
    workerEnvironment: environment,
  };
}

function configure(options: StackOptions, { paper, secondPaper }: Pick<Stack, 'paper' | 'secondPaper'>): ExecutorsConfiguration {
  const base: ExecutorsConfiguration =
    paper === undefined ? { accounts: [], connectors: {} } : paperConfiguration({ first: paper.url, second: secondPaper?.url }, options.perpetual);
  return options.configure === undefined ? base : options.configure(base);
}

/** Without accounts the file names none, which means the default account; an empty list would be a mistake. */
function fileContent({ accounts, connectors }: ExecutorsConfiguration): object {
  return accounts.length === 0 ? { connectors } : { accounts, connectors };
}

async function startWorker(builder: StackBuilder, env: Readonly<Record<string, string>>): Promise<Stack['worker']> {
  const member = await builder.add('worker', async () => {
    const program = { name: 'worker', file: 'worker/main.ts', nodeArgs: WORKER_NODE_ARGS, env, logFile: builder.logFile('worker') };
    return (await launchProgram(program)).child;
  });
  return describeProcess(member, {});
}

async function startHttp(
  builder: StackBuilder,
  options: StackOptions,
  settings: ExecutorSettings,
  configuration: ExecutorsConfiguration,
): Promise<Stack['http']> {
  return await builder.onPorts({ http: options.ports?.http }, async ([port = 0]) => {
    const env = httpEnvironment({ ...settings, port, configuration });
    const member = await builder.add('http', async () => {
      const program = { name: 'http', file: 'src/http/main.ts', env, logFile: builder.logFile('http') };
      return (await launchProgram(program)).child;
    });
    const { USERNAME: username = '', PASSWORD: password = '' } = env;
    return describeProcess(member, { url: `http://${HOST}:${port}`, username, password });
  });
}
