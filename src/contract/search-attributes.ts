/**
 * Search attributes of every executor workflow. One table, registered at boot and used by workflows and listings.
 * Keyword attributes: at most 10 of them exist in SQL visibility, and this table uses 8.
 */
export const SEARCH_ATTRIBUTES = {
  /** `position_executor`, `order_executor`, ... */
  ExecutorType: 'Keyword',
  /** `executor` for what a caller started, `leg` for a child of an executor. Lists show executors only. */
  ExecutorRole: 'Keyword',
  ControllerId: 'Keyword',
  /** BUY, SELL or RANGE. */
  Side: 'Keyword',
  /** NOT_STARTED, RUNNING, SHUTTING_DOWN, TERMINATED. */
  ExecutorStatus: 'Keyword',
  CloseType: 'Keyword',
  Outcome: 'Keyword',
  /** True while a person or agent has to look; the memo's `last_error` says why. */
  NeedsAttention: 'Bool',
  /** `connector|pair|account` per leg. */
  Markets: 'KeywordList',
  /** Creation time of the executor, carried through continue-as-new (the start time of a run is not). */
  CreatedAt: 'Datetime',
  /** Rounded copies for filtering only; exact decimals are in the memo. */
  NetPnlQuote: 'Double',
  VolumeQuote: 'Double',
} as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** One entry of `Markets`: the three parts in the order a user filters by. */
export function marketKey(connector: string, pair: string, account: string): string {
  return `${connector}|${pair}|${account}`;
}
