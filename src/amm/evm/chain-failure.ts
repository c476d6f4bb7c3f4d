import { BaseError, decodeErrorResult, isHex, parseAbi, type Hex } from 'viem';
import type { AmmErrorCode } from '../../domain/amm/amm-errors.js';
import { LIMITS } from '../../domain/limits.js';
import { AmmError, type AmmFailure } from '../../ports/amm.js';
import { redactForAnswer } from '../../redact.js';

const REASON_ABI = parseAbi(['error Error(string reason)', 'error Panic(uint256 code)']);
const MAX_CAUSES = 10;

/** Reasons of the v3 contracts and of the tokens they move, as their authors wrote them. */
const REASONS: readonly (readonly [RegExp, AmmErrorCode])[] = [
  [/Transaction too old/i, 'DEADLINE_PASSED'],
  [/Price slippage check|Too little received|Too much requested/i, 'PRICE_MOVED'],
  [/^(?:STF|TF|ST)$|TRANSFER_FROM_FAILED|transfer amount exceeds|insufficient allowance/i, 'FUNDS_OR_ALLOWANCE'],
  [/^(?:TLU|TLM|TUM)$/, 'INVALID_TICKS'],
  [/Invalid token ID|nonexistent token/i, 'POSITION_GONE'],
  [/Not cleared/i, 'POSITION_NOT_EMPTY'],
  [/Not approved/i, 'NOT_OWNER'],
  [/^(?:SPL|AS|LOK)$|Unexpected error/i, 'NO_QUOTE'],
];

const UNREACHABLE = /^(?:HttpRequestError|TimeoutError|WebSocketRequestError|SocketClosedError|AbortError)$/;

/** What a contract said when it refused; `reason` null when it gave none. */
export interface Revert {
  readonly reason: string | null;
}

/** The refusal of a contract inside an error of the client, null when no contract refused. */
export function revertOf(error: unknown): Revert | null {
  const causes = causesOf(error);
  for (const cause of causes) {
    const data = revertData(cause);
    if (data !== null) return { reason: decodedReason(data) };
  }
  for (const cause of causes) {
    // Nodes differ in code and place; the words they all use. Without data the reason stands behind the colon.
    const words = /execution reverted(?:: (?:revert: )?([^\n]+))?/i.exec(textOf(cause));
    if (words !== null) return { reason: words[1]?.trim() ?? null };
  }
  return null;
}

/** Casts any error of the client or the chain. `whenSilent`: what a refusal without a reason means for this call. */
export function chainFailure(error: unknown, whenSilent: AmmErrorCode = 'REVERTED'): AmmFailure {
  if (error instanceof AmmError) return error.failure;
  const revert = revertOf(error);
  if (revert !== null) {
    const code = revert.reason === null ? whenSilent : reasonCode(revert.reason);
    return { code, revert: shortened(revert.reason), message: shortened(`the contract refused: ${revert.reason ?? 'it gave no reason'}`) ?? '' };
  }
  const causes = causesOf(error);
  const text = causes.map(textOf).find((found) => found !== '') ?? 'unknown';
  if (causes.some((cause) => /insufficient funds/i.test(textOf(cause)))) return { code: 'INSUFFICIENT_NATIVE', revert: null, message: shortened(text) ?? '' };
  const unreachable = causes.some((cause) => cause instanceof Error && UNREACHABLE.test(cause.name));
  return { code: unreachable ? 'CHAIN_UNREACHABLE' : 'NODE_ERROR', revert: null, message: shortened(text) ?? '' };
}

/** For `catch`: throws the error as ours. */
export function raiseChainFailure(error: unknown, whenSilent?: AmmErrorCode): never {
  throw error instanceof AmmError ? error : new AmmError(chainFailure(error, whenSilent));
}

export function ammError(code: AmmErrorCode, message: string): AmmError {
  return new AmmError({ code, revert: null, message: shortened(message) ?? '' });
}

/** Texts of all causes: what a node said to a broadcast is recognised by its words. */
export function chainErrorText(error: unknown): string {
  return causesOf(error).map(textOf).join('\n');
}

function reasonCode(reason: string): AmmErrorCode {
  return REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'REVERTED';
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let cause: unknown = error;
  while (cause !== undefined && cause !== null && causes.length < MAX_CAUSES) {
    causes.push(cause);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** The client keeps what a contract answered in `data`, or in `data.data`, or raw. Empty bytes are a refusal without a reason. */
function revertData(cause: unknown): Hex | null {
  if (typeof cause !== 'object' || cause === null) return null;
  const { raw, data, code } = cause as { readonly raw?: unknown; readonly data?: unknown; readonly code?: unknown };
  for (const found of [raw, data, typeof data === 'object' && data !== null ? (data as { readonly data?: unknown }).data : undefined]) {
    // Code 3 is a node's own word for a refused execution; without it empty bytes may mean anything.
    if (isHex(found) && (found.length > 2 || code === 3)) return found;
  }
  return null;
}

function decodedReason(data: Hex): string | null {
  if (data === '0x') return null;
  try {
    const { errorName, args } = decodeErrorResult({ abi: REASON_ABI, data });
    return errorName === 'Error' ? args[0] : `panic ${args[0]}`;
  } catch {
    // An error of the contract's own kind: its selector is all that is known.
    return data.slice(0, 10);
  }
}

/** Short texts only: the long ones of the client hold addresses, parameters and whole transactions. */
function textOf(cause: unknown): string {
  if (cause instanceof BaseError) return `${cause.shortMessage} ${cause.details ?? ''}`.trim();
  return cause instanceof Error ? cause.message : String(cause);
}

function shortened<Text extends string | null>(text: Text): Text {
  return (text === null ? null : redactForAnswer(text, LIMITS.maxErrorText)) as Text;
}
