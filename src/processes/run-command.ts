import { execFile } from 'node:child_process';

export type CommandResult =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'not-run'; readonly reason: string };

const LARGEST_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Runs a short-lived program to its end within a bound. A program that is not installed, one that runs and fails and
 * one that had to be ended are told apart, because each calls for different advice.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly env?: Record<string, string> },
): Promise<CommandResult> {
  return await new Promise((resolve) => {
    execFile(
      command,
      args,
      {
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: LARGEST_OUTPUT_BYTES,
        ...(options.env === undefined ? {} : { env: options.env }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ kind: 'ended', code: 0, stdout, stderr });
        else if (error.code === 'ENOENT') resolve({ kind: 'not-found' });
        else if (error.killed === true) resolve({ kind: 'not-run', reason: `no result within ${options.timeoutMs} ms` });
        else if (typeof error.code === 'number') resolve({ kind: 'ended', code: error.code, stdout, stderr });
        else resolve({ kind: 'not-run', reason: error.message });
      },
    );
  });
}
