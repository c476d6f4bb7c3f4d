import type { CancelRequest } from '../exchange/order-cancel.js';
import { type Half, type ReplaceMode, replaceOrder } from '../exchange/order-replace.js';
import { holdAnswer, holdBeforeCommit } from './order-routes.js';
import { type Parameters, missing } from './parameters.js';
import { newClientOrderId, parseOrder, parseResponseType, parseRestriction } from './parse-order.js';
import { renderCanceled, renderPlaced } from './render-order.js';
import type { RequestContext } from './request-context.js';
import { WireError, wireErrorOf } from './wire-error.js';

const MODES: Readonly<Record<'STOP_ON_FAILURE' | 'ALLOW_FAILURE', ReplaceMode>> = {
  STOP_ON_FAILURE: 'stop-on-failure',
  ALLOW_FAILURE: 'allow-failure',
};
const RESULTS = { success: 'SUCCESS', failure: 'FAILURE', 'not-attempted': 'NOT_ATTEMPTED' } as const;

/** Cancels one order and places another. Both halves are told, whatever became of them. */
export async function cancelReplaceOrder(context: RequestContext): Promise<unknown> {
  const { parameters, state, account } = context;
  const request = parseOrder(parameters, account);
  const responseType = parseResponseType(parameters);
  const mode = parseMode(parameters);
  const cancel = { account, symbol: request.symbol, ...parseCancelled(parameters) };
  parameters.finish();
  const pair = state.pair(request.symbol);
  await holdBeforeCommit(context, pair, request);
  const { cancelled, placed } = replaceOrder(state, mode, cancel, request);
  await holdAnswer(context, pair, request);
  const halves = {
    cancelResult: RESULTS[cancelled.result],
    newOrderResult: RESULTS[placed.result],
    cancelResponse: renderHalf(cancelled, (order) => renderCanceled(order, cancel.cancelClientOrderId)),
    newOrderResponse: renderHalf(placed, ({ order, trades }) => renderPlaced(order, trades, responseType)),
  };
  const successes = [cancelled, placed].filter((half) => half.result === 'success').length;
  if (successes === 2) return halves;
  if (successes === 1) throw new WireError(-2021, 'Order cancel-replace partially failed.', 409, halves);
  throw new WireError(-2022, 'Order cancel-replace failed.', 400, halves);
}

function parseMode(parameters: Parameters): ReplaceMode {
  const invalid = new WireError(-1145, 'Invalid cancelReplaceMode.');
  const mode = parameters.oneOf('cancelReplaceMode', ['STOP_ON_FAILURE', 'ALLOW_FAILURE'], invalid);
  if (mode === undefined) throw missing('cancelReplaceMode');
  return MODES[mode];
}

function parseCancelled(parameters: Parameters): Omit<CancelRequest, 'account' | 'symbol'> {
  const orderId = parameters.integer('cancelOrderId');
  const clientOrderId = parameters.text('cancelOrigClientOrderId');
  if (orderId === undefined && clientOrderId === undefined) {
    throw new WireError(-1102, "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!");
  }
  const cancelClientOrderId = parameters.clientOrderId('cancelNewClientOrderId') ?? newClientOrderId();
  return { orderId, clientOrderId, cancelClientOrderId, restriction: parseRestriction(parameters) };
}

function renderHalf<Result>(half: Half<Result>, render: (value: Result) => unknown): unknown {
  switch (half.result) {
    case 'success':
      return render(half.value);
    case 'failure':
      return wireErrorOf(half.rejection).toJson();
    case 'not-attempted':
      return null;
  }
}
