/** Set by whoever starts a process with a pipe as its standard input and wants it to end when that pipe closes. */
export const EXIT_WITH_PARENT_VARIABLE = 'EXIT_WITH_PARENT';

const HARD_EXIT_AFTER_MS = 10_000;

/**
 * Lets this process stop cleanly when the process that started it is gone, however that ended: the operating system
 * closes the pipe that is this process's standard input. A program calls it once, after it has installed its SIGTERM
 * handler. Does nothing unless `EXIT_WITH_PARENT=1`, because under a service manager standard input is closed anyway.
 */
export function exitWithParent(env: Readonly<Record<string, string | undefined>> = process.env): void {
  if (env[EXIT_WITH_PARENT_VARIABLE] !== '1') return;
  let leaving = false;
  const leave = (): void => {
    if (leaving) return;
    leaving = true;
    process.kill(process.pid, 'SIGTERM');
    // The clean stop may wait for a server that is gone as well.
    setTimeout(() => process.exit(1), HARD_EXIT_AFTER_MS).unref();
  };
  process.stdin.once('end', leave);
  process.stdin.once('close', leave);
  process.stdin.once('error', leave);
  process.stdin.resume();
  // Listening must not by itself keep a process alive that has nothing left to do.
  (process.stdin as unknown as { unref?: () => void }).unref?.();
}
