import type { ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number | undefined;
  /** How much of the limits is used, where any are enforced. */
  readonly useHeaders?: Readonly<Record<string, string>>;
}

export function send(response: ServerResponse, answer: Answer): void {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, headersOf(answer, bytes)).end(bytes);
}

/** Promises the whole body, sends half of it, and breaks off or falls silent. */
export function sendHalf(response: ServerResponse, answer: Answer, then: 'break-off' | 'fall-silent'): void {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, headersOf(answer, bytes));
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
    if (then === 'break-off') response.destroy();
  });
}

function headersOf(answer: Answer, bytes: Buffer): Record<string, string | number> {
  return {
    'content-type': answer.body.startsWith('<') ? 'text/html' : 'application/json;charset=UTF-8',
    'content-length': bytes.length,
    'x-mbx-used-weight-1m': '1',
    ...answer.useHeaders,
    ...(answer.retryAfterSeconds === undefined ? {} : { 'retry-after': answer.retryAfterSeconds }),
  };
}
