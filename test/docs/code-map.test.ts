import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT, projectFiles } from '../tidy/project-files.js';
import { codeOf, section, tableRows } from './markdown.js';

/** Folders whose inside the map shows; of the others it names the top alone. */
const MAPPED = /^(?:src|workflows|activities|worker)\//;

function foldersOf(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    const depth = MAPPED.test(path) ? parts.length : Math.min(parts.length, 1);
    for (let length = 1; length <= depth; length += 1) folders.add(`${parts.slice(0, length).join('/')}/`);
  }
  // `src/` is what the map is mostly about; it holds nothing of its own that the text does not name.
  folders.delete('src/');
  return [...folders].sort();
}

function mappedFolders(page: string): readonly string[] {
  return tableRows(section(page, 'Code map'))
    .map(([folder = '']) => codeOf(folder) ?? '')
    .sort();
}

const page = readFileSync(join(PROJECT_ROOT, 'docs/ARCHITECTURE.md'), 'utf8');

it('the code map names every folder, and every folder it names is there', () => {
  expect(mappedFolders(page)).toEqual(foldersOf(projectFiles().map(({ path }) => path)));
});

it('a folder too many or too few is found', () => {
  const paths = ['src/a/x.ts', 'src/a/b/y.ts', 'test/deep/er/z.ts', 'README.md'];
  expect(foldersOf(paths)).toEqual(['src/a/', 'src/a/b/', 'test/']);
  const map = '## Code map\n\n| folder | what |\n|---|---|\n| `src/a/` | x |\n| `src/gone/` | y |\n';
  expect(mappedFolders(map)).not.toEqual(foldersOf(paths));
});

it('files of src/ that belong to no folder are named in the text', () => {
  const loose = projectFiles().map(({ path }) => path).filter((path) => /^src\/[^/]+$/.test(path));
  for (const path of loose) expect(section(page, 'Code map'), path).toContain(`\`${path}\``);
});
