import type { WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey, type TypedSearchAttributes } from '@temporalio/common';
import type { ExecutorConfig } from '../contract/executor-config.js';
import type { FillTotalsRecord } from '../contract/session-result.js';
import { CLOSE_TYPES, type CloseType, type ExecutorStatus, type Outcome } from '../domain/enumerations.js';

/**
 * An executor as visibility and `describe` show it: search attributes and memo, without asking its workflow. Decimals are
 * strings in digits, as of the executor's last durable state.
 */
export interface ExecutorSnapshot {
  readonly config: ExecutorConfig;
  /** `open` while the workflow runs; `ended` when it reached its end; `cut` when it was terminated, reset away or failed. */
  readonly execution: 'open' | 'ended' | 'cut';
  readonly closedAtMs: number | null;
  readonly status: ExecutorStatus;
  readonly closeType: CloseType | null;
  readonly outcome: Outcome | null;
  readonly netPnlQuote: string;
  readonly netPnlFraction: string;
  readonly feesPaidQuote: string;
  readonly volumeQuote: string;
  readonly lastError: string | null;
  readonly needsAttention: boolean;
  readonly entryTotals: FillTotalsRecord | null;
  readonly exitTotals: FillTotalsRecord | null;
  /** The memo as it is: levels and other flat strings for people. */
  readonly memo: Readonly<Record<string, string>>;
}

const STATUSES: readonly ExecutorStatus[] = ['NOT_STARTED', 'RUNNING', 'SHUTTING_DOWN', 'TERMINATED'];
const OUTCOMES: readonly Outcome[] = ['COMPLETED', 'PARTIAL', 'STOPPED', 'REFUSED', 'FAILED', 'LIQUIDATED'];

interface Execution {
  readonly status: WorkflowExecutionInfo['status'];
  readonly memo?: Record<string, unknown> | undefined;
  readonly closeTime?: Date | undefined;
  readonly typedSearchAttributes: TypedSearchAttributes;
}

const NEEDS_ATTENTION = defineSearchAttributeKey('NeedsAttention', 'BOOL');

/** Null when the execution is none of our executors: it carries no config. */
export function executorSnapshot(info: Execution): ExecutorSnapshot | null {
  const memo = textMemo(info.memo);
  const config = parseJson<ExecutorConfig>(memo['config']);
  if (config === null) return null;
  const execution = executionKind(info.status.name);
  const status = STATUSES.find((name) => name === memo['status']) ?? 'RUNNING';
  return {
    config,
    execution,
    closedAtMs: info.closeTime?.getTime() ?? null,
    status: execution === 'open' ? status : 'TERMINATED',
    closeType: closeType(memo['close_type']),
    outcome: OUTCOMES.find((name) => name === memo['outcome']) ?? null,
    netPnlQuote: memo['net_pnl_quote'] ?? '0',
    netPnlFraction: memo['net_pnl_pct'] ?? '0',
    feesPaidQuote: memo['fees_paid_quote'] ?? '0',
    volumeQuote: memo['volume_quote'] ?? '0',
    lastError: emptyToNull(memo['last_error']),
    needsAttention: info.typedSearchAttributes.get(NEEDS_ATTENTION) === true,
    entryTotals: parseJson<FillTotalsRecord>(memo['entry_totals']),
    exitTotals: parseJson<FillTotalsRecord>(memo['exit_totals']),
    memo,
  };
}

function executionKind(status: WorkflowExecutionInfo['status']['name']): ExecutorSnapshot['execution'] {
  switch (status) {
    case 'RUNNING':
    case 'PAUSED':
    case 'CONTINUED_AS_NEW':
      return 'open';
    case 'COMPLETED':
      return 'ended';
    case 'FAILED':
    case 'CANCELLED':
    case 'TERMINATED':
    case 'TIMED_OUT':
    case 'UNSPECIFIED':
    case 'UNKNOWN':
      return 'cut';
  }
}

function textMemo(memo: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(memo ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A memo can be written by anyone with the CLI: what does not parse is as good as absent. */
function parseJson<T extends object>(text: string | undefined): T | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : null;
  } catch {
    return null;
  }
}

function closeType(text: string | undefined): CloseType | null {
  return text !== undefined && Object.hasOwn(CLOSE_TYPES, text) ? (text as CloseType) : null;
}

function emptyToNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
