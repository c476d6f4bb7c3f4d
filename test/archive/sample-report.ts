import type { ExecutorReport } from '../../src/contract/report.js';

/** A closed position as the archive receives it. */
export function sampleReport(executorId: string, createdAtMs: number, changes: Partial<ExecutorReport> = {}): ExecutorReport {
  return {
    executor_id: executorId,
    executor_type: 'position_executor',
    controller_id: 'main',
    account_name: 'master_account',
    connector_name: 'binance_paper_trade',
    trading_pair: 'BTC-USDT',
    side: 'BUY',
    status: 'TERMINATED',
    close_type: 'TAKE_PROFIT',
    outcome: 'COMPLETED',
    net_pnl_quote: '1.25',
    net_pnl_pct: '0.0125',
    fees_paid_quote: '0.2',
    volume_quote: '201.45',
    filled_amount_quote: '201.45',
    duration_seconds: '61.5',
    created_at_ms: createdAtMs,
    closed_at_ms: createdAtMs + 61_500,
    is_trading: false,
    needs_attention: false,
    error_count: 0,
    last_error: null,
    config: { id: executorId, type: 'position_executor', controller_id: 'main', side: 'BUY', amount: '0.01', timestamp: createdAtMs / 1000 },
    custom_info: { side: 'BUY', current_position_average_price: '10000', close_price: '10145' },
    orders: [],
    residue_base: '0',
    hold: null,
    why: [{ atMs: createdAtMs, decision: 'entry', evidence: { bid: '10000' } }],
    ...changes,
  };
}
