import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findFreePort, isPortFree } from '../../processes/free-ports.js';
import { GuardedChild, type ChildExit } from '../../processes/guarded-child.js';
import { resolveAnvilBinary } from './anvil-binary.js';
import { putAsideUnreadableState } from './state-file.js';
import { LOCAL_CHAIN_ID, PUBLIC_TEST_PHRASE } from './test-accounts.js';

export interface LocalChainOptions {
  /** Keeps the chain; without one it forgets everything when it ends. */
  readonly stateFile?: string;
  /** 0 or nothing: a free one. A stated port that is taken is an error. */
  readonly port?: number;
  /** Seconds between blocks; nothing: a block for every transaction, at once. */
  readonly blockSeconds?: number;
  readonly logFile?: string;
  /** By default the one that is installed. */
  readonly anvilPath?: string;
  /** Bound on the start. Default 20,000 ms. */
  readonly startTimeoutMs?: number;
  readonly onProgress?: (message: string) => void;
}

const HOST = '127.0.0.1';
const START_TRIES = 5;
const STOP_TIMEOUT_MS = 5_000;
/** Blocks whose state can still be read: enough for a reader that is a few blocks late. */
const STATES_KEPT = 64;
const PROBE_MS = 15;
const PROBE_TIMEOUT_MS = 1_000;

/**
 * A local EVM chain as a child of this process; it cannot outlive it. Port and state stay the same through `restart()`.
 * Killed, it keeps what it mined up to a second before; transactions that wait for a block are lost, as on a reorganised
 * chain.
 */
export class LocalChain {
  readonly port: number;
  readonly rpcUrl: string;
  readonly #launch: () => Promise<GuardedChild>;
  #child: GuardedChild;

  constructor(child: GuardedChild, launch: () => Promise<GuardedChild>, port: number) {
    this.#child = child;
    this.#launch = launch;
    this.port = port;
    this.rpcUrl = rpcUrlOf(port);
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

  /** Starts it again on the same port and state, ending it first when it still runs. Resolves when it answers. */
  async restart(): Promise<void> {
    if (this.#child.exit === undefined) await this.stop();
    this.#child = await this.#launch();
  }
}

/** Starts a chain and waits until it answers. Throws with the end of its log when it does not; nothing is left running then. */
export async function startLocalChain(options: LocalChainOptions = {}): Promise<LocalChain> {
  const anvilPath = options.anvilPath ?? resolveAnvilBinary();
  if (options.stateFile !== undefined) await mkdir(dirname(options.stateFile), { recursive: true });
  const stated = options.port !== undefined && options.port !== 0;
  for (let attempt = 1; ; attempt += 1) {
    const port = stated ? (options.port ?? 0) : await findFreePort(HOST);
    if (!(await isPortFree(port, HOST))) throw new Error(`port: ${port} is already in use on ${HOST}`);
    const launch = async (): Promise<GuardedChild> => await launchChain(anvilPath, options, port);
    try {
      return new LocalChain(await launch(), launch, port);
    } catch (error) {
      // A free port can be taken between its choice and its use.
      if (stated || attempt >= START_TRIES || (await isPortFree(port, HOST))) throw error;
    }
  }
}

async function launchChain(anvilPath: string, options: LocalChainOptions, port: number): Promise<GuardedChild> {
  if (options.stateFile !== undefined && putAsideUnreadableState(options.stateFile)) {
    options.onProgress?.(`the local chain's state was cut short and is put aside; the chain starts empty`);
  }
  const child = await GuardedChild.start({
    name: 'local chain',
    command: anvilPath,
    args: chainArguments(options, port),
    env: chainEnvironment(),
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  try {
    await untilAnswering(child, port, options.startTimeoutMs ?? 20_000);
    return child;
  } catch (error) {
    await child.kill();
    throw new Error(`local chain: ${error instanceof Error ? error.message : String(error)}\n${child.logTail().slice(-10).join('\n')}`);
  }
}

function chainArguments(options: LocalChainOptions, port: number): string[] {
  const args = ['--host', HOST, '--port', String(port), '--chain-id', String(LOCAL_CHAIN_ID), '--mnemonic', PUBLIC_TEST_PHRASE];
  // Without a bound the state of every block is written under the home directory, and stays there.
  args.push('--prune-history', String(STATES_KEPT), '--quiet');
  if (options.stateFile !== undefined) args.push('--state', options.stateFile, '--state-interval', '1');
  if (options.blockSeconds !== undefined) args.push('--block-time', String(options.blockSeconds));
  return args;
}

/** The chain needs no setting and no secret of ours. */
function chainEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

async function untilAnswering(child: GuardedChild, port: number, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (child.exit !== undefined) throw new Error(GuardedChild.describeExit(child.exit));
    const chainId = await askChainId(port);
    if (chainId === LOCAL_CHAIN_ID) return;
    if (chainId !== null) throw new Error(`port ${port} answers for chain ${chainId}`);
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
  }
  throw new Error(`not ready within ${timeoutMs} ms`);
}

/** Null while nobody answers. */
async function askChainId(port: number): Promise<number | null> {
  try {
    const answer = await fetch(rpcUrlOf(port), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const { result } = (await answer.json()) as { readonly result?: unknown };
    return typeof result === 'string' ? Number(result) : null;
  } catch {
    return null;
  }
}

function rpcUrlOf(port: number): string {
  return `http://${HOST}:${port}`;
}
