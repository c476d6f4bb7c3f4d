import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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

it('the flags of the demo are flags of the demo', () => {
  const commands = commandsOf(readme, 'demo flags');
  for (const command of commands) {
    const [, flags = ''] = command.split(' -- ');
    expect(() => parseDemoOptions(flags.split(' ').filter((flag) => flag !== '')), command).not.toThrow();
  }
  expect(commands.length).toBeGreaterThan(2);
});

it('every npm script of the README and of CONTRIBUTING exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const commands = [readme, read('CONTRIBUTING.md')].flatMap(shellCommands).flatMap((line) => line.split(' && '));
  const used = commands.flatMap((command) => /^npm (?:run (?:--silent )?)?(start|test|[a-z]+)/.exec(command)?.[1] ?? []).filter((name) => name !== 'ci');
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((name) => scripts[name] === undefined)).toEqual([]);
});
