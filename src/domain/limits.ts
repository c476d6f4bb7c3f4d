/** Every bound of the system, in one place, with its reason. Times in milliseconds. */
export const LIMITS = {
  /** Reference threshold: an entry fails when its retries exceed this. */
  maxRetries: 10,
  /** Client order ids looked for beyond the last one a heartbeat told of, when a session resumes after a crash. */
  resumeLookahead: 256,
  /** Submissions in a row that led to no order, after which an entry or order gives up; an exit has no such end. */
  maxFruitlessSubmissions: 2_000,
  /** Post-only refusals in a row that a chaser answers with a new price; further ones count as refused. */
  maxPostOnlyRefusals: 100,
  /** Orders placed anew because the price moved: one per interval, so many at once after a quiet time. 20,000 a day at most. */
  renewalIntervalMs: 5_000,
  renewalBurst: 3,
  /** A best price that may be our own ended order, or that made a post-only order cross, is waited out so long. */
  freshBookMs: 1_000,
  /** The same for an order that is pegged to the price of its hedge: 86,400 a day at most. */
  requoteIntervalMs: 1_000,
  requoteBurst: 5,
  /** A price of the hedge that nobody tells again is no price any more. */
  hedgePriceMs: 5_000,
  /** Order records carried in a report; older ones are summed into one. */
  maxOrdersInReport: 200,
  /** Levels of one grid: each keeps its state, and one decision looks at all of them. */
  maxGridLevels: 1_000,
  /** Slices of one TWAP: as makers without resubmission all of them may rest at once. */
  maxTwapSlices: 2_000,
  /** Of them in a report; older ones are in its sums. */
  maxTwapSlicesShown: 100,
  /** Events after which a TWAP goes on in a new run of its workflow. */
  twapHistoryEvents: 4_000,
  /** Attempts in a row to close what a stopped TWAP filled that closed nothing; then the rest is handed over. */
  maxFruitlessExits: 5,
  /** Events after which a grid goes on in a new run of its workflow. */
  gridHistoryEvents: 4_000,
  /** Levels of one DCA: each is an order of its own. */
  maxDcaLevels: 100,
  /** Amendments of one executor: each one stands in its history. */
  maxAmendments: 500,
  /** Decisions kept by `why`. */
  maxDecisions: 50,
  /** Characters of any error text that reaches history, memo or an answer. */
  maxErrorText: 300,
  /** Settlements of funding that are booked again when fills of before them are told late. */
  maxOpenSettlements: 1_000,
  /** Those an executor takes along when it goes on in a new run; with what was known of each leg they are not small. */
  maxCarriedSettlements: 20,
  /** Round trips of a grid whose fills are kept one by one for its funding. */
  maxFundedTrips: 100,
  /** Before the workflow hears of a first fill, and of a trigger: what ends sooner is told once, with its result. */
  firstFillReportMs: 250,
  triggerReportMs: 1_000,
  /** An order that is out for this long is told of before it fills. */
  restingReportMs: 1_000,
  maxOpenOrdersTold: 20,
  /** A session tells so often of orders that came and went; fills are told of without end. */
  maxOpenOrderReports: 20,
  /** What ended waits so long, with its answer to the workflow, for exits that are on their way to the exchange. */
  answerBehindExitsMs: 2_000,
  /** Fill reports to the workflow: first soon, then with doubling gaps up to this. */
  maxFillReportGapMs: 30_000,
  firstFillReportGapMs: 2_000,
  /** Account lease: heartbeat interval, timeout, and the deadline a request must keep, below half of the timeout. */
  leaseHeartbeatMs: 1_000,
  leaseTimeoutMs: 5_000,
  requestDeadlineMs: 2_000,
  /** Order sessions. */
  sessionHeartbeatMs: 2_000,
  maxSessionHeartbeatMs: 4_000,
  /** Between the heartbeats of two sessions of a process, ms; what keeps them from taking the whole server. */
  heartbeatSpacingMs: 8,
  sessionHeartbeatTimeoutMs: 10_000,
  sessionRetryMs: 200,
  /** A command that was acknowledged is told again after this; one that ends a session with doubling gaps up to the second. */
  firstTellAgainMs: 15_000,
  longestTellAgainMs: 300_000,
  maxSessionsPerAccount: 5_000,
  /** Part of the session slots only exits may use, so that entries can never keep a stop from starting. */
  exitSlotShare: 0.1,
  /** An activity nobody takes for this long means that no process owns the account. */
  noOwnerMs: 30_000,
  /** Within which the account says whether it can pay for an amendment, ms. */
  amendmentCoverMs: 5_000,
  /** How long a committed order may stay invisible to a look-up after the request's deadline. */
  readLagMs: 1_500,
  /** A firing exit waits this long for the entry's cancel to be confirmed; then it closes what is filled so far. */
  siblingWaitMs: 3_000,
  /** A closing exit waits this long for a price at which the exchange takes the rest; then the rest is handed over. */
  unsellableWaitMs: 30_000,
  /** A firing or finishing session waits this long for the value of a fee paid in a third asset. */
  feeValuationMs: 10_000,
  /** REST reconcile of open orders, beside the stream. */
  reconcileMs: 15_000,
  /** Pauses between attempts at the same thing grow from the first to the last. */
  firstBackoffMs: 200,
  maxBackoffMs: 30_000,
  /** Longest pause between refused submissions of an order, whose number is limited. */
  maxRefusalPauseMs: 1_000,
  /** Longest pause between attempts of an exit to close: it never gives up, and what it protects is open meanwhile. */
  maxExitPauseMs: 5_000,
  /** A stop at the exchange follows the fills of its entry at this pace. */
  exchangeStopMoveMs: 2_000,
  /** So often the same stop is offered to an exchange that refuses it. */
  maxExchangeStopRefusals: 5,
} as const;
