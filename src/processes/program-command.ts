import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Names a folder with the programs as JavaScript, in the folders of their sources. Started from there a process loads what
 * is its own at once; from the sources each one rewrites them first, a second of a core every time.
 */
export const BUILT_PROGRAMS_VARIABLE = 'BUILT_PROGRAMS_FOLDER';

/** Arguments of Node that start one of the project's programs; `file` relative to the project's root, `worker/main.ts`. */
export function programArguments(file: string, env: Readonly<Record<string, string | undefined>> = process.env): readonly string[] {
  const folder = env[BUILT_PROGRAMS_VARIABLE] ?? '';
  const built = folder === '' ? null : join(folder, `${file.slice(0, -extname(file).length)}.js`);
  // Programs of tests alone are not built.
  if (built !== null && existsSync(built)) return [built];
  return ['--import', import.meta.resolve('tsx'), join(PROJECT_ROOT, file)];
}
