/** Signals by which a terminal, a supervisor or a closing window ends a program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Some versions of npm pass on the Ctrl-C that the terminal has already sent to every process, so one press can arrive
 * twice. What comes within this time of the first is the same press.
 */
const SAME_PRESS_MS = 500;

/** Aborts `signal` at the first interrupt; calls `onSecond` at a later one, by a person who does not want to wait. */
export function onInterruption(onSecond: () => void): { readonly signal: AbortSignal; readonly happened: Promise<void> } {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  const happened = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const interrupt = (): void => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      controller.abort(new Error('interrupted'));
    } else if (nowMs - firstAtMs > SAME_PRESS_MS) {
      onSecond();
    }
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return { signal: controller.signal, happened };
}
