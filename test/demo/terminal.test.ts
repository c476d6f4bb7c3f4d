import { expect, it } from 'vitest';
import { barrierLine, shownPrice } from '../../src/demo/barrier-line.js';
import { ExecutorRow } from '../../src/demo/executor-row.js';
import { LiveScreen } from '../../src/demo/live-screen.js';
import { progressLines, type ProgressLine } from '../../src/demo/progress-lines.js';
import { lookWithLines, REPORT_FIELDS, reportsJson, reportText } from '../../src/demo/standard-report.js';
import { decimal } from '../../src/domain/money.js';
import { parseExactJson } from '../../src/http/exact-json.js';

const line = (stop: string | null, price: string | null, target: string | null): string => {
  const read = (text: string | null) => (text === null ? null : decimal(text));
  return barrierLine({ stopQuote: read(stop), priceQuote: read(price), targetQuote: read(target) }, 11);
};

it('draws the price between its barriers, worse on the left', () => {
  expect(line('90', '100', '110')).toBe('stop 90.00 |-----*-----| 110.00 target   price 100.00');
  expect(line('90', '90', '110')).toContain('|*----------|');
  expect(line('90', '110', '110')).toContain('|----------*|');
});

it('turns the line round for a short, whose stop lies above', () => {
  expect(line('110', '108', '90')).toBe('stop 110.00 |-*---------| 90.00 target   price 108.00');
});

it('keeps a price beyond a barrier on the line, and draws nothing while something is unknown', () => {
  expect(line('90', '80', '110')).toContain('|*----------|');
  expect(line('90', '180', '110')).toContain('|----------*|');
  for (const unknown of [line(null, '1', '2'), line('1', null, '2'), line('1', '2', null), line('1', '1', '1')]) expect(unknown).toBe('');
});

it('shows small prices with digits that matter', () => {
  expect(shownPrice(decimal('61837.631'))).toBe('61837.63');
  expect(shownPrice(decimal('0.000012345678'))).toBe('0.0000123457');
});

const position = (fields: string): ExecutorRow => new ExecutorRow(parseExactJson(fields) as Readonly<Record<string, unknown>>);
const OPEN = position(`{
  "executor_id": "7fK2pQ9aXyz", "executor_type": "position_executor", "status": "RUNNING", "side": "SELL", "trading_pair": "BTC-USDT",
  "duration_seconds": 12.345, "net_pnl_quote": -1.23456789, "net_pnl_pct": -0.00123, "config": {"amount": 0.02},
  "custom_info": {"level_stop_loss_quote": 61900, "level_take_profit_quote": 61500, "current_price": 61700.5}}`);

const texts = (row: ExecutorRow): readonly string[] => progressLines(row).map(({ text }) => text);
const lines = (...given: readonly string[]): readonly ProgressLine[] => given.map((text) => ({ text, news: text }));

it('shows state, unrealised P&L and the price of an open position', () => {
  const [state, prices] = texts(OPEN);
  expect(state).toMatch(/^7fK2pQ9a {2}position .*SELL 0\.02 BTC-USDT .*RUNNING .*12\.3 s {2}unrealised P&L -1\.2346 USDT \(-0\.123 %\)$/);
  expect(prices).toMatch(/stop 61900\.00 \|-+\*-+\| 61500\.00 target {3}price 61700\.50/);
});

it('says that a position waits for its first fill, and how it ended', () => {
  expect(texts(new ExecutorRow({ ...OPEN.fields, custom_info: {} }))[1]).toContain('waiting for the first fill');
  const closed = texts(new ExecutorRow({ ...OPEN.fields, status: 'TERMINATED', close_type: 'TAKE_PROFIT', outcome: 'COMPLETED' }));
  expect(closed).toHaveLength(1);
  expect(closed[0]).toMatch(/TAKE_PROFIT \(COMPLETED\) .* P&L -1\.2346 USDT/);
  expect(closed[0]).not.toContain('unrealised');
});

