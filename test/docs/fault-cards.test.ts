import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultSchema } from '../../src/paper/control/schemas.js';
import { PROJECT_ROOT, projectFiles } from '../tidy/project-files.js';
import { codeOf, section, tableRows } from './markdown.js';

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const cardFiles = projectFiles().filter(({ path }) => path.startsWith('test/exchanges/fault-cards/'));

it('the page of faults has a row for every card, and no row without one', () => {
  const tested = new Set(cardFiles.flatMap(({ text }) => [...text.matchAll(/\b(?:it|test)[^\n]*'card (\d\d): |\)\)?\('card (\d\d): /g)].map((match) => match[1] ?? match[2])));
  const listed = tableRows(read('docs/faults.md')).map(([card]) => card);
  expect(tested.size).toBeGreaterThan(30);
  expect([...listed].sort()).toEqual([...tested].sort());
  expect(new Set(listed).size).toBe(listed.length);
});

it('every kind of fault the paper exchange knows is on its page and on a card', () => {
  const kinds = faultSchema.options.map((option) => option.shape.kind.value);
  const listed = tableRows(section(read('docs/paper-exchange.md'), 'Faults')).flatMap(([cell = '']) => cell.split(', ').flatMap((name) => codeOf(name) ?? []));
  expect([...listed].sort()).toEqual([...kinds].sort());
  const cards = cardFiles.map(({ text }) => text).join('\n');
  expect(kinds.filter((kind) => !cards.includes(`'${kind}'`))).toEqual([]);
});
