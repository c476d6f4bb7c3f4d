import type { ControllerPosition, ControllerState } from '../contract/controller.js';
import type { PositionSide } from '../contract/position-side.js';
import { heldPositionFromRecord } from '../domain/held-position.js';
import { summarizeHeldPosition, type HeldPositionSummary } from '../domain/held-position-summary.js';
import type { ExecutorClient } from './executor-client.js';
import { ExecutorError } from './executor-error.js';
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

/** Names one held position. `positionSide` is needed only where both sides of a hedge account are held. */
export interface HeldPositionKey {
  readonly controllerId: string;
  readonly connector: string;
  readonly account: string;
  readonly pair: string;
  readonly positionSide: PositionSide | null;
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

  /** Null when nothing was ever handed over there, or nothing since it was cleared. Throws ExecutorError AMBIGUOUS_POSITION. */
  async find(key: HeldPositionKey): Promise<HeldPositionView | null> {
    const position = one(await this.#client.controllerState(key.controllerId), key);
    return position === null ? null : await this.#view(key.controllerId, position);
  }

  /**
   * Takes a position out of the books, at the quantity it has now; trades nothing. Null when there is none. Throws
   * ExecutorError AMBIGUOUS_POSITION, and POSITION_CHANGED when an executor hands over more in the same moment: nothing is
   * cleared then.
   */
  async clear(key: HeldPositionKey): Promise<ControllerPosition | null> {
    const { controllerId } = key;
    const position = one(await this.#client.controllerState(controllerId), key);
    if (position === null) return null;
    const { account, connector, pair, positionSide, executorCount } = position;
    await this.#client.clearPosition(controllerId, { account, connector, pair, positionSide, executorCount });
    const state = await this.#client.controllerState(controllerId);
    const after = state?.positions.find((held) => isAt(held, key) && held.positionSide === positionSide);
    // What is handed over after the clearing counts anew.
    if ((after?.cleared?.executorCount ?? -1) < executorCount) throw new ExecutorError('POSITION_CHANGED', `Another executor handed over ${pair} to ${controllerId} meanwhile; nothing was cleared.`);
    return position;
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

/** Throws ExecutorError AMBIGUOUS_POSITION when a long and a short are held and the key names neither. */
function one(state: ControllerState | null, key: HeldPositionKey): ControllerPosition | null {
  const found = (state?.positions ?? []).filter((held) => isAt(held, key) && !isCleared(held) && (key.positionSide === null || held.positionSide === key.positionSide));
  if (found.length > 1) throw new ExecutorError('AMBIGUOUS_POSITION', `A long and a short of ${key.pair} are held.`);
  return found[0] ?? null;
}

function isAt(held: ControllerPosition, key: HeldPositionKey): boolean {
  return held.connector === key.connector && held.account === key.account && held.pair === key.pair;
}

/** Nothing was handed over since somebody took it out of the books. */
function isCleared({ cleared, executorCount }: ControllerPosition): boolean {
  return cleared !== null && cleared.executorCount === executorCount;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
