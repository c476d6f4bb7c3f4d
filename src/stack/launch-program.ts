import { GuardedChild } from '../processes/guarded-child.js';
import { PROJECT_ROOT, programArguments } from '../processes/program-command.js';
import { EXIT_WITH_PARENT_VARIABLE } from './exit-with-parent.js';
import { ReadyLine } from './ready-line.js';

export interface Program {
  readonly name: string;
  /** File of the program, relative to the project's root. */
  readonly file: string;
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Bound on the time until it is ready. Default 120,000 ms: a worker bundles its workflows first. */
  readonly readyTimeoutMs?: number;
}

export interface LaunchedProgram {
  readonly child: GuardedChild;
  /** What the program announced about itself. */
  readonly ready: Readonly<Record<string, unknown>>;
}

/**
 * Starts one of the project's programs and resolves when it has announced `READY {json}`. Throws, with the last lines
 * of its log, when it ends before or takes too long; it is not left running then.
 */
export async function launchProgram(program: Program): Promise<LaunchedProgram> {
  const readyLine = new ReadyLine();
  let settle: { resolve: (ready: Record<string, unknown>) => void; reject: (error: Error) => void } | undefined;
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const child = await GuardedChild.start({
    name: program.name,
    command: process.execPath,
    args: [...(program.nodeArgs ?? []), ...programArguments(program.file), ...(program.args ?? [])],
    cwd: PROJECT_ROOT,
    env: { ...program.env, [EXIT_WITH_PARENT_VARIABLE]: '1' },
    logFile: program.logFile,
    onStdout: (chunk) => {
      try {
        const announcement = readyLine.take(chunk);
        if (announcement !== undefined) settle?.resolve(announcement);
      } catch (error) {
        settle?.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  const timeoutMs = program.readyTimeoutMs ?? 120_000;
  const timer = setTimeout(() => settle?.reject(new Error(`not ready within ${timeoutMs} ms`)), timeoutMs);
  void child.exited.then((exit) => settle?.reject(new Error(GuardedChild.describeExit(exit))));
  try {
    return { child, ready: await ready };
  } catch (error) {
    await child.kill();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${program.name} did not start: ${reason}${formatLogTail(child)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The end of a child's log, indented, for a message; empty when it wrote nothing. */
export function formatLogTail(child: GuardedChild, count = 12): string {
  const lines = child.logTail().slice(-count);
  return lines.length === 0 ? '' : `\n${lines.map((line) => `    ${line}`).join('\n')}`;
}
