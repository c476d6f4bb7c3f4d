import { LIMITS } from '../../src/domain/limits.js';

/**
 * Time between two heartbeats of a session, in ms, when so many work in this process: every one of them is a write of the
 * server, and together they must not take from it what orders need. Below half of the timeout in any case.
 */
export function pulseMs(sessions: number): number {
  return Math.min(LIMITS.maxSessionHeartbeatMs, Math.max(LIMITS.sessionHeartbeatMs, sessions * LIMITS.heartbeatSpacingMs));
}

/** Beats until it is stopped, at the pace that the number of sessions allows. */
export function startPulse(beat: () => void, sessions: () => number): () => void {
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(() => {
      beat();
      next();
    }, pulseMs(sessions()));
  };
  next();
  return () => clearTimeout(timer);
}
