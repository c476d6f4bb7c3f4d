import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

interface ArmedLine {
  readonly workflowId: string;
  /** Unix ms at which the session could fire, by the worker's clock. */
  readonly armedAtMs: number;
  /** Unix ms of the first fill it protects, by the exchange's clock. */
  readonly fillAtMs: number;
}

const CHUNK_BYTES = 1 << 20;

/** Reads what the worker says in its log as it comes: which exits can fire, and since when. */
export class WorkerLog {
  private readonly armed = new Map<string, ArmedLine>();
  private readonly decoder = new StringDecoder('utf8');
  private readonly file: number;
  private rest = '';
  private position = 0;

  constructor(path: string) {
    this.file = openSync(path, 'r');
  }

  /** Exits armed so far (of this process or an earlier one), by the executor's id. */
  exits(): ReadonlyMap<string, ArmedLine> {
    this.read();
    return this.armed;
  }

  /** Forgets what was armed before, for a worker that starts anew. */
  forget(): void {
    this.read();
    this.armed.clear();
  }

  close(): void {
    closeSync(this.file);
  }

  private read(): void {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const bytes = readSync(this.file, buffer, 0, CHUNK_BYTES, this.position);
      if (bytes === 0) return;
      this.position += bytes;
      const lines = (this.rest + this.decoder.write(buffer.subarray(0, bytes))).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) if (line.includes('"msg":"armed"')) this.note(line);
    }
  }

  private note(line: string): void {
    const { workflowId, armedAtMs, fillAtMs } = JSON.parse(line) as { workflowId: string; armedAtMs: number; fillAtMs: number };
    const executorId = workflowId.split('/')[0] ?? workflowId;
    this.armed.set(executorId, { workflowId, armedAtMs, fillAtMs });
  }
}
