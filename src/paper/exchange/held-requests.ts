import { ControlConflict } from './rejection.js';

export type HoldStage = 'before-commit' | 'after-commit';

/** Ruling on a held request: let it go on, or (before commit only) answer it with an exchange error. */
export type HoldRuling =
  | { readonly ruling: 'release' }
  | { readonly ruling: 'reject'; readonly code: number; readonly message: string };

export interface HeldRequest {
  readonly stage: HoldStage;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly heldSinceMs: number;
}

const MAX_HELD = 10_000;

/** New orders of pairs in manual mode whose processing or answer waits for the control API. Lost with the process. */
export class HeldRequests {
  private readonly held = new Map<HeldRequest, (ruling: HoldRuling) => void>();

  constructor(private readonly now: () => number) {}

  hold(request: Omit<HeldRequest, 'heldSinceMs'>): Promise<HoldRuling> {
    if (this.held.size >= MAX_HELD) return Promise.resolve({ ruling: 'release' });
    return new Promise((resolve) => {
      this.held.set({ ...request, heldSinceMs: this.now() }, resolve);
    });
  }

  list(): HeldRequest[] {
    return [...this.held.keys()];
  }

  /** @throws ControlConflict when nothing with this client order id is held, or a committed order is to be refused. */
  rule(clientOrderId: string, ruling: HoldRuling): HeldRequest {
    for (const [request, resolve] of this.held) {
      if (request.clientOrderId !== clientOrderId) continue;
      if (request.stage === 'after-commit' && ruling.ruling === 'reject') {
        throw new ControlConflict(`order ${clientOrderId} is committed: its answer can be released, not turned into an error`);
      }
      this.held.delete(request);
      resolve(ruling);
      return request;
    }
    throw new ControlConflict(`no held request with clientOrderId "${clientOrderId}"`);
  }

  releaseAll(): void {
    for (const resolve of this.held.values()) resolve({ ruling: 'release' });
    this.held.clear();
  }
}
