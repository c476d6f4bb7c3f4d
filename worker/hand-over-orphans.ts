import type { AccountServices } from '../activities/session/account-services.js';
import type { RecordActivities } from '../src/contract/activities.js';
import { orphanReports } from '../src/contract/orphan-report.js';

/** Gives the fills of a session without any workflow to the controller of its plan. */
export function handOverOrphans(recordClose: RecordActivities['recordClose']): AccountServices['handOver'] {
  return async (plan, result) => {
    for (const report of orphanReports(plan, result)) {
      await recordClose({ report, holdControllerId: plan.controllerId, orphanOf: plan.path.rootId });
    }
  };
}
