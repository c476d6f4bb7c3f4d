/** The part of a terminal that the screen needs. */
export interface ScreenOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const LINE_EVERY_MS = 1_000;
const DEFAULT_COLUMNS = 80;

/** Live lines: redrawn in place on a terminal, elsewhere written when they changed and at most once a second. */
export class LiveScreen {
  #drawn = 0;
  #last = '';
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly output: ScreenOutput) {}

  show(lines: readonly string[], nowMs: number): void {
    if (this.output.isTTY === true) this.#redraw(lines);
    else this.#append(lines, nowMs, false);
  }

  /** The last state; whatever is written from now on goes below it. */
  end(lines: readonly string[], nowMs: number): void {
    if (this.output.isTTY === true) this.#redraw(lines);
    else this.#append(lines, nowMs, true);
    this.#drawn = 0;
  }

  #redraw(lines: readonly string[]): void {
    // A line that wraps would make the count of lines to go back wrong.
    const columns = this.output.columns ?? DEFAULT_COLUMNS;
    const clipped = lines.map((line) => line.slice(0, Math.max(1, columns - 1)));
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.output.write(`${up}${clipped.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[J`);
    this.#drawn = clipped.length;
  }

  #append(lines: readonly string[], nowMs: number, isLast: boolean): void {
    const text = lines.map((line) => `${line}\n`).join('');
    if (text === this.#last || (!isLast && nowMs - this.#lastAtMs < LINE_EVERY_MS)) return;
    this.#last = text;
    this.#lastAtMs = nowMs;
    this.output.write(text);
  }
}
