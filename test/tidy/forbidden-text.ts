import { isCode, type Finding, type ProjectFile } from './project-files.js';

/** Names that say nothing about what is inside. */
const EMPTY_NAMES = /^(?:utils?|helpers?|common|misc|shared|lib)$/i;

export function checkNames({ path }: ProjectFile): readonly Finding[] {
  const parts = path.split('/').map((part) => part.replace(/\..*$/, ''));
  return parts.filter((part) => EMPTY_NAMES.test(part)).map((part) => ({ path, rule: `"${part}" names no idea; name the file by what it is about` }));
}

interface ForbiddenText {
  readonly pattern: RegExp;
  readonly rule: string;
  readonly applies: (path: string) => boolean;
}

const everywhere = (): boolean => true;
const inPureCode = (path: string): boolean => /^src\/(?:domain|contract)\//.test(path);

const FORBIDDEN: readonly ForbiddenText[] = [
  { pattern: /(?<![\w.:/-])\/(?:work|root|home|Users)\/[\w.-]+/, rule: 'names a path of one machine', applies: everywhere },
  { pattern: /[A-Z]:\\Users\\/, rule: 'names a path of one machine', applies: everywhere },
  { pattern: /\bregistry\.[\w-]+\.(?:com|org|net|io|dev)\b|\b(?:pypi|pythonhosted)\.org\b|"resolved":\s*"https?:/, rule: 'names a package registry; the user configures which one', applies: everywhere },
  { pattern: /\b(?:TO[D]O|FI[X]ME)\b/, rule: 'leaves work for later', applies: everywhere },
  { pattern: /\b(?:describe|it|test)\.(?:skip|only|todo|fails)\b/, rule: 'leaves a test out, or all others', applies: isCode },
  { pattern: /@ts-(?:ignore|nocheck)\b|\beslint[-]disable/, rule: 'switches a check off', applies: isCode },
  { pattern: /\bissue #?\d+\b|\(#\d+\)/i, rule: 'refers to an issue number; say what it is about', applies: everywhere },
  { pattern: /\b(?:Date\.now|new Date\b|Math\.random|performance\.now|setTimeout|setInterval|process\.\w+)/, rule: 'asks the surroundings; time and chance come as arguments', applies: inPureCode },
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/, rule: 'holds a private key', applies: everywhere },
];

export function checkText({ path, text }: ProjectFile): readonly Finding[] {
  return FORBIDDEN.filter(({ pattern, applies }) => applies(path) && pattern.test(text)).map(({ pattern, rule }) => {
    const found = pattern.exec(text);
    const line = text.slice(0, found?.index ?? 0).split('\n').length;
    return { path: `${path}:${line}`, rule: `${rule}: ${found?.[0] ?? ''}` };
  });
}
