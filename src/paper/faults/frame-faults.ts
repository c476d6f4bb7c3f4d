import type { FaultRegistry } from './fault-registry.js';
import type { FrameSubject } from './fault.js';

interface HeldFrame {
  readonly send: () => void;
  readonly timer: NodeJS.Timeout;
}

/** A frame that waits for the next of its socket to overtake it waits no longer than this. */
const MAX_HELD_MS = 1_000;

/** Lets frames through to their sockets as the armed faults say. */
export class FrameFaults {
  private readonly held = new WeakMap<object, HeldFrame>();

  constructor(private readonly faults: FaultRegistry) {}

  deliver(socket: object, subject: FrameSubject, send: () => void): void {
    const struck = this.faults.strikeFrame(subject);
    const before = this.takeHeld(socket);
    if (struck.length === 0 && before === undefined) {
      send();
      return;
    }
    const kinds = new Set(struck.map(({ kind }) => kind));
    if (kinds.has('frames-lost')) {
      before?.send();
      return;
    }
    const twice = kinds.has('frames-duplicated');
    const now = (): void => {
      send();
      if (twice) send();
    };
    const delayMs = struck.reduce((longest, fault) => (fault.kind === 'frames-delayed' ? Math.max(longest, fault.delayMs) : longest), 0);
    if (kinds.has('frames-reordered')) this.hold(socket, now);
    else if (delayMs > 0) setTimeout(now, delayMs).unref();
    else now();
    before?.send();
  }

  private hold(socket: object, send: () => void): void {
    const timer = setTimeout(() => this.takeHeld(socket)?.send(), MAX_HELD_MS);
    timer.unref();
    this.held.set(socket, { send, timer });
  }

  private takeHeld(socket: object): HeldFrame | undefined {
    const frame = this.held.get(socket);
    if (frame === undefined) return undefined;
    clearTimeout(frame.timer);
    this.held.delete(socket);
    return frame;
  }
}
