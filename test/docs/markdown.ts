/** Fenced blocks of a language. */
export function fencedBlocks(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter((match) => match[1] === language).map((match) => match[2] ?? '');
}

/** Rows of every table, cells trimmed, without heads and rules. */
export function tableRows(markdown: string): readonly (readonly string[])[] {
  const lines = withoutFences(markdown).split('\n');
  return lines.flatMap((line, index) => {
    const isRow = line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? '');
    return isRow ? [cells(line)] : [];
  });
}

/** Text of a section: from its heading to the next one of the same or a higher level. Throws when there is none. */
export function section(markdown: string, heading: string): string {
  const match = new RegExp(`^(#+) ${heading.replace(/[.*+?^\${}()|[\]\\]/g, '\\$&')}$`, 'm').exec(markdown);
  if (match === null) throw new Error(`there is no section "${heading}"`);
  const rest = markdown.slice(match.index + match[0].length);
  const next = new RegExp(`^#{1,${match[1]?.length ?? 1}} `, 'm').exec(rest);
  return next === null ? rest : rest.slice(0, next.index);
}

/** Addresses of links and images. */
export function linkTargets(markdown: string): readonly string[] {
  return [...withoutFences(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** The anchor a heading can be linked by. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...withoutFences(markdown).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-')));
}

/** The text in backquotes, or null when the cell is something else. */
export function codeOf(cell: string): string | null {
  return /^`([^`]+)`$/.exec(cell)?.[1] ?? null;
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, '');
}

function isRule(line: string): boolean {
  return /^\|(?:\s*:?-+:?\s*\|)+$/.test(line);
}

function cells(line: string): readonly string[] {
  return line.slice(1).replace(/\|\s*$/, '').split('|').map((cell) => cell.trim());
}
