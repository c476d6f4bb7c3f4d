import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface ProjectFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A finding of a check: where, and which rule is broken. */
export interface Finding {
  readonly path: string;
  readonly rule: string;
}

const BINARY = /\.(?:gz|png|jpg|ico|db|whl)$/;

/** Every text file of the repository: tracked, and new ones that are not ignored, so that a fault shows before its commit. */
export function projectFiles(): readonly ProjectFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: PROJECT_ROOT, encoding: 'utf8' });
  return [...new Set(listed.split('\0'))]
    .filter((path) => path !== '' && !BINARY.test(path) && statSync(join(PROJECT_ROOT, path), { throwIfNoEntry: false })?.isFile() === true)
    .map((path) => ({ path, text: readFileSync(join(PROJECT_ROOT, path), 'utf8') }));
}

export function isCode(path: string): boolean {
  return /\.[cm]?ts$/.test(path);
}

/** Code that runs in production: everything but tests. */
export function isProductionCode(path: string): boolean {
  return isCode(path) && /^(?:src|workflows|activities|worker|scripts)\//.test(path);
}

/** Findings as one text, for a failing expectation that says all. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(({ path, rule }) => `${path}: ${rule}`).join('\n');
}
