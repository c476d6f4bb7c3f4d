import type { Intent } from './intent.js';

const KINDS = ['activity', 'local', 'child', 'signal', 'result'] as const;
const MAX_SHOWN = 60;

/**
 * Every field of every intent, in the order of their kind: what the history holds against what the code wants now.
 * Answers one line per field that differs.
 */
export function compareIntents(recorded: readonly Intent[], performed: readonly Intent[]): readonly string[] {
  return KINDS.flatMap((kind) => {
    const before = recorded.filter((intent) => intent.kind === kind);
    const now = performed.filter((intent) => intent.kind === kind);
    return Array.from({ length: Math.max(before.length, now.length) }, (_, index) => compareOne(kind, index, before[index], now[index])).flat();
  });
}

function compareOne(kind: Intent['kind'], index: number, before: Intent | undefined, now: Intent | undefined): readonly string[] {
  const what = `${kind} ${index + 1} (${[before?.name ?? now?.name, before?.target ?? now?.target].filter((part) => part !== '').join(' to ')})`;
  if (before === undefined || now === undefined) return [`${what}: ${before === undefined ? 'only the code has it' : 'only the history has it'}`];
  return [
    ...differences('name', before.name, now.name),
    ...differences('target', before.target, now.target),
    ...differences('args', JSON.parse(before.args), JSON.parse(now.args)),
  ].map((difference) => `${what}: ${difference}`);
}

function differences(path: string, before: unknown, now: unknown): readonly string[] {
  if (isObject(before) && isObject(now)) {
    const names = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...names].flatMap((name) => differences(Array.isArray(before) ? `${path}[${name}]` : `${path}.${name}`, before[name], now[name]));
  }
  return before === now ? [] : [`${path} is ${shown(before)} in the history, ${shown(now)} now`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, MAX_SHOWN);
}
