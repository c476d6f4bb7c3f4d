const PREFIX = 'READY ';
const LONGEST_LINE = 64 * 1024;

/** Finds the one line `READY {json}` in a program's standard output, which arrives in arbitrary pieces. */
export class ReadyLine {
  #partial = '';
  #found: Record<string, unknown> | undefined;

  get found(): Record<string, unknown> | undefined {
    return this.#found;
  }

  /**
   * Takes the next piece; returns the announcement when this piece completes it. Throws when the line is not JSON or
   * not an object: the program breaks the protocol and must not be taken for ready.
   */
  take(chunk: string): Record<string, unknown> | undefined {
    if (this.#found !== undefined) return undefined;
    const lines = (this.#partial + chunk).split('\n');
    this.#partial = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    const line = lines.find((candidate) => candidate.startsWith(PREFIX));
    if (line === undefined) return undefined;
    const parsed: unknown = JSON.parse(line.slice(PREFIX.length));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new Error(`the READY line must carry a JSON object, got ${line.slice(0, 200)}`);
    }
    this.#found = parsed as Record<string, unknown>;
    return this.#found;
  }
}
