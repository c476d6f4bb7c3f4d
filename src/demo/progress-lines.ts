import { Decimal } from '../domain/money.js';
import { barrierLine, shownPrice } from './barrier-line.js';
import type { ExecutorRow } from './executor-row.js';

/** A line on the screen. */
export interface ProgressLine {
  readonly text: string;
  /** What has to differ for the line to be news; passing time is none. */
  readonly news: string;
}

/** What the terminal shows of one executor: a line of state, and for an open position one of prices. */
export function progressLines(row: ExecutorRow): readonly ProgressLine[] {
  const lines = [stateLine(row)];
  if (row.text('executor_type') === 'position_executor' && !row.isOver) {
    const prices = barrierLine({
      stopQuote: row.infoDecimal('level_stop_loss_quote'),
      priceQuote: row.infoDecimal('current_price'),
      targetQuote: row.infoDecimal('level_take_profit_quote'),
    });
    const text = `  ${prices === '' ? 'waiting for the first fill' : prices}`;
    lines.push({ text, news: text });
  }
  return lines;
}

function stateLine(row: ExecutorRow): ProgressLine {
  const [base = '', quote = ''] = row.text('trading_pair').split('-');
  const state = row.isOver ? `${row.text('close_type')} (${row.text('outcome')})` : row.text('status');
  const size = row.config('amount') === '' ? '' : `${row.config('amount')} `;
  const what = `${row.shortId}  ${row.text('executor_type').replace('_executor', '').padEnd(8)}  ${row.text('side')} ${size}${row.text('trading_pair')}`;
  const seconds = `${row.decimal('duration_seconds').toFixed(1)} s`;
  const how = result(row, base, quote);
  return { text: `${what.padEnd(42)}  ${state.padEnd(26)}  ${seconds.padStart(7)}  ${how}`.trimEnd(), news: `${what} ${state} ${how}` };
}

function result(row: ExecutorRow, base: string, quote: string): string {
  if (row.text('executor_type') === 'grid_executor') {
    const trips = `${row.infoCount('round_trips')} round trips, P&L ${signed(row.decimal('net_pnl_quote'), 4)} ${quote}`;
    return row.isOver ? trips : `${row.infoCount('levels_by_state', 'OPEN_ORDER_PLACED')} entries and ${row.infoCount('levels_by_state', 'CLOSE_ORDER_PLACED')} take profits out, ${trips}`;
  }
  if (row.text('executor_type') === 'position_executor') {
    const pnl = row.decimal('net_pnl_quote');
    return `${row.isOver ? 'P&L' : 'unrealised P&L'} ${signed(pnl, 4)} ${quote} (${signed(row.decimal('net_pnl_pct').times(100), 3)} %)`;
  }
  const legs = bothLegs(row);
  if (legs !== null) return `${legs}, P&L ${signed(row.decimal('net_pnl_quote'), 4)} ${quote}`;
  const filled = row.infoDecimal('executed_amount_base') ?? new Decimal(0);
  if (filled.isZero()) {
    const limit = row.config('price');
    return limit === '' ? '' : `waiting at ${shownPrice(new Decimal(limit))} ${quote}`;
  }
  const average = row.infoDecimal('average_executed_price');
  return `filled ${filled.toFixed()} ${base}${average === null ? '' : ` at ${shownPrice(average)} ${quote}`}`;
}

/** What trades on two exchanges tells of each of them; null of everything else. */
function bothLegs(row: ExecutorRow): string | null {
  const amount = (name: string): string => (row.infoDecimal(name) ?? new Decimal(0)).toFixed();
  if (row.text('executor_type') === 'xemm_executor') return `filled ${amount('maker_filled_base')}, hedged ${amount('hedge_filled_base')}`;
  return row.text('executor_type') === 'arbitrage_executor' ? `bought ${amount('bought_base')}, sold ${amount('sold_base')}` : null;
}

function signed(value: Decimal, digits: number): string {
  const text = value.toFixed(digits);
  return value.isNegative() && !/^-0\.?0*$/.test(text) ? text : `+${text.replace('-', '')}`;
}
