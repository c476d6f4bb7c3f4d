import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { isProductionCode, type Finding, type ProjectFile } from './project-files.js';

/** What the files under `from` may import: folders of the project, packages, or `node:` for all built-in modules. */
interface Border {
  readonly from: string;
  readonly may: readonly string[];
}

const BORDERS: readonly Border[] = [
  { from: 'src/domain/', may: ['src/domain/', 'decimal.js'] },
  { from: 'src/contract/', may: ['src/contract/', 'src/domain/'] },
  { from: 'src/ports/', may: ['src/ports/', 'src/contract/', 'src/domain/'] },
  { from: 'workflows/', may: ['workflows/', 'src/contract/', 'src/domain/', '@temporalio/workflow'] },
  { from: 'activities/', may: ['activities/', 'src/ports/', 'src/contract/', 'src/domain/', '@temporalio/activity', 'node:'] },
  // The paper exchange is a stranger to the system that trades on it.
  { from: 'src/paper/', may: ['src/paper/', 'src/redact.ts', 'src/processes/program-command.ts', 'zod', 'fastify', 'ws', 'pino', 'libsql', 'decimal.js', 'ccxt', 'tsx', 'node:'] },
];

/** Packages that only these places may import. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  ccxt: ['src/exchanges/', 'src/paper/feeds/live-feed.ts'],
  '@temporalio/client': ['src/client/', 'src/temporal-server/', 'worker/'],
  '@temporalio/worker': ['worker/', 'src/temporal-server/'],
  '@temporalio/workflow': ['workflows/'],
  '@temporalio/activity': ['activities/'],
  kysely: ['src/archive/'],
  pg: ['src/archive/'],
  viem: ['src/amm/'],
  fastify: ['src/http/', 'src/paper/'],
  'prom-client': ['src/metrics/'],
};

/** The three folders Temporal runs; `src` and what it holds never know them. */
const OUTER = ['workflows/', 'activities/', 'worker/', 'scripts/', 'test/'] as const;

/** Every module a file names: static and dynamic imports, re-exports, `require` and `import.meta.resolve` of a literal. */
export function importsOf(text: string): readonly string[] {
  const found = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
  const resolved = [...text.matchAll(/(?:\brequire|\.resolve)\(\s*'([^']+)'\s*\)/g)].map((match) => match[1] ?? '');
  return [...new Set([...found, ...resolved])];
}

/** The import as a path of the project, as a package name, or as `node:name`. */
export function targetOf(importer: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(importer), specifier).replace(/\.js$/, '.ts');
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

export function checkImports(file: ProjectFile): readonly Finding[] {
  if (!isProductionCode(file.path)) return [];
  return importsOf(file.text).flatMap((specifier) => {
    const target = targetOf(file.path, specifier);
    return [...borderRules(file.path, target), ...homeRules(file.path, target)].map((rule) => ({ path: file.path, rule: `imports ${specifier}, but ${rule}` }));
  });
}

function borderRules(path: string, target: string): string[] {
  const rules = BORDERS.filter((border) => path.startsWith(border.from) && !border.may.some((allowed) => matches(target, allowed))).map(
    (border) => `${border.from} imports only ${border.may.join(', ')}`,
  );
  if (path.startsWith('src/') && OUTER.some((folder) => target.startsWith(folder))) rules.push(`src/ imports nothing of ${OUTER.join(', ')}`);
  if (target.startsWith('test/')) rules.push('no production code imports tests');
  return [...new Set(rules)];
}

function homeRules(path: string, target: string): string[] {
  const homes = HOMES[target];
  return homes === undefined || homes.some((home) => path.startsWith(home)) ? [] : [`only ${homes.join(', ')} may`];
}

function matches(target: string, allowed: string): boolean {
  return allowed.endsWith('/') || allowed.endsWith(':') ? target.startsWith(allowed) : target === allowed;
}
