import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { definedEnvironment } from '../processes/environment.js';
import { findFreePort, isPortFree } from '../processes/free-ports.js';
import { GuardedChild, type ChildExit } from '../processes/guarded-child.js';
import { resolveTemporalCli } from './cli-resolver.js';
import { DEV_SERVER_DYNAMIC_CONFIG, dynamicConfigArguments } from './dynamic-config.js';
import { waitUntilServing } from './wait-until-serving.js';

export interface DevServerOptions {
  /** SQLite file that keeps everything; without one the server forgets all when it ends. */
  readonly databaseFile?: string;
  /** gRPC port; 0 or nothing: a free one. A stated port that is taken is an error. */
  readonly port?: number;
  /** Web UI port, likewise; `'none'` starts no Web UI. Default `'none'`. */
  readonly uiPort?: number | 'none';
  /** Created at start when missing. Default `default`, which always exists. */
  readonly namespace?: string;
  /** The CLI; by default the resolver finds it. */
  readonly cliPath?: string;
  /** Receives the server's log (warnings and errors). */
  readonly logFile?: string;
  /** Added to, and stronger than, `DEV_SERVER_DYNAMIC_CONFIG`. */
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
  /** Bound on the start, in ms, download of the CLI not included. Default 60,000. */
  readonly startTimeoutMs?: number;
  readonly onProgress?: (message: string) => void;
}

const HOST = '127.0.0.1';
const START_TRIES = 5;
const STOP_TIMEOUT_MS = 15_000;

/**
 * A Temporal dev server as a child of this process. Address, ports and database stay the same through `restart()`, so
 * clients and workers reconnect to it by themselves.
 */
export class DevServer {
  readonly address: string;
  readonly namespace: string;
  /** Undefined when no Web UI was asked for. */
  readonly uiUrl: string | undefined;
  readonly port: number;
  readonly uiPort: number | 'none';
  readonly #launch: () => Promise<GuardedChild>;
  #child: GuardedChild;

  constructor(child: GuardedChild, launch: () => Promise<GuardedChild>, settings: LaunchSettings) {
    this.#child = child;
    this.#launch = launch;
    this.port = settings.port;
    this.uiPort = settings.uiPort;
    this.address = `${HOST}:${settings.port}`;
    this.namespace = settings.namespace;
    this.uiUrl = settings.uiPort === 'none' ? undefined : `http://${HOST}:${settings.uiPort}`;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The running (or last) process. */
  get child(): GuardedChild {
    return this.#child;
  }

  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<ChildExit> {
    return await this.#child.stop(timeoutMs);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ChildExit> {
    return await this.#child.kill(signal);
  }

  /** Starts it again on the same ports and database, ending it first when it still runs. Resolves when it answers. */
  async restart(): Promise<void> {
    if (this.#child.exit === undefined) await this.stop();
    this.#child = await this.#launch();
  }
}

interface LaunchSettings {
  readonly port: number;
  readonly uiPort: number | 'none';
  readonly namespace: string;
}

/**
 * Starts a Temporal dev server and waits until it serves the namespace. Throws, with the last lines of the server's
 * log, when it does not within the bound; nothing is left running then.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const cliPath =
    options.cliPath ??
    (await resolveTemporalCli(options.onProgress === undefined ? {} : { onProgress: options.onProgress })).path;
  if (options.databaseFile !== undefined) await mkdir(dirname(options.databaseFile), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const settings = await chooseSettings(options);
    const launch = async (): Promise<GuardedChild> => await launchServer(cliPath, options, settings);
    try {
      return new DevServer(await launch(), launch, settings);
    } catch (error) {
      // A free port can be taken between its choice and its use; the server then ends at once and says so.
      if (attempt >= START_TRIES || !(error instanceof PortTaken)) throw error;
    }
  }
}

async function chooseSettings(options: DevServerOptions): Promise<LaunchSettings> {
  const uiPort = options.uiPort ?? 'none';
  const port = await choosePort('port', options.port);
  return {
    port,
    uiPort: uiPort === 'none' ? 'none' : await choosePort('uiPort', uiPort, port),
    namespace: options.namespace ?? 'default',
  };
}

async function choosePort(name: string, wanted: number | undefined, alreadyChosen?: number): Promise<number> {
  if (wanted === undefined || wanted === 0) {
    const port = await findFreePort(HOST);
    return port === alreadyChosen ? await findFreePort(HOST) : port;
  }
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new Error(`${name}: must be a whole number from 0 to 65535, got ${wanted}`);
  }
  if (!(await isPortFree(wanted, HOST))) throw new Error(`${name}: ${wanted} is already in use on ${HOST}`);
  return wanted;
}

class PortTaken extends Error {}

async function launchServer(cliPath: string, options: DevServerOptions, settings: LaunchSettings): Promise<GuardedChild> {
  for (let attempt = 1; ; attempt += 1) {
    const child = await GuardedChild.start({
      name: 'temporal',
      command: cliPath,
      args: serverArguments(options, settings),
      env: serverEnvironment(),
      ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    });
    try {
      await waitUntilServing({
        address: `${HOST}:${settings.port}`,
        namespace: settings.namespace,
        timeoutMs: options.startTimeoutMs ?? 60_000,
        endedEarly: child.exited.then((exit) => GuardedChild.describeExit(exit)),
      });
      return child;
    } catch (error) {
      await child.kill();
      const log = child.logTail().slice(-15).join('\n');
      const message = `Temporal dev server: ${error instanceof Error ? error.message : String(error)}\n${log}`;
      const portTaken = log.includes('address already in use');
      // The server picks further ports for its inner services by itself and two starting at once can collide there,
      // also on a restart whose own ports are free.
      if (!portTaken) throw new Error(message);
      if (attempt >= START_TRIES || !(await isPortFree(settings.port, HOST))) throw new PortTaken(message);
    }
  }
}

function serverArguments(options: DevServerOptions, settings: LaunchSettings): string[] {
  const args = ['server', 'start-dev', '--ip', HOST, '--port', String(settings.port), '--log-level', 'warn'];
  if (settings.uiPort === 'none') args.push('--headless');
  else args.push('--ui-port', String(settings.uiPort), '--ui-disable-news-fetch');
  if (settings.namespace !== 'default') args.push('--namespace', settings.namespace);
  if (options.databaseFile !== undefined) {
    // Measured: 47 workflows a second with these two, 25 without. A crash of the server loses nothing with them; only
    // a power failure can lose the last moments.
    args.push('--db-filename', options.databaseFile);
    args.push('--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL');
  }
  return [...args, ...dynamicConfigArguments({ ...DEV_SERVER_DYNAMIC_CONFIG, ...options.dynamicConfig })];
}

/** The CLI reads `TEMPORAL_*` settings for its client commands; none of them is meant for a server of our own. */
function serverEnvironment(): Record<string, string> {
  const entries = Object.entries(definedEnvironment(process.env));
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith('TEMPORAL_')));
}
