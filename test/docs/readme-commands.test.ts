import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCrashOptions } from '../../scripts/crash/crash-options.js';
import { parseDemoOptions } from '../../src/demo/demo-options.js';
import { PROJECT_ROOT } from '../tidy/project-files.js';
import { commandsOf, emptyHomes, homeOf, shellCommands } from './readme-commands.js';

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const readme = read('README.md');

it('every command of the README is run by a test', () => {
  expect(shellCommands(readme).filter((command) => homeOf(command) === null)).toEqual([]);
  expect(emptyHomes(readme)).toEqual([]);
  expect(homeOf('npm run something-else')).toBeNull();
});

it('continuous integration installs and tests as the README says', () => {
  expect(read('.ci/run').split('\n')).toEqual(expect.arrayContaining(['npm ci', 'exec npm test']));
});

/** What stands behind npm's own `--`. */
const flagsOf = (command: string): readonly string[] => (command.split(' -- ')[1] ?? '').split(' ').filter((flag) => flag !== '');

it('the flags of the demo and of the crash run are theirs', () => {
  const demos = commandsOf(readme, 'demo flags');
  for (const command of demos) expect(() => parseDemoOptions(flagsOf(command)), command).not.toThrow();
  expect(demos.length).toBeGreaterThan(2);
  const crashes = commandsOf(readme, 'crash flags');
  for (const command of crashes) expect(() => parseCrashOptions(flagsOf(command)), command).not.toThrow();
  expect(crashes).toHaveLength(1);
});

it('every npm script of the README and of CONTRIBUTING exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const commands = [readme, read('CONTRIBUTING.md')].flatMap(shellCommands).flatMap((line) => line.split(' && '));
  const used = commands.flatMap((command) => /^npm (?:run (?:--silent )?)?(start|test|[a-z]+)/.exec(command)?.[1] ?? []).filter((name) => name !== 'ci');
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((name) => scripts[name] === undefined)).toEqual([]);
});
