import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT, projectFiles } from '../tidy/project-files.js';
import { anchorsOf, linkTargets } from './markdown.js';

const pages = projectFiles().filter(({ path }) => path.endsWith('.md'));

/** What is wrong with a link of a page, null when nothing is. Addresses of other sites are not asked. */
function fault(path: string, text: string, target: string): string | null {
  if (/^(?:https?|mailto):/.test(target)) return null;
  const [file = '', anchor] = target.split('#');
  const resolved = file === '' ? path : posix.join(dirname(path), decodeURIComponent(file));
  const onDisk = join(PROJECT_ROOT, resolved);
  if (resolved.startsWith('..') || !existsSync(onDisk)) return `${target}: there is no ${resolved}`;
  if (anchor === undefined) return null;
  const linked = file === '' ? text : statSync(onDisk).isFile() ? readFileSync(onDisk, 'utf8') : '';
  return anchorsOf(linked).has(anchor) ? null : `${target}: ${resolved} has no such heading`;
}

it('every relative link of every page leads somewhere', () => {
  expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/ARCHITECTURE.md', 'docs/executors/order.md', 'docs/executors/position.md']));
  const faults = pages.flatMap(({ path, text }) => linkTargets(text).flatMap((target) => fault(path, text, target) ?? []));
  expect(faults).toEqual([]);
  expect(pages.flatMap(({ text }) => linkTargets(text)).length).toBeGreaterThan(5);
});

it('and a broken one is found', () => {
  const text = '# A heading\n[a](docs/NOWHERE.md) [b](#no-heading) [c](#a-heading) [d](README.md#no-heading) [e](../outside.md) [f](https://example.com)';
  const faults = linkTargets(text).map((target) => fault('README.md', text, target) !== null);
  expect(faults).toEqual([true, true, false, true, true, false]);
});
