import { fileURLToPath } from 'node:url';
import { Worker, type InjectedSinks, type WorkflowBundle } from '@temporalio/worker';
import { workflowBundle } from '../../worker/bundle.js';
import { quietReplays } from '../../worker/replay-histories.js';
import type { Intent } from './intent.js';
import type { IntentSinks } from './intent-recorder.js';
import { compareIntents } from './compare-intents.js';
import { recordedIntents, type RecordedHistory } from './recorded-history.js';

quietReplays();

/** A change of one text in one workflow file, made while the bundle is built. */
export interface Plant {
  /** Relative to `workflows/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const PLANT_LOADER = fileURLToPath(new URL('./plant-loader.cjs', import.meta.url));
const RECORDER = fileURLToPath(new URL('./intent-recorder.ts', import.meta.url));

/** The workflows as they are, or with plants in them, together with the recorder of intents. */
export async function replayBundle(plants: readonly Plant[] = []): Promise<WorkflowBundle> {
  return workflowBundle({
    workflowInterceptorModules: [RECORDER],
    webpackConfigHook: (config) => {
      const planted = plants.map((plant) => ({ test: (file: string) => file.endsWith(`/workflows/${plant.file}`), enforce: 'pre' as const, use: [{ loader: PLANT_LOADER, options: plant }] }));
      return { ...config, module: { ...config.module, rules: [...(config.module?.rules ?? []), ...planted] } };
    },
  });
}

/** Replays as Temporal does: the types and the order of commands are compared, nothing of what they say. */
export async function replay(bundle: WorkflowBundle, recorded: RecordedHistory): Promise<readonly Intent[]> {
  const performed: Intent[] = [];
  const sinks: InjectedSinks<IntentSinks> = {
    intents: { noted: { fn: (_info, intent) => void performed.push(intent), callDuringReplay: true } },
  };
  await Worker.runReplayHistory({ workflowBundle: bundle, sinks }, structuredClone(recorded.history), recorded.workflowId);
  return performed;
}

/** Replays and compares every field of every intent. Answers what differs. */
export async function replayWithIntentCheck(bundle: WorkflowBundle, recorded: RecordedHistory): Promise<readonly string[]> {
  return compareIntents(recordedIntents(recorded), await replay(bundle, recorded));
}
