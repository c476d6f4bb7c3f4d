/** Whether a stream of the exchange still tells what happens. */
export interface StreamHealth {
  readonly stream: 'prices' | 'account';
  /** Null for the stream of the account. */
  readonly pair: string | null;
  /** Why it is not believed any more, as a sentence without address or key; null: it tells what happens. */
  readonly stale: string | null;
  /** Unix ms of this verdict. */
  readonly atMs: number;
}
