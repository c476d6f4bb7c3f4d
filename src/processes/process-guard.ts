import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Kills this process's children when this process ends, however it ends. A small shell waits on a pipe whose other end
 * only this process holds: the operating system closes it even after SIGKILL, and the shell then ends every process
 * group still on its list, first with SIGTERM, after {@link GRACE_SECONDS} with SIGKILL (which also ends a frozen one).
 * It is a process group of its own, so a Ctrl-C in the terminal does not take it away.
 *
 * Where there is no POSIX shell (Windows) children rely on `exitWithParent` alone.
 */
const GRACE_SECONDS = 4;

const GUARD_SCRIPT = `
pids=" "
while read -r verb pid; do
  case "$verb" in
    add) pids="$pids$pid " ;;
    remove) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
[ -z "\${pids# }" ] && exit 0
for pid in $pids; do kill -s TERM -- "-$pid" 2>/dev/null; done
for second in ${Array.from({ length: GRACE_SECONDS }, (_, second) => second + 1).join(' ')}; do
  alive=""
  for pid in $pids; do kill -s 0 -- "-$pid" 2>/dev/null && alive="yes"; done
  [ -z "$alive" ] && exit 0
  sleep 1
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
`;

const guarded = new Set<number>();
let guard: ChildProcess | undefined;

/**
 * Puts a child under guard until {@link releaseProcess}. The child must lead its own process group (`detached: true`).
 */
export function guardProcess(pid: number): void {
  if (process.platform === 'win32') return;
  guarded.add(pid);
  if (guard === undefined) {
    guard = startGuard();
    // A new guard, also one that replaces a guard that was itself killed, has to learn the whole list.
    for (const known of guarded) guard.stdin?.write(`add ${known}\n`);
  } else {
    guard.stdin?.write(`add ${pid}\n`);
  }
}

/** To be called as soon as the child is known to have ended, because its number may be given to another process. */
export function releaseProcess(pid: number): void {
  if (guarded.delete(pid)) guard?.stdin?.write(`remove ${pid}\n`);
}

function startGuard(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', GUARD_SCRIPT], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const forget = (): void => {
    if (guard === child) guard = undefined;
  };
  child.once('error', forget);
  child.once('exit', forget);
  child.stdin.on('error', forget);
  child.unref();
  // The pipe must not keep an otherwise finished process alive: its closing is the signal.
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
