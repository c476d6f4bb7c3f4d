/** What can be wrong between the exchange's ledger and what executors say. */
export type DifferenceKind =
  /** Not an id this program derives. */
  | 'foreign-order'
  /** An id of ours whose executor was never started. */
  | 'order-without-owner'
  /** The executor is known, and none of its paths and sequences gives this id. */
  | 'id-not-derived'
  /** One path and sequence is more than one order at the exchange. */
  | 'intent-sent-twice'
  /** Open at the exchange, and its executor has ended. */
  | 'open-order-without-owner'
  /** Live and filled amounts together exceeded what was to be traded. */
  | 'exposed-beyond-plan'
  | 'overfilled'
  /** More closed than opened, at any moment. */
  | 'overclosed'
  /** A closed position left an amount the exchange would have traded. */
  | 'left-open'
  | 'fill-not-reported'
  | 'fill-reported-twice'
  | 'fill-not-at-exchange'
  | 'fill-differs'
  | 'fees-differ'
  | 'volume-differs'
  | 'pnl-differs'
  | 'residue-differs'
  /** What a report hands over is not what it filled, or should not be handed over at all. */
  | 'hold-differs'
  /** A closed executor is counted by no controller, or by more than one. */
  | 'not-counted-once'
  | 'controller-differs'
  | 'executor-missing'
  | 'balance-differs'
  | 'ledger-inconsistent';

/** One difference: what is wrong, as a sentence with the ids to look for. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly message: string;
}
