import { setTimeout as sleep } from 'node:timers/promises';
import { holdsWithin, type CrashScene } from './crash-scene.js';
import { readPatiently } from './read-patiently.js';

/** Prices go on moving for a while after the last crash, so that barriers end what they can. */
const QUIET_MS = 3_000;
/** Longer than every timeout and every bounded wait of a session together. */
const END_WITHIN_MS = 90_000;

/** No more faults; everything that still runs is stopped, and has to end. Answers what did not, in words. */
export async function endAll(scene: CrashScene): Promise<readonly string[]> {
  for (const paper of [scene.paper, scene.second.paper]) {
    await paper.clearFaults();
    await paper.setRetention({ forget: 'nothing' });
    await paper.setSocketLifetime({ scope: 'all', maxAgeMs: null });
  }
  await sleep(QUIET_MS);
  const open = async (): Promise<readonly string[]> => (await scene.client.listOpen({})).filter(({ execution }) => execution === 'open').map(({ config }) => config.id);
  const unstopped: string[] = [];
  for (const id of await readPatiently(open)) {
    const stop = { keep_position: scene.random.chance(0.3), reason: 'end of the crash run' };
    await scene.fleet.stop(id, stop).catch((error: unknown) => unstopped.push(`executor ${id} could not be stopped: ${String(error)}`));
  }
  await holdsWithin(END_WITHIN_MS, async () => (await open()).length === 0 && (await unfinished(scene, 'Running')) === 0);
  await scene.second.market.stop();
  await scene.market.stop();
  const hung = await Promise.all((await readPatiently(open)).map((id) => describe(scene, id)));
  const legs = await readPatiently(() => unfinished(scene, 'Running'));
  const failed = await readPatiently(() => unfinished(scene, 'Failed', 'Terminated', 'TimedOut', 'Canceled'));
  return [
    ...unstopped,
    ...hung,
    ...(hung.length === 0 && legs > 0 ? [`${legs} workflows of executors that ended still run`] : []),
    ...(failed > 0 ? [`${failed} workflows did not complete`] : []),
  ];
}

/** Workflows of executors and their legs in one of these states. */
async function unfinished(scene: CrashScene, ...states: readonly string[]): Promise<number> {
  const query = `WorkflowType IN ('order', 'position', 'twap', 'dca', 'grid', 'xemm', 'arbitrage') AND ExecutionStatus IN (${states.map((state) => `'${state}'`).join(', ')})`;
  return (await scene.temporal.client.workflow.count(query)).count;
}

async function describe(scene: CrashScene, id: string): Promise<string> {
  const report = await scene.client.report(id);
  if (report === null) return `executor ${id} still runs and does not answer`;
  const why = report.why.slice(-6).map(({ decision, evidence }) => `${decision} ${JSON.stringify(evidence)}`);
  return `executor ${id} (${report.executor_type}) still runs, ${report.status}, last error: ${report.last_error ?? 'none'}\n    ${why.join('\n    ')}`;
}
