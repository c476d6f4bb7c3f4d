import type { CodeAnswer, RequestFault, StatusAnswer } from '../faults/fault.js';
import type { Answer } from './answer.js';

const KNOWN: Readonly<Record<number, readonly [status: number, message: string]>> = {
  [-1000]: [500, 'An unknown error occurred while processing the request.'],
  [-1001]: [500, 'Internal error; unable to process your request. Please try again.'],
  [-1003]: [429, 'Too many requests; please use the websocket for live updates.'],
  [-1006]: [500, 'An unexpected response was received from the message bus. Execution status unknown.'],
  [-1007]: [504, 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.'],
  [-1008]: [503, 'Server is currently overloaded with other requests. Please try again in a few minutes.'],
  [-1015]: [400, 'Too many new orders; current limit is 50 orders per 10 SECOND.'],
  [-1016]: [400, 'This service is no longer available.'],
  [-1021]: [400, 'Timestamp for this request is outside of the recvWindow.'],
  [-1022]: [400, 'Signature for this request is not valid.'],
  [-2010]: [400, 'Duplicate order sent.'],
  [-2011]: [400, 'Unknown order sent.'],
  [-2013]: [400, 'Order does not exist.'],
  [-2014]: [401, 'API-key format invalid.'],
  [-2015]: [401, 'Invalid API-key, IP, or permissions for action.'],
  [-2019]: [400, 'Margin is insufficient.'],
  [-4059]: [400, 'No need to change position side.'],
  [-4116]: [400, 'ClientOrderId is duplicated.'],
  [-5021]: [400, 'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history.'],
  [-5022]: [400, 'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.'],
};

/** The answer of a fault that answers instead of the exchange; undefined for any other. */
export function answerOfFault(fault: RequestFault): Answer | undefined {
  switch (fault.kind) {
    case 'status-before-commit':
    case 'status-after-commit':
      return statusAnswer(fault);
    case 'code-before-commit':
    case 'code-after-commit':
      return codeAnswer(fault);
    case 'maintenance':
      return { status: 503, body: JSON.stringify({ code: 1, msg: 'System is under maintenance.' }) };
    case 'drop-before-commit':
    case 'drop-after-commit':
    case 'hang-before-commit':
    case 'hang-after-commit':
    case 'cut-body-after-commit':
    case 'stall-body-after-commit':
    case 'delay-before-commit':
    case 'delay-after-commit':
    case 'read-lag':
    case 'clock-skew':
    case 'ban':
      return undefined;
  }
}

/** What a banned address is told, whatever it asks. */
export function banAnswer(untilMs: number, nowMs: number): Answer {
  const msg = `Way too many requests; IP banned until ${untilMs}. Please use WebSocket Streams for live updates to avoid bans.`;
  const retryAfterSeconds = Math.ceil((untilMs - nowMs) / 1_000);
  return { status: 418, body: JSON.stringify({ code: -1003, msg }), retryAfterSeconds };
}

function statusAnswer({ status, body, retryAfterSeconds }: StatusAnswer): Answer {
  const isThrottle = status === 429 || status === 418;
  return { status, body: body ?? defaultBody(status), retryAfterSeconds: retryAfterSeconds ?? (isThrottle ? 1 : undefined) };
}

function codeAnswer({ code, status, message }: CodeAnswer): Answer {
  const [usualStatus, usualMessage] = KNOWN[code] ?? [400, 'An error of this exchange.'];
  return statusAnswer({ status: status ?? usualStatus, body: JSON.stringify({ code, msg: message ?? usualMessage }) });
}

/** What Binance answers with a status when the fault does not say. */
function defaultBody(status: number): string {
  if (status === 429 || status === 418) return JSON.stringify({ code: -1003, msg: KNOWN[-1003]?.[1] });
  if (status === 503) return JSON.stringify({ code: -1008, msg: KNOWN[-1008]?.[1] });
  if (status === 504) return '<html><head><title>504 Gateway Time-out</title></head></html>';
  if (status === 502 || status === 524) return `<html><head><title>${status}</title></head></html>`;
  return JSON.stringify({ code: -1000, msg: KNOWN[-1000]?.[1] });
}
