import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answersItsInput, type Intent } from './intent.js';

export const HISTORIES_FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));

interface RecordedPayload {
  data?: string | null;
}

interface RecordedPayloads {
  payloads?: RecordedPayload[] | null;
}

/** One event, with the attributes that carry an intent; names as in Temporal's JSON of histories. */
export interface RecordedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly activityTaskScheduledEventAttributes?: { readonly activityType: { readonly name: string }; readonly taskQueue: { readonly name: string }; input?: RecordedPayloads };
  readonly markerRecordedEventAttributes?: { readonly markerName: string; readonly details?: { result?: RecordedPayloads; data?: RecordedPayloads } };
  readonly startChildWorkflowExecutionInitiatedEventAttributes?: { readonly workflowId: string; readonly workflowType: { readonly name: string }; input?: RecordedPayloads };
  readonly signalExternalWorkflowExecutionInitiatedEventAttributes?: { readonly signalName: string; readonly workflowExecution: { readonly workflowId: string }; input?: RecordedPayloads };
  readonly workflowExecutionCompletedEventAttributes?: { result?: RecordedPayloads };
}

export interface RecordedHistory {
  /** `<executor>-<behaviour>`, the file's name. */
  readonly name: string;
  readonly workflowId: string;
  readonly history: { readonly events: readonly RecordedEvent[] };
}

export function recordedHistories(): readonly RecordedHistory[] {
  const files = readdirSync(HISTORIES_FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => ({ name: basename(file, '.json'), ...(JSON.parse(readFileSync(join(HISTORIES_FOLDER, file), 'utf8')) as Omit<RecordedHistory, 'name'>) }));
}

/** What the workflow wanted when the history was made. */
export function recordedIntents({ history }: RecordedHistory): readonly Intent[] {
  return history.events.flatMap((event): Intent[] => {
    const payloads = payloadsOf(event);
    return payloads === null ? [] : [{ ...payloads.intent, args: JSON.stringify((payloads.holder?.payloads ?? []).map(decoded)) }];
  });
}

/** The same history with the first such text in the intents of one kind changed. Throws when there is none. */
export function withPlantedChange(recorded: RecordedHistory, kind: Intent['kind'], from: string, to: string): RecordedHistory {
  const copy = structuredClone(recorded);
  for (const event of copy.history.events) {
    const found = payloadsOf(event);
    if (found?.intent.kind !== kind) continue;
    for (const payload of found.holder?.payloads ?? []) {
      const text = Buffer.from(payload.data ?? '', 'base64').toString('utf8');
      if (!text.includes(from)) continue;
      payload.data = Buffer.from(text.replace(from, to), 'utf8').toString('base64');
      return copy;
    }
  }
  throw new Error(`${recorded.name} holds no ${kind} with ${from}`);
}

interface Recorded {
  readonly intent: Omit<Intent, 'args'>;
  readonly holder: RecordedPayloads | undefined;
}

/** The end of what was done in the workflow's own process. */
function localPayloads(event: RecordedEvent): Recorded | null {
  const marker = event.markerRecordedEventAttributes;
  if (marker?.markerName !== 'core_local_activity') return null;
  const { activity_type: name } = decoded(marker.details?.data?.payloads?.[0] ?? {}) as { readonly activity_type: string };
  return { intent: { kind: 'local', name, target: '' }, holder: answersItsInput(name) ? marker.details?.result : undefined };
}

function payloadsOf(event: RecordedEvent): Recorded | null {
  const { activityTaskScheduledEventAttributes: activity, startChildWorkflowExecutionInitiatedEventAttributes: child } = event;
  const { signalExternalWorkflowExecutionInitiatedEventAttributes: signal, workflowExecutionCompletedEventAttributes: completed } = event;
  if (activity !== undefined) return { intent: { kind: 'activity', name: activity.activityType.name, target: activity.taskQueue.name }, holder: activity.input };
  if (child !== undefined) return { intent: { kind: 'child', name: child.workflowType.name, target: child.workflowId }, holder: child.input };
  if (signal !== undefined) return { intent: { kind: 'signal', name: signal.signalName, target: signal.workflowExecution.workflowId }, holder: signal.input };
  if (completed !== undefined) return { intent: { kind: 'result', name: '', target: '' }, holder: completed.result };
  return localPayloads(event);
}

function decoded(payload: RecordedPayload): unknown {
  return JSON.parse(Buffer.from(payload.data ?? '', 'base64').toString('utf8'));
}
