/** In this order requests leave when they have to wait: what ends or lowers exposure first. */
export const PRIORITIES = ['cancel', 'reduce', 'create', 'read'] as const;
export type RequestPriority = (typeof PRIORITIES)[number];

/** What decides the order among requests that wait. */
export interface QueueRank {
  readonly priority: RequestPriority;
  /** Larger leaves first within a priority. */
  readonly urgency: number;
  /** Order of arrival. */
  readonly sequence: number;
}

/** Negative when `left` leaves before `right`, of whatever priority both are. */
export function compareWithinPriority(left: QueueRank, right: QueueRank): number {
  return right.urgency - left.urgency || left.sequence - right.sequence;
}

/** Requests of one account and one priority, most urgent first. */
export class WaitingRequests<Request extends QueueRank> {
  readonly #requests: Request[] = [];

  get size(): number {
    return this.#requests.length;
  }

  get first(): Request | undefined {
    return this.#requests[0];
  }

  get last(): Request | undefined {
    return this.#requests.at(-1);
  }

  add(request: Request): void {
    this.#requests.splice(this.#placeOf(request), 0, request);
  }

  remove(request: Request): void {
    const place = this.#placeOf(request);
    if (this.#requests[place] === request) this.#requests.splice(place, 1);
  }

  /** Index of the request, or where it belongs. */
  #placeOf(request: Request): number {
    let [low, high] = [0, this.#requests.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.#requests[middle];
      if (candidate !== undefined && compareWithinPriority(candidate, request) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
