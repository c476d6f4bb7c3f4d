import { spawn, spawnSync } from 'node:child_process';
import { GuardedChild } from '../../src/processes/guarded-child.js';
import { PROJECT_ROOT } from '../tidy/project-files.js';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line as a reader would, in the project's folder, to its end. Bounded. */
export async function runCommand(command: string, env: Readonly<Record<string, string>>, timeoutMs = 30_000): Promise<Finished> {
  const child = spawn('/bin/sh', ['-c', command], { cwd: PROJECT_ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}

const STOP_TIMEOUT_MS = 30_000;

/** A command that stays up, its output by the time it came; it cannot outlive this test. */
export class RunningCommand {
  stdout = '';

  private constructor(private child: GuardedChild | null) {}

  static async start(command: string, env: Readonly<Record<string, string>>, stderrFile: string): Promise<RunningCommand> {
    const running = new RunningCommand(null);
    const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
    running.child = await GuardedChild.start({
      name: command,
      command: '/bin/sh',
      args: ['-c', `exec ${command}`],
      cwd: PROJECT_ROOT,
      env: { ...inherited, ...env },
      logFile: stderrFile,
      onStdout: (chunk) => {
        running.stdout += chunk;
      },
    });
    return running;
  }

  get exited(): GuardedChild['exited'] {
    return this.running.exited;
  }

  /** As a terminal does: to every process in the foreground. */
  interrupt(): void {
    this.signalAll('SIGINT');
  }

  /** Ends all of it, npm and what npm started, also when npm has ended alone. */
  async stop(): Promise<void> {
    this.interrupt();
    for (const deadline = Date.now() + STOP_TIMEOUT_MS; this.signalAll(0) && Date.now() < deadline; ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    this.signalAll('SIGKILL');
    await this.exited;
  }

  /** False when none of them is left. */
  private signalAll(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.running.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  private get running(): GuardedChild {
    if (this.child === null) throw new Error('the command was not started');
    return this.child;
  }
}

/** The first match in a text that is still growing. Throws with its end when none comes in time or the command is over. */
export async function waitForText(text: () => string, pattern: RegExp, until: Promise<unknown>, timeoutMs: number): Promise<RegExpExecArray> {
  let over = false;
  void until.then(() => (over = true));
  for (const deadline = Date.now() + timeoutMs; ; ) {
    const match = pattern.exec(text());
    if (match !== null) return match;
    if (over || Date.now() >= deadline) throw new Error(`${over ? 'ended without' : 'no'} ${String(pattern)}:\n${text().slice(-3_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Processes whose environment holds the mark. */
export function processesMarked(mark: string): readonly string[] {
  const listed = spawnSync('ps', ['axeww'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (listed.status !== 0) throw new Error(`ps failed: ${listed.stderr}`);
  return listed.stdout.split('\n').filter((line) => line.includes(mark));
}
