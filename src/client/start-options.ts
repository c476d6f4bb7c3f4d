import { defineSearchAttributeKey, type SearchAttributePair, TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowStartOptions } from '@temporalio/client';
import { type DcaExecutorConfig, type ExecutorConfig, marketsOf, WORKFLOW_TYPES } from '../contract/executor-config.js';
import { EXECUTORS_QUEUE } from '../contract/queues.js';
import { marketKey } from '../contract/search-attributes.js';

/** How an executor's workflow is started: visible in lists, and readable in the Web UI, from its first moment. */
export function startOptions(config: ExecutorConfig): { readonly workflowType: string; readonly options: WorkflowStartOptions } {
  return {
    workflowType: WORKFLOW_TYPES[config.type],
    options: {
      workflowId: config.id,
      taskQueue: EXECUTORS_QUEUE,
      args: [workflowInput(config)],
      // An id names one executor for ever: neither a running nor a closed one is started again.
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      typedSearchAttributes: new TypedSearchAttributes(searchAttributes(config)),
      memo: { config: JSON.stringify(config), status: 'RUNNING' },
      staticSummary: summary(config),
      staticDetails: details(config),
    },
  };
}

/** An order workflow is an executor or the leg of one, and is told which. */
function workflowInput(config: ExecutorConfig): unknown {
  return config.type === 'order_executor' ? { kind: 'executor', config } : config;
}

function searchAttributes(config: ExecutorConfig): SearchAttributePair[] {
  const pair = <T extends 'KEYWORD' | 'KEYWORD_LIST' | 'BOOL' | 'DATETIME' | 'DOUBLE'>(name: string, type: T, value: unknown): SearchAttributePair =>
    ({ key: defineSearchAttributeKey(name, type), value }) as SearchAttributePair;
  return [
    pair('ExecutorType', 'KEYWORD', config.type),
    pair('ExecutorRole', 'KEYWORD', 'executor'),
    pair('ControllerId', 'KEYWORD', config.controllerId),
    pair('Side', 'KEYWORD', config.side),
    pair('ExecutorStatus', 'KEYWORD', 'RUNNING'),
    pair('NeedsAttention', 'BOOL', false),
    pair('Markets', 'KEYWORD_LIST', marketsOf(config).map(({ connector, pair, account }) => marketKey(connector, pair, account))),
    pair('CreatedAt', 'DATETIME', new Date(config.createdAtMs)),
    pair('NetPnlQuote', 'DOUBLE', 0),
    pair('VolumeQuote', 'DOUBLE', 0),
  ];
}

function summary(config: ExecutorConfig): string {
  const place = `${config.pair} on ${config.connector}`;
  switch (config.type) {
    case 'order_executor':
      return `order ${config.side} ${config.amountBase} ${place}: ${config.executionStrategy}${config.priceQuote === null ? '' : ` at ${config.priceQuote}`}`;
    case 'position_executor':
      return `position ${config.side} ${config.amountBase} ${place}: ${barriers(config.tripleBarrier)}`;
    case 'dca_executor':
      return `dca ${config.side} in ${config.amountsQuote.length} levels ${place}: ${config.mode}, ${barriers(config)}`;
    case 'grid_executor':
      return `grid ${config.side} from ${config.startPriceQuote} to ${config.endPriceQuote} for ${config.totalAmountQuote} ${place}: ${barriers(config)}`;
    case 'arbitrage_executor':
      return `arbitrage of ${config.amountBase}: buys ${place}, sells ${config.selling.pair} on ${config.selling.connector}, above ${config.minProfitabilityFraction}`;
    case 'xemm_executor':
      return `xemm ${config.side} ${config.amountBase} ${place}, hedged as ${config.hedge.pair} on ${config.hedge.connector}: from ${config.minProfitabilityFraction} to ${config.maxProfitabilityFraction}`;
    case 'twap_executor':
      return `twap ${config.side} for ${config.totalAmountQuote} ${place}: ${config.mode}, a slice every ${config.orderIntervalSeconds} s for ${config.totalDurationSeconds} s`;
  }
}

function barriers({ stopLossFraction, takeProfitFraction, trailingStop, timeLimitSeconds }: Pick<DcaExecutorConfig, 'stopLossFraction' | 'takeProfitFraction' | 'trailingStop' | 'timeLimitSeconds'>): string {
  const all = [
    takeProfitFraction === null ? null : `TP ${takeProfitFraction}`,
    stopLossFraction === null ? null : `SL ${stopLossFraction}`,
    trailingStop === null ? null : `trailing ${trailingStop.activationFraction}/${trailingStop.deltaFraction}`,
    timeLimitSeconds === null ? null : `${timeLimitSeconds} s`,
  ].filter((barrier) => barrier !== null);
  return all.length === 0 ? 'no barriers' : all.join(', ');
}

function details(config: ExecutorConfig): string {
  return [
    `Executor of controller **${markdownText(config.controllerId)}**, account ${markdownText(config.account)}.`,
    '',
    'Stop it: update `stop`, or signal `early_stop` with `{"keep_position": true}` to keep what is filled.',
    'Look at it: queries `report` and `why`.',
  ].join('\n');
}

function markdownText(text: string): string {
  return text.replace(/[*_`[\]<>|]/g, (character) => `\\${character}`);
}
