import type { ErrorDefinition } from '../errors.js';

/** What a chain or its contracts answer, cast once. */
export const AMM_ERRORS = {
  DEADLINE_PASSED: { kind: 'exchange', retryable: true, meaning: 'The transaction came after its deadline.', nextStep: 'Nothing: it is built again with a new deadline.' },
  PRICE_MOVED: { kind: 'exchange', retryable: true, meaning: 'The price moved further than the allowed slippage.', nextStep: 'Nothing: it is built again from the new price. Allow more slippage if it repeats.' },
  FUNDS_OR_ALLOWANCE: { kind: 'exchange', retryable: false, meaning: 'The wallet does not hold the tokens, or has not approved them.', nextStep: 'Deposit, lower the amounts, or approve them.' },
  INSUFFICIENT_NATIVE: { kind: 'exchange', retryable: false, meaning: 'The wallet cannot pay for the gas.', nextStep: 'Send native coin to the wallet.' },
  INVALID_TICKS: { kind: 'bug', retryable: false, meaning: 'The range is reversed or beyond the ticks of the pool.', nextStep: 'Correct the bounds.' },
  NO_LIQUIDITY: { kind: 'exchange', retryable: false, meaning: 'The deposit would carry no liquidity, or a tick is off the spacing of the pool.', nextStep: 'Offer the token that the range takes at this price.' },
  POSITION_GONE: { kind: 'exchange', retryable: false, meaning: 'The position does not exist (any more).', nextStep: 'Nothing when it was closed; else look up the transactions of the wallet.' },
  POSITION_OF_OTHER_POOL: { kind: 'caller', retryable: false, meaning: 'The position belongs to another pool.', nextStep: 'Name the pool of the position.' },
  POSITION_NOT_EMPTY: { kind: 'bug', retryable: false, meaning: 'A position was to be burned before it was emptied.', nextStep: 'Remove its liquidity and collect first.' },
  NOT_OWNER: { kind: 'caller', retryable: false, meaning: 'The wallet does not own the position.', nextStep: 'Use the wallet that owns it.' },
  POOL_MISMATCH: { kind: 'caller', retryable: false, meaning: 'The pool is not one of this venue, or not of these tokens.', nextStep: 'Check network, provider and pool address.' },
  WRONG_CHAIN: { kind: 'caller', retryable: false, meaning: 'The node serves another chain than the network is configured for.', nextStep: 'Correct the node or the chain id.' },
  KEY_REFUSED: { kind: 'caller', retryable: false, meaning: 'The key of the wallet cannot be used.', nextStep: 'Name the key of this wallet; keys of the public test phrase work on local chains alone.' },
  FEE_TOO_HIGH: { kind: 'limit', retryable: true, meaning: 'Gas costs more than allowed.', nextStep: 'Wait, or raise the cap.' },
  NO_QUOTE: { kind: 'exchange', retryable: true, meaning: 'The pool cannot fill this swap.', nextStep: 'Swap less, or use another pool.' },
  REVERTED: { kind: 'exchange', retryable: false, meaning: 'A contract refused for a reason of its own.', nextStep: 'Look up its reason.' },
  CHAIN_UNREACHABLE: { kind: 'unreachable', retryable: true, meaning: 'The node could not be reached, or did not answer in time.', nextStep: 'Check the network and the node.' },
  NODE_ERROR: { kind: 'unreachable', retryable: true, meaning: 'The node answered with an error of its own.', nextStep: 'Look at its message; use another node if it repeats.' },
} as const satisfies Record<string, ErrorDefinition>;

export type AmmErrorCode = keyof typeof AMM_ERRORS;
