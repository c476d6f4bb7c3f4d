import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { PROJECT_ROOT } from '../src/processes/program-command.js';

const FOLDERS = ['src', 'worker', 'activities', 'workflows'] as const;
/** What programs read beside code. */
const DATA = /\.json$/;

/** Every program as JavaScript in a new folder under the project's own, where its packages are found. Throws for what the compiler warns of. */
export async function buildPrograms(): Promise<string> {
  const cache = join(PROJECT_ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'programs-'));
  const files = FOLDERS.flatMap((folder) => readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)));
  const entryPoints = files.filter((file) => file.endsWith('.ts'));
  const { warnings } = await build({ absWorkingDir: PROJECT_ROOT, entryPoints, outdir: directory, outbase: PROJECT_ROOT, format: 'esm', platform: 'node', target: 'node20', logLevel: 'silent' });
  if (warnings.length > 0) throw new Error(warnings.map(({ text, location }) => `${location?.file ?? ''}:${location?.line ?? ''}: ${text}`).join('\n'));
  for (const file of files.filter((name) => DATA.test(name))) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(join(PROJECT_ROOT, file), join(directory, file));
  }
  writeFileSync(join(directory, 'package.json'), readFileSync(join(PROJECT_ROOT, 'package.json')));
  return directory;
}
