import type { ControllerPosition, ControllerState } from '../contract/controller.js';
import { heldPositionFromRecord } from '../domain/held-position.js';
import { summarizeHeldPosition, type HeldPositionSummary } from '../domain/held-position-summary.js';
import type { ExecutorClient } from './executor-client.js';
import type { MarketPrices } from './market-prices.js';

/** One held position, marked with the mid price; an unknown price leaves the unrealised part null. */
export interface HeldPositionView {
  readonly controllerId: string;
  readonly position: ControllerPosition;
  readonly summary: HeldPositionSummary;
}

/** A controller whose positions nobody could read; its part is missing from every sum. */
export interface UnreadableController {
  readonly controllerId: string;
  readonly message: string;
}

export interface HeldPositionList {
  readonly views: readonly HeldPositionView[];
  readonly unreadable: readonly UnreadableController[];
}

const CONTROLLERS_AT_ONCE = 16;

/** What controllers hold: quantity that executors handed over instead of closing it. */
export class HeldPositions {
  readonly #client: ExecutorClient;
  readonly #prices: MarketPrices;

  constructor(client: ExecutorClient, prices: MarketPrices) {
    this.#client = client;
    this.#prices = prices;
  }

  /**
   * Of one controller, or of all. Flat ones too: their realised P&L is still theirs. One controller that cannot be read
   * does not hide the others; when none can be, the first error is thrown.
   */
  async list(controllerId: string | null): Promise<HeldPositionList> {
    const ids = controllerId === null ? await this.#client.controllerIds() : [controllerId];
    const views: HeldPositionView[] = [];
    const unreadable: (UnreadableController & { readonly error: unknown })[] = [];
    for (let start = 0; start < ids.length; start += CONTROLLERS_AT_ONCE) {
      const batch = ids.slice(start, start + CONTROLLERS_AT_ONCE);
      const read = await Promise.allSettled(batch.map((id) => this.#client.controllerState(id)));
      for (const [index, outcome] of read.entries()) {
        if (outcome.status === 'rejected') unreadable.push({ controllerId: batch[index] ?? '', message: text(outcome.reason), error: outcome.reason });
        else if (outcome.value !== null) views.push(...(await this.#views(outcome.value)));
      }
    }
    if (unreadable.length > 0 && unreadable.length === ids.length) throw unreadable[0]?.error;
    return { views, unreadable: unreadable.map(({ controllerId: id, message }) => ({ controllerId: id, message })) };
  }

  async find(controllerId: string, connector: string, account: string, pair: string): Promise<HeldPositionView | null> {
    const state = await this.#client.controllerState(controllerId);
    const position = state?.positions.find((held) => held.connector === connector && held.account === account && held.pair === pair);
    return position === undefined ? null : await this.#view(controllerId, position);
  }

  async #views(state: ControllerState): Promise<HeldPositionView[]> {
    return await Promise.all(state.positions.map((position) => this.#view(state.controllerId, position)));
  }

  async #view(controllerId: string, position: ControllerPosition): Promise<HeldPositionView> {
    const held = heldPositionFromRecord(position.held);
    const market = held.netBase.isZero() ? null : await this.#prices.view(position.connector, position.pair);
    return { controllerId, position, summary: summarizeHeldPosition(held, market?.midQuote ?? null) };
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
