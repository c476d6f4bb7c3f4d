import { ExecutorError } from '../../src/client/executor-error.js';
import { ERRORS, type ErrorCode } from '../../src/domain/errors.js';
import { errorAnswer } from '../../src/http/error-answer.js';
import { table } from './markdown-table.js';

const INTRODUCTION = `# Errors

Every error of the system has one code, one meaning and one next step. The codes appear in reports (\`last_error\` begins
with what happened), in the decisions that \`why\` answers, in logs, and behind the statuses of the [HTTP API](http-api.md).
Texts carry no address, no key and no signature.

Who has to act:

- **caller**: the request or the config; correct it and send it again.
- **exchange**: the exchange refused; the text says what it said.
- **unreachable**: something is away for now; executors keep what they have and go on by themselves.
- **limit**: too much at once; it goes on by itself, slower.
- **bug**: a fault of this program.

"Retryable" means that the same thing can succeed later without a change. "HTTP" is the status when the error is the answer
to a request; most others only ever happen inside a running executor.
`;

/** docs/errors.md */
export function errorsPage(): string {
  const rows = (Object.keys(ERRORS) as ErrorCode[]).sort().map((code) => {
    const { kind, retryable, meaning, nextStep } = ERRORS[code];
    const { status } = errorAnswer(new ExecutorError(code, meaning));
    return [`\`${code}\``, kind, retryable ? 'yes' : 'no', String(status), meaning, nextStep];
  });
  return `${INTRODUCTION}\n${table(['code', 'who acts', 'retryable', 'HTTP', 'what happened', 'next step'], rows)}`;
}
