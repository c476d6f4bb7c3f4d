import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

const KEPT_LINES = 40;
const LONGEST_LINE = 2_000;
const LARGEST_FILE_BYTES = 32 * 1024 * 1024;

/**
 * Takes a child's output: appends it to a file when one is named, and keeps the last lines for an error message. The
 * file is bounded: when it is full it becomes `<name>.previous`, in place of the one before.
 */
export class LogTail {
  readonly #path: string | undefined;
  readonly #largestFileBytes: number;
  #file: number | undefined;
  #fileBytes = 0;
  #lines: string[] = [];
  #partial = '';

  constructor(path: string | undefined, largestFileBytes = LARGEST_FILE_BYTES) {
    this.#path = path;
    this.#largestFileBytes = largestFileBytes;
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    this.#open(path);
  }

  follow(stream: Readable): void {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => this.write(chunk));
  }

  write(chunk: string): void {
    this.#append(chunk);
    const lines = (this.#partial + chunk).split('\n');
    this.#partial = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) this.#keep(line);
  }

  /** The last complete lines and the unfinished one, oldest first. */
  lines(): string[] {
    return this.#partial === '' ? [...this.#lines] : [...this.#lines, this.#partial];
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #append(chunk: string): void {
    if (this.#path === undefined || this.#file === undefined) return;
    try {
      this.#fileBytes += writeSync(this.#file, chunk);
      if (this.#fileBytes < this.#largestFileBytes) return;
      this.close();
      renameSync(this.#path, `${this.#path}.previous`);
      this.#open(this.#path);
    } catch (error) {
      // A full disk must not take the supervised process down with it; the kept lines still say what happened.
      this.#keep(`(log file: ${error instanceof Error ? error.message : String(error)})`);
    }
  }

  #open(path: string): void {
    this.#file = openSync(path, 'a');
    this.#fileBytes = statSync(path).size;
  }

  #keep(line: string): void {
    this.#lines.push(line.slice(0, LONGEST_LINE));
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }
}
