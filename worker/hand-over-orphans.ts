import type { AccountServices } from '../activities/session/account-services.js';
import type { RecordActivities } from '../src/contract/activities.js';
import { cutReport } from '../src/contract/cut-executor.js';
import { orphanReports } from '../src/contract/orphan-report.js';

/** Gives fills without any workflow to a controller: those of a session to that of its plan, those of an executor to its own. */
export function handOverOrphans(recordClose: RecordActivities['recordClose']): Pick<AccountServices, 'handOver' | 'handOverCut'> {
  return {
    handOver: async (plan, result) => {
      for (const report of orphanReports(plan, result)) {
        await recordClose({ report, holdControllerId: plan.controllerId, orphanOf: plan.path.rootId });
      }
    },
    handOverCut: async (executor) => {
      await recordClose({ report: cutReport(executor), holdControllerId: executor.config.controllerId, orphanOf: null });
    },
  };
}
