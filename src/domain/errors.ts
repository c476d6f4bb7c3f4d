/** Who has to act, and whether trying again can help. */
export type ErrorKind = 'caller' | 'exchange' | 'unreachable' | 'limit' | 'bug';

export interface ErrorDefinition {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  /** One sentence, without amounts or names: what happened. */
  readonly meaning: string;
  /** What a person or agent does next. */
  readonly nextStep: string;
}

/** The one registry. docs/errors.md is generated from it. */
export const ERRORS = {
  INVALID_CONFIG: { kind: 'caller', retryable: false, meaning: 'The executor config breaks a rule.', nextStep: 'Correct the named field and create the executor again.' },
  UNKNOWN_CONNECTOR: { kind: 'caller', retryable: false, meaning: 'No connector of that name is configured.', nextStep: 'Use one of the listed connectors, or configure this one.' },
  UNKNOWN_ACCOUNT: { kind: 'caller', retryable: false, meaning: 'No account of that name is configured for the connector.', nextStep: 'Use one of the listed accounts, or configure this one.' },
  UNKNOWN_PAIR: { kind: 'caller', retryable: false, meaning: 'The exchange does not list that pair.', nextStep: 'Use one of the listed pairs.' },
  EXECUTOR_NOT_FOUND: { kind: 'caller', retryable: false, meaning: 'No executor has that id.', nextStep: 'Look the id up in the list of executors.' },
  LIST_TOO_LONG: { kind: 'caller', retryable: false, meaning: 'More would have to be listed than one answer can hold.', nextStep: 'Ask for less: filter by controller_id or executor type.' },
  CONFLICTING_CONFIG: { kind: 'caller', retryable: false, meaning: 'The id already belongs to an executor with another config.', nextStep: 'Use another id, or send the same config.' },
  POSITION_CHANGED: { kind: 'caller', retryable: true, meaning: 'The held position is not the one that was looked at.', nextStep: 'Read it again, then decide.' },
  AMBIGUOUS_POSITION: { kind: 'caller', retryable: false, meaning: 'A long and a short of the pair are held.', nextStep: 'Name hedge_side, LONG or SHORT.' },
  LEVERAGE_CONFLICT: { kind: 'caller', retryable: false, meaning: 'Another running executor of the account needs another leverage on the pair.', nextStep: 'Use the same leverage, another account, or wait until the other executor has ended.' },
  AMENDMENT_REFUSED: { kind: 'caller', retryable: false, meaning: 'The executor cannot be amended like that.', nextStep: 'Change the named field as its rule says.' },
  CLOSING_OVERDUE: { kind: 'exchange', retryable: true, meaning: 'A position is not closed although its patience is over.', nextStep: 'Look at the book and at the orders of the executor; it goes on trying.' },
  NO_ACCOUNT_OWNER: { kind: 'unreachable', retryable: true, meaning: 'No running process owns the account.', nextStep: 'Start a worker that has the credentials of this account.' },
  SERVER_UNREACHABLE: { kind: 'unreachable', retryable: true, meaning: 'The Temporal server does not answer.', nextStep: 'Check that the server runs; running executors keep their stops armed meanwhile.' },
  INSUFFICIENT_FUNDS: { kind: 'exchange', retryable: false, meaning: 'The account does not hold what the order needs.', nextStep: 'Deposit, lower the amount, or end what locks the balance.' },
  INVALID_ORDER: { kind: 'exchange', retryable: false, meaning: 'The exchange refused the order as against its rules.', nextStep: 'Check amount, price and minimums of the pair.' },
  WOULD_TAKE: { kind: 'exchange', retryable: true, meaning: 'A post-only order would have traded at once.', nextStep: 'Nothing: it is priced again from the next book.' },
  NOTHING_TO_REDUCE: { kind: 'exchange', retryable: false, meaning: 'The exchange refused to reduce a position: the account holds none on that side.', nextStep: 'Look at the positions: closed by hand, liquidated, or held against by another executor.' },
  LIQUIDATED: { kind: 'exchange', retryable: false, meaning: 'The exchange closed the position because the margin of the account no longer covered it.', nextStep: 'Look at the margin before anything else is opened: add to it, or use less leverage.' },
  NOT_FILLABLE: { kind: 'exchange', retryable: true, meaning: 'An immediate order found nothing to trade with.', nextStep: 'Nothing: it is tried again within its bounds.' },
  DUPLICATE_ORDER: { kind: 'exchange', retryable: false, meaning: 'An order with this id is already open.', nextStep: 'Nothing: the open order is adopted.' },
  ORDER_NOT_FOUND: { kind: 'exchange', retryable: true, meaning: 'The exchange does not know the order.', nextStep: 'Nothing: it is looked up until the answer is final.' },
  THROTTLED: { kind: 'limit', retryable: true, meaning: 'The exchange asked to slow down.', nextStep: 'Nothing: requests pause as long as it asked. Run fewer executors per account if it repeats.' },
  CLOCK_SKEW: { kind: 'exchange', retryable: true, meaning: 'The exchange refused the time stamp of the request.', nextStep: 'Synchronise the clock of this machine.' },
  MAINTENANCE: { kind: 'unreachable', retryable: true, meaning: 'The exchange is under maintenance.', nextStep: 'Wait; executors stay and continue by themselves.' },
  EXCHANGE_UNREACHABLE: { kind: 'unreachable', retryable: true, meaning: 'The exchange could not be reached; nothing was sent.', nextStep: 'Check the network; executors continue by themselves.' },
  STREAM_STALE: { kind: 'unreachable', retryable: true, meaning: 'A stream of the exchange stopped telling what happens.', nextStep: 'Nothing: prices and orders are read instead until it is back. Check the network if it lasts.' },
  BOOK_EMPTY: { kind: 'exchange', retryable: true, meaning: 'Nobody bids or asks on the side of the book that an exit trades into.', nextStep: 'Nothing: barriers go by the last price; an exit that fires is tried until somebody trades.' },
  OUTCOME_UNKNOWN: { kind: 'unreachable', retryable: true, meaning: 'A request was sent and its answer did not come.', nextStep: 'Nothing: the order is looked up until its fate is proven.' },
  CREDENTIALS_REFUSED: { kind: 'exchange', retryable: false, meaning: 'The exchange refused the credentials of the account.', nextStep: 'Check key, secret, permissions and address list of the account.' },
  PERMISSION_DENIED: { kind: 'exchange', retryable: false, meaning: 'The account may not do this.', nextStep: 'Check the permissions of the key and the restrictions of the account.' },
  MARKET_CLOSED: { kind: 'exchange', retryable: false, meaning: 'The pair is not trading.', nextStep: 'Wait for the market to open or choose another pair.' },
  NOT_SUPPORTED: { kind: 'bug', retryable: false, meaning: 'The connector cannot do what was asked.', nextStep: 'Report it with the connector name.' },
  EXCHANGE_ERROR: { kind: 'exchange', retryable: false, meaning: 'The exchange answered with an error of its own.', nextStep: 'Look the exchange code up in its documentation.' },
  EXECUTOR_STUCK: { kind: 'unreachable', retryable: true, meaning: 'The workflow of the executor fails at every attempt to go on; it decides nothing now.', nextStep: 'Its exit stays armed: see `temporal workflow show` and deploy code that fits.' },
  LEASE_LOST: { kind: 'unreachable', retryable: true, meaning: 'This process no longer owns the account.', nextStep: 'Nothing: the owner takes the session over.' },
  NOT_OWNER: { kind: 'unreachable', retryable: true, meaning: 'The request reached a process that does not own the account.', nextStep: 'Nothing: it is sent again to the owner.' },
  NO_SESSION: { kind: 'unreachable', retryable: true, meaning: 'The order session is not running right now.', nextStep: 'Nothing: the command is delivered when it runs again.' },
  TOO_MANY_SESSIONS: { kind: 'limit', retryable: true, meaning: 'All order sessions of the account are taken.', nextStep: 'End executors, or raise maxSessions of the account.' },
  RETRIES_EXHAUSTED: { kind: 'exchange', retryable: false, meaning: 'The order was refused more often than allowed.', nextStep: 'Read last_error for the refusal and correct the config.' },
  CONTRADICTION: { kind: 'bug', retryable: false, meaning: 'The session and the workflow disagree about the same evidence.', nextStep: 'Report it with the history of the executor.' },
  INTERNAL: { kind: 'bug', retryable: false, meaning: 'A fault of this program.', nextStep: 'Report it with the log lines around it.' },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;

export function errorDefinition(code: ErrorCode): ErrorDefinition {
  return ERRORS[code];
}
