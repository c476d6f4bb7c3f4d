import type { Finding, ProjectFile } from './project-files.js';

/** Folders whose modules are evaluated once for all workflows of a worker. */
const SHARED = /^(workflows|src\/contract|src\/domain)\//;

/** At the start of a line: inside a function it is nobody else's. A WeakMap may remember what follows from its key alone. */
const STATE: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^(?:export )?(?:let|var) (\w+)/, 'can be assigned again'],
  [/^(?:export )?const (\w+)\b(?!: Readonly(?:Map|Set)<)[^=]* = new (?:Map|Set)\b/, 'can be added to'],
  [/^(?:export )?const (\w+)\b(?!: (?:readonly|Readonly))[^=]* = (?:\[\]|\{\}|new Array\b)/, 'can be filled'],
];

/** What one workflow left in a module would be seen by all others. */
export function checkModuleState({ path, text }: ProjectFile): readonly Finding[] {
  if (!SHARED.test(path) || !path.endsWith('.ts')) return [];
  return text.split('\n').flatMap((line): Finding[] => {
    for (const [pattern, what] of STATE) {
      const name = pattern.exec(line)?.[1];
      if (name !== undefined) return [{ path, rule: `${name} belongs to the module and ${what}: all workflows share it` }];
    }
    return [];
  });
}
