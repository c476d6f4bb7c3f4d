import { fencedBlocks } from './markdown.js';

/** What stands for something only a running stack knows. */
export interface Placeholders {
  readonly EXECUTOR_ID: string;
  readonly WORKER_PID: string;
  /** Address of the HTTP facade, for the one the page shows. */
  readonly url: string;
}

export const SHOWN_URL = 'http://127.0.0.1:8000';

/** Every command line of the page's shell blocks, in order. A line with `&&` is one command for a reader, several for a check. */
export function shellCommands(markdown: string): readonly string[] {
  return fencedBlocks(markdown, 'sh').flatMap((block) => block.split('\n').map((line) => line.trim()).filter((line) => line !== ''));
}

export function fillIn(command: string, placeholders: Placeholders): string {
  return command.replaceAll('EXECUTOR_ID', placeholders.EXECUTOR_ID).replaceAll('WORKER_PID', placeholders.WORKER_PID).replaceAll(SHOWN_URL, placeholders.url);
}

/** Where a command of the README is run: `demo` and `start` by the test of that name, the others as told. */
export type CommandHome = 'demo' | 'start' | 'demo flags' | 'crash flags' | 'continuous integration';

const HOMES: readonly { readonly pattern: RegExp; readonly home: CommandHome }[] = [
  { pattern: /^npm ci && npm test$/, home: 'continuous integration' },
  { pattern: /^npm ci && npm run demo$/, home: 'demo flags' },
  { pattern: /^npm run --silent demo -- --json$/, home: 'demo' },
  { pattern: /^npm run demo -- --xemm --arbitrage --exit$/, home: 'demo' },
  { pattern: /^npm run demo( -- --[\w -]+)?$/, home: 'demo flags' },
  { pattern: /^npm run crash -- --[\w -]+$/, home: 'crash flags' },
  { pattern: /^kill -9 WORKER_PID$/, home: 'demo' },
  { pattern: /^npm run temporal -- workflow /, home: 'demo' },
  { pattern: /^npm start$/, home: 'start' },
  { pattern: /^curl -s /, home: 'start' },
];

/** Null for a command that no test runs. */
export function homeOf(command: string): CommandHome | null {
  return HOMES.find(({ pattern }) => pattern.test(command))?.home ?? null;
}

export function commandsOf(markdown: string, home: CommandHome): readonly string[] {
  return shellCommands(markdown).filter((command) => homeOf(command) === home);
}

/** Homes that no command of the page has: a test that runs less than it says. */
export function emptyHomes(markdown: string): readonly string[] {
  const commands = shellCommands(markdown);
  return HOMES.filter(({ pattern }) => !commands.some((command) => pattern.test(command))).map(({ pattern }) => String(pattern));
}
