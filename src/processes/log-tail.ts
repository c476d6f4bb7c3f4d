import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

const KEPT_LINES = 40;
const LONGEST_LINE = 2_000;

/** Takes a child's output: appends it to a file when one is named, and keeps the last lines for an error message. */
export class LogTail {
  readonly #file: WriteStream | undefined;
  #lines: string[] = [];
  #partial = '';

  constructor(logFile: string | undefined) {
    if (logFile === undefined) return;
    mkdirSync(dirname(logFile), { recursive: true });
    this.#file = createWriteStream(logFile, { flags: 'a' });
    // A full disk must not take the supervised process down with it; the kept lines still say what happened.
    this.#file.on('error', (error) => this.#keep(`(log file: ${error.message})`));
  }

  follow(stream: Readable): void {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => this.write(chunk));
  }

  write(chunk: string): void {
    this.#file?.write(chunk);
    const lines = (this.#partial + chunk).split('\n');
    this.#partial = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) this.#keep(line);
  }

  /** The last complete lines and the unfinished one, oldest first. */
  lines(): string[] {
    return this.#partial === '' ? [...this.#lines] : [...this.#lines, this.#partial];
  }

  close(): void {
    this.#file?.end();
  }

  #keep(line: string): void {
    this.#lines.push(line.slice(0, LONGEST_LINE));
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }
}
