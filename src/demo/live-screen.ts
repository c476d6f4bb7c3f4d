import type { ProgressLine } from './progress-lines.js';

/** The part of a terminal that the screen needs. */
export interface ScreenOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const LINE_EVERY_MS = 1_000;
const DEFAULT_COLUMNS = 80;

/** Live lines: redrawn in place on a terminal; elsewhere those that tell something new, at most once a second. */
export class LiveScreen {
  #drawn = 0;
  #written: readonly string[] = [];
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly output: ScreenOutput) {}

  show(lines: readonly ProgressLine[], nowMs: number): void {
    if (this.output.isTTY === true) this.#redraw(lines);
    else if (nowMs - this.#writtenAtMs >= LINE_EVERY_MS) this.#append(lines, nowMs);
  }

  /** The last state; whatever is written from now on goes below it. */
  end(lines: readonly ProgressLine[], nowMs: number): void {
    if (this.output.isTTY === true) this.#redraw(lines);
    else this.#append(lines, nowMs);
    this.#drawn = 0;
  }

  #redraw(lines: readonly ProgressLine[]): void {
    // A line that wraps would make the count of lines to go back wrong.
    const columns = this.output.columns ?? DEFAULT_COLUMNS;
    const clipped = lines.map(({ text }) => text.slice(0, Math.max(1, columns - 1)));
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.output.write(`${up}${clipped.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[J`);
    this.#drawn = clipped.length;
  }

  #append(lines: readonly ProgressLine[], nowMs: number): void {
    const news = lines.filter((line) => !this.#written.includes(line.news));
    if (news.length === 0) return;
    this.#written = lines.map((line) => line.news);
    this.#writtenAtMs = nowMs;
    this.output.write(news.map(({ text }) => `${text}\n`).join(''));
  }
}
