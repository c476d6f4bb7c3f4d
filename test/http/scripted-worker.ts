import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { recordClose } from '../../activities/record-close.js';
import type { CommandActivities, NearbyActivities, OwnershipActivities, RecordActivities, SessionActivities } from '../../src/contract/activities.js';
import { type FillReport, type OpenOrder, type SessionCommand, SIGNALS } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import { accountQueue, commandQueue, EXECUTORS_QUEUE, sessionQueue } from '../../src/contract/queues.js';
import type { FillTotalsRecord, OrderRecord, SessionEnd, SessionResult } from '../../src/contract/session-result.js';
import { orderTypeOf } from '../../src/domain/enumerations.js';
import type { ReportArchive } from '../../src/ports/report-archive.js';
import { createLogger } from '../../src/logger.js';
import { grantAccount } from '../../worker/grant-accounts.js';
import { tellController } from '../../worker/tell-controller.js';
import { bundleToRun } from '../../worker/bundle.js';
import type { ScriptedMarket } from './scripted-market.js';

export const NO_TOTALS: FillTotalsRecord = { filledBase: '0', filledQuote: '0', feesBase: '0', feesQuote: '0', feesByAsset: {}, fillCount: 0, firstFillAtMs: null, lastFillAtMs: null };

/** Totals of one fill at a price, with a fee in quote. */
export function oneFill(amountBase: string, quote: string, feeQuote: string): FillTotalsRecord {
  return { filledBase: amountBase, filledQuote: quote, feesBase: '0', feesQuote: feeQuote, feesByAsset: { USDT: feeQuote }, fillCount: 1, firstFillAtMs: 1_000, lastFillAtMs: 1_000 };
}

interface Session {
  readonly plan: OrderPlan;
  sequence: number;
  totals: FillTotalsRecord;
  readonly end: (result: SessionResult) => void;
}

/**
 * A worker with the real workflows and the real record activity; its order sessions trade what the test tells them. It
 * owns the account as a real one does: by a running `ownAccount`.
 */
const OPEN: OpenOrder = { clientOrderId: 'scripted', purpose: 'work', side: 'BUY', type: 'LIMIT', amountBase: '0.01', priceQuote: '60000', triggerPriceQuote: null };

export class ScriptedWorker {
  readonly sessions = new Map<string, Session>();
  readonly #workers: Worker[] = [];
  readonly #client: Client;
  #runs: Promise<unknown> = Promise.resolve();

  constructor(client: Client) {
    this.#client = client;
  }

  async start(connection: NativeConnection, namespace: string, archive: ReportArchive, market: ScriptedMarket, account: { connector: string; name: string }): Promise<void> {
    const shared = { connection, namespace };
    const logger = createLogger({ name: 'scripted-worker', env: { LOG_LEVEL: 'silent' } });
    const record: RecordActivities = { recordClose: (closing) => recordClose(archive, tellController(this.#client), closing, logger) };
    const own: OwnershipActivities = { ownAccount };
    const session: SessionActivities = { workOrder: (plan) => this.#workOrder(plan) };
    const command: CommandActivities = {
      commandSession: (path, sent) => this.#command(path.workflowId, sent),
      coverAmendment: () => Promise.resolve({ covered: true }),
      readMarket: async (pair) => ({ rules: await market.rules(pair), ...(await market.topOfBook()) }),
    };
    const near: NearbyActivities = { readOwnMarket: (_connector, _account, pair) => command.readMarket(pair) };
    const { connector, name } = account;
    this.#workers.push(
      await Worker.create({ ...shared, taskQueue: EXECUTORS_QUEUE, workflowBundle: await bundleToRun(process.env), activities: { ...record, ...near } }),
      await Worker.create({ ...shared, taskQueue: accountQueue(connector, name), activities: { ...own } }),
      await Worker.create({ ...shared, taskQueue: sessionQueue(connector, name), activities: { ...session } }),
      await Worker.create({ ...shared, taskQueue: commandQueue(connector, name), activities: { ...command } }),
    );
    this.#runs = Promise.all(this.#workers.map((worker) => worker.run()));
    await grantAccount(this.#client, connector, name);
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await this.#runs;
  }

  /** The running session of a workflow, once it is there. */
  async session(workflowId: string): Promise<Session> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      const found = this.sessions.get(workflowId);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no session of ${workflowId}; running: ${[...this.sessions.keys()].join(', ')}`);
  }

  /** Tells the workflow of cumulative fills, as a session does. */
  async fill(workflowId: string, totals: FillTotalsRecord): Promise<void> {
    const session = await this.session(workflowId);
    session.sequence += 1;
    session.totals = totals;
    const report: FillReport = { sequence: session.sequence, totals, openOrders: [OPEN], trigger: null };
    await this.#client.workflow.getHandle(workflowId).signal(SIGNALS.fillReport, report);
  }

  async end(workflowId: string, end: SessionEnd): Promise<void> {
    const session = await this.session(workflowId);
    this.sessions.delete(workflowId);
    session.end(sessionResult(session, end));
  }

  async #workOrder(plan: OrderPlan): Promise<SessionResult> {
    const { workflowId } = plan.path;
    return await new Promise<SessionResult>((resolve, reject) => {
      this.sessions.set(workflowId, { plan, sequence: 0, totals: NO_TOTALS, end: resolve });
      const context = Context.current();
      const pulse = setInterval(() => context.heartbeat(), 1_000);
      void context.cancelled.catch((error: unknown) => {
        clearInterval(pulse);
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  async #command(workflowId: string, command: SessionCommand): Promise<void> {
    await this.end(workflowId, { kind: 'stopped', reason: command.reason });
  }
}

async function ownAccount(): Promise<never> {
  const context = Context.current();
  const pulse = setInterval(() => context.heartbeat(), 500);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(pulse);
  }
}

function sessionResult(session: Session, end: SessionEnd): SessionResult {
  const { plan, totals } = session;
  const order: OrderRecord = {
    clientOrderId: 'x-1',
    exchangeOrderId: '1',
    purpose: plan.role === 'exit' ? 'close' : 'work',
    side: plan.side,
    type: orderTypeOf(plan.strategy),
    amountBase: totals.filledBase,
    priceQuote: plan.priceQuote,
    state: 'filled',
    totals,
  };
  return {
    end,
    totals,
    orders: totals.fillCount === 0 ? [] : [order],
    ordersSent: 1,
    retries: 0,
    trigger: null,
    protectedTotals: null,
    predecessorTotals: null,
    residueBase: '0',
    lastError: null,
    unvaluedFees: {},
    endedAtMs: Date.now(),
  };
}
