/** At most this many edits apart, a key counts as a misspelling of another. */
const MAX_EDITS = 2;
const MAX_KEY_LENGTH = 60;

/** The known key that was probably meant, or null. Case, `_` and `-` do not count. */
export function nearestKey(key: string, known: readonly string[]): string | null {
  const folded = fold(key);
  let best: { readonly key: string; readonly edits: number } | null = null;
  for (const candidate of known) {
    const other = fold(candidate);
    // Two edits in a key of five letters make another word of it.
    const allowed = Math.min(MAX_EDITS, Math.floor(other.length / 4));
    const edits = editDistance(folded, other);
    if (edits <= allowed && (best === null || edits < best.edits)) best = { key: candidate, edits };
  }
  return best?.key ?? null;
}

function fold(key: string): string {
  return key.slice(0, MAX_KEY_LENGTH).toLowerCase().replace(/[_\-\s]/g, '');
}

/** Levenshtein distance. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
