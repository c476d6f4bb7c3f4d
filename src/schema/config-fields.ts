import { SIDES } from '../domain/enumerations.js';
import { readExecutorId } from './executor-id.js';
import { type FieldDocumentation, optionalField, type Reader, requiredField, RuleBroken } from './field.js';
import { readDecimal, readInteger } from './decimal-field.js';
import { ACCOUNT_TEXT, CONNECTOR_TEXT, CONTROLLER_TEXT, LEVEL_TEXT, PAIR_TEXT, readName, readText } from './name-field.js';

/** A clock a little ahead of ours is fine; a time in milliseconds is not. */
const FUTURE_TOLERANCE_SECONDS = 60;
const MAX_LEVERAGE = 500;

/** Unix seconds as the wire has them, to ms. */
const readTimestampMs: Reader<number> = (raw) => {
  const seconds = readDecimal(raw);
  const latest = Date.now() / 1000 + FUTURE_TOLERANCE_SECONDS;
  if (seconds.lt(0) || seconds.gt(latest)) throw new RuleBroken('must be a time in Unix seconds that is not in the future');
  return seconds.times(1000).trunc().toNumber();
};

export const readSide = readName(
  ['BUY', 'SELL'],
  { BUY: 'BUY', LONG: 'BUY', [String(SIDES.BUY)]: 'BUY', SELL: 'SELL', SHORT: 'SELL', [String(SIDES.SELL)]: 'SELL' },
  ' (1 and LONG mean BUY, 2 and SHORT mean SELL; RANGE is for liquidity positions only)',
);

export const readOrderType = readName(
  ['MARKET', 'LIMIT', 'LIMIT_MAKER'],
  { MARKET: 'MARKET', '1': 'MARKET', LIMIT: 'LIMIT', '2': 'LIMIT', LIMIT_MAKER: 'LIMIT_MAKER', '3': 'LIMIT_MAKER' },
  ' (or 1, 2, 3)',
);

export const ORDER_TYPE_JSON = { enum: ['MARKET', 'LIMIT', 'LIMIT_MAKER', 1, 2, 3, '1', '2', '3'] } as const;

const TEXT = { type: 'string' } as const satisfies Omit<FieldDocumentation, 'description'>;

/** Fields of every executor config. */
export const BASE_FIELDS = {
  type: requiredField<unknown>((raw) => raw, { ...TEXT, description: 'Executor type.' }),
  id: optionalField(readExecutorId, {
    ...TEXT,
    pattern: '^[A-Za-z0-9_-]{1,44}$',
    description: 'Executor id chosen by the caller; sending the same config under it again answers the same executor. Default: a random one.',
  }),
  timestamp: optionalField(readTimestampMs, {
    type: ['number', 'string'],
    description: 'Unix seconds from which a time limit counts. Default: the time of arrival.',
  }),
  controller_id: optionalField(readText(CONTROLLER_TEXT), {
    ...TEXT,
    description: 'Tag of the owner; the body value decides when it has one.',
    'x-default': 'main',
  }),
  account_name: optionalField(readText(ACCOUNT_TEXT), {
    ...TEXT,
    description: 'Configured account of the connector; the same as account_name of the request.',
    'x-default': 'master_account',
  }),
  connector_name: requiredField(readText(CONNECTOR_TEXT), { ...TEXT, description: 'Configured connector.', examples: ['binance_paper_trade'] }),
  trading_pair: requiredField(readText(PAIR_TEXT), { ...TEXT, description: 'BASE-QUOTE.', examples: ['BTC-USDT'] }),
  side: requiredField(readSide, {
    enum: ['BUY', 'SELL', 'LONG', 'SHORT', 1, 2, '1', '2'],
    description: 'BUY (long) or SELL (short); names in any case. Answers carry the name.',
  }),
  leverage: optionalField(readInteger(1, MAX_LEVERAGE), {
    type: ['integer', 'string'],
    minimum: 1,
    description: 'On perpetuals: set for the pair before the first order, one for all running executors of the account. Spot has none.',
    'x-default': 1,
  }),
  level_id: optionalField(readText(LEVEL_TEXT), { ...TEXT, description: 'Opaque to this system; handed back in custom_info.' }),
} as const;
