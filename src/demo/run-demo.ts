import { PaperControlClient } from '../paper/control-client.js';
import { decimal } from '../domain/money.js';
import { PAPER_CONNECTOR, SECOND_PAPER_CONNECTOR } from '../stack/executors-configuration.js';
import { choosePriceFeed, type ChosenFeed } from '../stack/price-feed.js';
import { removeStackRecord, writeStackRecord } from '../stack/stack-record.js';
import type { Stack } from '../stack/stack-options.js';
import { startStack } from '../stack/start-stack.js';
import { DEMO_CONTROLLER, demoExecutors, TIME_LIMIT_SECONDS, type DemoExecutor } from './demo-executors.js';
import type { DemoOptions } from './demo-options.js';
import { ExecutorApi } from './executor-api.js';
import type { ExecutorRow } from './executor-row.js';
import { LiveScreen, type ScreenOutput } from './live-screen.js';
import { lookWithLines, reportText, reportsJson } from './standard-report.js';
import { SECOND_EXCHANGE, twoExchangeExecutors } from './two-exchange-executors.js';
import { watchExecutors } from './watch-executors.js';

export interface DemoSurroundings {
  /** Where the person reads; with `--json` standard error, because standard output carries the reports alone. */
  readonly terminal: ScreenOutput;
  readonly stdout: { write(text: string): unknown };
  readonly interruption: { readonly signal: AbortSignal; readonly happened: Promise<void> };
}

/** A busy one is replaced, which the stack says. */
const PREFERRED_PORTS = { http: 8000, temporalUi: 8233 } as const;
/** Recordings and synthetic markets move this many times faster, so that a barrier is met within the minute. */
const FEED_SPEED = 8;
const GRACE_SECONDS = 60;

/**
 * The whole demo. Answers false when it was interrupted before its reports. Whatever happens, every process it started has
 * ended when this returns or throws.
 */
export async function runDemo(options: DemoOptions, { terminal, stdout, interruption }: DemoSurroundings): Promise<boolean> {
  const say = (message: string): void => {
    terminal.write(`${message}\n`);
  };
  // A death is told with the end of a log, which would push the prices off the screen.
  const sayBriefly = (message: string): void => say(message.split('\n')[0] ?? '');
  const chosen = await choosePrices(options);
  say(chosen.sentence);
  const onTwo = options.twoExchanges.length > 0;
  say(`Starting Temporal, ${onTwo ? 'two paper exchanges' : 'the paper exchange'}, a worker and the HTTP facade ...`);
  const second = onTwo ? { secondPaper: SECOND_EXCHANGE } : {};
  const stack = await startStack({ preferredPorts: PREFERRED_PORTS, feed: chosen.feed, ...second, restartWhenTheyDie: true, onEvent: sayBriefly });
  try {
    interruption.signal.throwIfAborted();
    announce(stack, say);
    const { rows, executors } = await trade(stack, { chosen, options }, new LiveScreen(terminal), say, interruption.signal);
    executors.forEach((executor, index) => {
      const row = rows[index];
      if (row !== undefined) say(`\n${reportText(executor.name, row)}`);
    });
    if (options.json) stdout.write(`${reportsJson(rows)}\n`);
    if (!options.exit) {
      say(`\n${lookWithLines(rows[0]?.id ?? 'ID', stack.temporal.uiUrl).join('\n')}`);
      say('\nEverything stays up. Ctrl-C stops it.');
      await interruption.happened;
    }
    return true;
  } catch (error) {
    if (!interruption.signal.aborted) throw withLog(error, stack);
    return false;
  } finally {
    say(interruption.signal.aborted ? '\nStopping (Ctrl-C again to stop at once) ...' : '\nStopping ...');
    removeStackRecord();
    await stack.stop();
    say('Stopped.');
  }
}

async function choosePrices({ directory, seed }: DemoOptions): Promise<ChosenFeed> {
  if (seed !== undefined) return { feed: { kind: 'synthetic', seed }, sentence: `Prices: a synthetic market with seed ${seed}.` };
  return await choosePriceFeed(directory === undefined ? {} : { directory });
}

function announce(stack: Stack, say: (message: string) => void): void {
  const { temporal, http, worker } = stack;
  writeStackRecord({
    pid: process.pid,
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    ownServer: temporal.process !== undefined,
    ...(temporal.uiUrl === undefined ? {} : { uiUrl: temporal.uiUrl }),
    ...(http === undefined ? {} : { httpUrl: http.url }),
  });
  const login = http?.password === 'admin' ? `user ${http.username}, password admin` : `user ${http?.username ?? ''}, your PASSWORD`;
  say(`HTTP             ${http?.url ?? ''}  (${login})`);
  say(`Temporal Web UI  ${temporal.uiUrl ?? `of the server at ${temporal.address}`}`);
  say(`Worker           process ${worker?.pid ?? ''}  (kill -9 it while the position is open: it comes back and goes on)\n`);
}

interface Traded {
  readonly executors: readonly DemoExecutor[];
  readonly rows: readonly ExecutorRow[];
}

async function trade(stack: Stack, { chosen, options }: { readonly chosen: ChosenFeed; readonly options: DemoOptions }, screen: LiveScreen, say: (message: string) => void, signal: AbortSignal): Promise<Traded> {
  const { http, paper } = stack;
  if (http === undefined || paper === undefined) throw new Error('the stack runs without its HTTP facade or paper exchange');
  const control = new PaperControlClient(paper.controlUrl);
  const { bid } = await control.pair('ETHUSDT');
  if (bid === null) throw new Error('the paper exchange has no price for ETH-USDT yet');
  if (chosen.feed.kind !== 'live') {
    await control.setFeedSpeed(FEED_SPEED);
    if (stack.secondPaper !== undefined) await new PaperControlClient(stack.secondPaper.controlUrl).setFeedSpeed(FEED_SPEED);
    say(`The market runs ${FEED_SPEED} times as fast as it was.`);
  }
  const api = new ExecutorApi(http);
  const executors = stack.secondPaper === undefined ? demoExecutors(PAPER_CONNECTOR, decimal(bid.priceQuote)) : twoExchangeExecutors(options.twoExchanges, PAPER_CONNECTOR, SECOND_PAPER_CONNECTOR);
  const ids: string[] = [];
  for (const { name, sentence, config } of executors) {
    const id = await api.create(DEMO_CONTROLLER, config);
    ids.push(id);
    say(`POST /executors  ${name.padEnd(12)} ${id.slice(0, 8)}  ${sentence}`);
  }
  say(`\n${lookWithLines(ids[0] ?? 'ID', stack.temporal.uiUrl).join('\n')}\n`);
  const timeoutMs = (TIME_LIMIT_SECONDS + GRACE_SECONDS) * 1_000;
  return { executors, rows: await watchExecutors({ api, screen, ids, timeoutMs, signal }) };
}

/** The temporary folder with the logs goes away with the stack, so the end of the worker's log goes with the error. */
function withLog(error: unknown, stack: Stack): Error {
  const message = error instanceof Error ? error.message : String(error);
  const log = (stack.worker?.logTail() ?? []).slice(-15).map((line) => `    ${line}`);
  return new Error([message, ...(log.length === 0 ? [] : ['The end of the log of the worker:', ...log])].join('\n'), { cause: error });
}