it('shows an order as waiting, then as filled', () => {
  const order = { executor_id: 'abcdefghijk', executor_type: 'order_executor', status: 'RUNNING', side: 'BUY', trading_pair: 'ETH-USDT', config: { amount: '0.2', price: '2680.5' } };
  expect(texts(new ExecutorRow({ ...order, custom_info: { executed_amount_base: '0' } }))[0]).toContain('waiting at 2680.50 USDT');
  const filled = { executed_amount_base: '0.2', average_executed_price: '2680.5' };
  expect(texts(new ExecutorRow({ ...order, custom_info: filled }))[0]).toContain('filled 0.2 ETH at 2680.50 USDT');
});

function recorded(isTTY: boolean, columns = 80): { output: { write(text: string): void; isTTY: boolean; columns: number }; written: string[] } {
  const written: string[] = [];
  return { output: { write: (text) => void written.push(text), isTTY, columns }, written };
}

it('redraws in place on a terminal and never lets a line wrap', () => {
  const { output, written } = recorded(true, 6);
  const screen = new LiveScreen(output);
  screen.show(lines('one', 'two'), 0);
  screen.show(lines('a line that is too long', 'b'), 1);
  expect(written[0]?.startsWith('\u001b[2Kone\n')).toBe(true);
  expect(written[1]).toBe('\u001b[2A\u001b[2Ka lin\n\u001b[2Kb\n\u001b[J');
  screen.end(lines('c'), 2);
  screen.show(lines('below'), 3);
  expect(written[3]?.startsWith('\u001b[2Kbelow')).toBe(true);
});

it('elsewhere writes what changed, at most once a second, and always the end', () => {
  const { output, written } = recorded(false);
  const screen = new LiveScreen(output);
  screen.show(lines('a'), 0);
  screen.show(lines('b'), 500);
  screen.show(lines('c'), 1_000);
  screen.show(lines('c'), 2_500);
  screen.end(lines('d'), 2_600);
  expect(written).toEqual(['a\n', 'c\n', 'd\n']);
});

it('does not repeat what has not changed, however much time passes', () => {
  const { output, written } = recorded(false);
  const screen = new LiveScreen(output);
  const older = new ExecutorRow({ ...OPEN.fields, duration_seconds: '99.9' });
  screen.show([...progressLines(OPEN), ...lines('x')], 0);
  screen.show([...progressLines(older), ...lines('y')], 5_000);
  expect(written[1]).toBe('y\n');
});

it('prints every field of the standard report that has a value', () => {
  const row = position('{"executor_id": "x1", "close_type": "TAKE_PROFIT", "net_pnl_quote": 0.10000000000000000001, "last_error": null, "error_count": 0}');
  expect(reportText('position', row)).toBe('position\n  executor_id          x1\n  close_type           TAKE_PROFIT\n  net_pnl_quote        0.10000000000000000001\n  error_count          0');
});

it('answers the reports as one JSON array without touching a digit', () => {
  const digits = '0.10000000000000000001';
  const text = reportsJson([position(`{"executor_id": "x1", "net_pnl_quote": ${digits}, "net_pnl_quote_exact": "${digits}", "why": []}`), position('{}')]);
  expect(text).toContain(`"net_pnl_quote":${digits},"net_pnl_quote_exact":"${digits}"`);
  const parsed = JSON.parse(text) as Record<string, unknown>[];
  expect(parsed).toHaveLength(2);
  for (const report of parsed) expect(Object.keys(report)).toEqual(expect.arrayContaining([...REPORT_FIELDS]));
  expect(parsed[0]).not.toHaveProperty('why');
});

it('tells where to look', () => {
  const lines = lookWithLines('x1', 'http://127.0.0.1:8233').join('\n');
  expect(lines).toContain('http://127.0.0.1:8233');
  expect(lines).toContain('npm run temporal -- workflow describe -w x1');
  expect(lookWithLines('x1', undefined).join('\n')).not.toContain('http');
});
