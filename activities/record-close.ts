import { ApplicationFailure } from '@temporalio/activity';
import type { ClosingRecord, ExecutorClosed } from '../src/contract/activities.js';
import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord } from '../src/domain/fills.js';
import { ReportConflictError, type ReportArchive } from '../src/ports/report-archive.js';
import { crashPoint } from './crash-points.js';
import type { SessionLogger } from './session/account-services.js';

/** Tells a controller about a closed executor, starting the controller's workflow if need be. */
export type TellController = (controllerId: string, closed: ExecutorClosed) => Promise<void>;

/** Hold first, archive second: a report that says POSITION_HOLD is never seen before the hold is. */
export async function recordClose(archive: ReportArchive, tell: TellController, closing: ClosingRecord, logger: SessionLogger): Promise<ClosingRecord> {
  await keep(archive, tell, closing, logger);
  return closing;
}

async function keep(archive: ReportArchive, tell: TellController, closing: ClosingRecord, logger: SessionLogger): Promise<void> {
  const { report } = closing;
  if (report.closed_at_ms === null) throw ApplicationFailure.nonRetryable('a report without an end cannot be recorded', 'INTERNAL');
  // An executor that was archived has counted these fills itself: its leg only came too late to tell it. And a workflow
  // whose process died before the server heard of its end decides again, with what came meanwhile: the first report stands.
  if ((await archive.find(closing.orphanOf ?? report.executor_id)) !== null) return;
  const totals = report.hold?.orders.reduce((sum, order) => addTotals(sum, totalsFromRecord(order.totals)), NO_FILLS) ?? NO_FILLS;
  await tell(closing.holdControllerId, {
    executorId: report.executor_id,
    executorType: report.executor_type,
    closeType: report.close_type ?? '',
    netPnlQuote: report.net_pnl_quote,
    feesQuote: report.fees_paid_quote,
    volumeQuote: report.volume_quote,
    closedAtMs: report.closed_at_ms,
    hold:
      report.hold === null
        ? null
        : {
            connector: report.hold.connector,
            account: report.hold.account,
            pair: report.hold.pair,
            base: report.hold.pair.split('-')[0] ?? '',
            positionSide: report.hold.positionSide,
            orders: report.hold.orders,
            totals: totalsRecord(totals),
            fundingQuote: report.hold.fundingQuote,
          },
  });
  crashPoint('during-record-close');
  if (closing.orphanOf !== null) return;
  try {
    await archive.record(report);
  } catch (error) {
    if (!(error instanceof ReportConflictError)) throw error;
    // A run that was reset after its end: the first report stands, the second is told of and not kept.
    logger.error({ executorId: report.executor_id }, error.message);
  }
}
