import { z } from 'zod';
import { positiveDecimal } from '../exchange/instrument-file.js';

const decimal = z.string().regex(/^\d{1,20}(\.\d{1,20})?$/, 'must be a decimal string such as "0.01"');
const asset = z.string().regex(/^[A-Z0-9]{1,10}$/, 'must be an asset name such as "USDT"');
const level = z.tuple([positiveDecimal, positiveDecimal]);
const levels = z.array(level).max(1_000);
const accountName = z.string().min(1).max(64);
const clientOrderId = z.string().min(1).max(36);
const symbol = z.string().min(1).max(20);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** One level a side. */
export const topOfBookSchema = z.strictObject({
  bid: positiveDecimal,
  ask: positiveDecimal,
  bidSize: positiveDecimal.default('1000'),
  askSize: positiveDecimal.default('1000'),
});
export const bookLevelsSchema = z.strictObject({ bids: levels, asks: levels });

export const printSchema = z.strictObject({
  priceQuote: positiveDecimal,
  amountBase: positiveDecimal,
  buyerIsMaker: z.boolean().optional(),
});

export const rulesSchema = z
  .strictObject({
    priceTickQuote: positiveDecimal,
    amountStepBase: positiveDecimal,
    minAmountBase: positiveDecimal,
    maxAmountBase: positiveDecimal,
    maxMarketAmountBase: positiveDecimal,
    minPriceQuote: positiveDecimal,
    maxPriceQuote: positiveDecimal,
    minNotionalQuote: decimal,
    maxOpenOrders: z.int().min(1).max(100_000),
  })
  .partial();

export const matchingSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('automatic') }),
  z.strictObject({
    mode: z.literal('manual'),
    admission: z.enum(['accept', 'hold-before-commit', 'hold-after-commit']).default('accept'),
  }),
]);

export const feedSchema = z.strictObject({ feed: z.string().min(1).max(4_096), speed: z.number().positive().max(10_000).default(1) });
export const speedSchema = feedSchema.pick({ speed: true }).required();

export const transferSchema = z.strictObject({ asset, amount: positiveDecimal });

export const feesSchema = z.strictObject({
  makerRate: decimal,
  takerRate: decimal,
  feeAsset: z.union([z.literal('received'), asset]).default('received'),
  account: accountName.optional(),
});

const reference = {
  orderId: z.int().positive().optional(),
  clientOrderId: clientOrderId.optional(),
};
const named = (body: { orderId?: number | undefined; clientOrderId?: string | undefined }): boolean =>
  body.orderId !== undefined || body.clientOrderId !== undefined;
const namedRule = { message: 'orderId or clientOrderId must be given', path: ['orderId'] };

export const referenceSchema = z.strictObject(reference).refine(named, namedRule);

export const fillSchema = z
  .strictObject({
    ...reference,
    priceQuote: positiveDecimal,
    amountBase: positiveDecimal,
    feeAsset: asset.optional(),
    feeAmount: decimal.optional(),
    role: z.enum(['maker', 'taker']).default('maker'),
    isLast: z.boolean().default(false),
  })
  .refine(named, namedRule)
  .refine((body) => (body.feeAsset === undefined) === (body.feeAmount === undefined), {
    message: 'feeAsset and feeAmount go together',
    path: ['feeAsset'],
  });

export const heldReferenceSchema = z.strictObject({ clientOrderId });
export const heldRejectSchema = z.strictObject({
  clientOrderId,
  code: z.int().default(-2010),
  message: z.string().max(200).default('Account has insufficient balance for requested action.'),
});

const milliseconds = z.int().min(0).max(600_000);
const status = z.int().min(200).max(599);
const body = z.string().max(10_000).optional();
const faultTarget = {
  method: z.enum(['GET', 'POST', 'DELETE', 'PUT', 'WS']).optional(),
  route: z.string().startsWith('/').max(100).optional(),
  account: accountName.optional(),
  symbol: symbol.optional(),
  clientOrderId: clientOrderId.optional(),
  clientOrderIdPrefix: clientOrderId.optional(),
  skip: z.int().min(0).max(1_000_000).default(0),
  count: z.union([z.int().min(1).max(1_000_000), z.null()]).default(1),
  share: z.number().gt(0).max(1).default(1),
  seed: z.int().min(0).max(4_294_967_295).default(1),
};
const retryAfterSeconds = z.int().min(0).max(3_600).optional();
const statusAnswer = { status, body, retryAfterSeconds };
const codeAnswer = { code: z.int(), status: status.optional(), message: z.string().max(200).optional() };
const scope = z.enum(['public', 'user', 'all']).default('all');

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop-before-commit'), ...faultTarget }),
  z.strictObject({ kind: z.literal('drop-after-commit'), ...faultTarget }),
  z.strictObject({ kind: z.literal('hang-before-commit'), ...faultTarget }),
  z.strictObject({ kind: z.literal('hang-after-commit'), ...faultTarget }),
  z.strictObject({ kind: z.literal('cut-body-after-commit'), ...faultTarget }),
  z.strictObject({ kind: z.literal('stall-body-after-commit'), ...faultTarget }),
  z.strictObject({ kind: z.literal('status-before-commit'), ...statusAnswer, ...faultTarget }),
  z.strictObject({ kind: z.literal('status-after-commit'), ...statusAnswer, ...faultTarget }),
  z.strictObject({ kind: z.literal('code-before-commit'), ...codeAnswer, ...faultTarget }),
  z.strictObject({ kind: z.literal('code-after-commit'), ...codeAnswer, ...faultTarget }),
  z.strictObject({ kind: z.literal('delay-before-commit'), delayMs: milliseconds, ...faultTarget }),
  z.strictObject({ kind: z.literal('delay-after-commit'), delayMs: milliseconds, ...faultTarget }),
  z.strictObject({ kind: z.literal('read-lag'), lagMs: milliseconds, ...faultTarget }),
  z.strictObject({ kind: z.literal('clock-skew'), skewMs: z.int().min(-86_400_000).max(86_400_000), ...faultTarget }),
  z.strictObject({ kind: z.literal('ban'), banMs: milliseconds, of: z.enum(['address', 'account']).default('address'), ...faultTarget }),
  z.strictObject({ kind: z.literal('maintenance'), ...faultTarget }),
  z.strictObject({ kind: z.literal('frames-lost'), scope, ...faultTarget }),
  z.strictObject({ kind: z.literal('frames-duplicated'), scope, ...faultTarget }),
  z.strictObject({ kind: z.literal('frames-reordered'), scope, ...faultTarget }),
  z.strictObject({ kind: z.literal('frames-delayed'), delayMs: milliseconds, scope, ...faultTarget }),
]);

export const killSocketsSchema = z.strictObject({
  scope: z.enum(['public', 'user', 'all']).default('all'),
  /** New sockets of the scope are refused for this long. */
  refuseMs: milliseconds.default(0),
});

export const stallSocketsSchema = z.strictObject({ scope });
export const socketLifetimeSchema = z.strictObject({
  scope,
  maxAgeMs: z.union([z.int().min(1).max(86_400_000), z.null()]),
  noticeMs: milliseconds.default(0),
});
export const terminateUserDataSchema = z.strictObject({ account: accountName.optional() });

export const retentionSchema = z.discriminatedUnion('forget', [
  z.strictObject({ forget: z.literal('nothing') }),
  z.strictObject({
    /** `unfilled`: ended orders without any fill. `ended`: all that are not open. Trades and balances stay. */
    forget: z.enum(['unfilled', 'ended']),
    afterMs: milliseconds,
    /** `unknown`: as if it had never been. `archived`: the exchange says that it was, and ended unfilled (spot, -2026). */
    answer: z.enum(['unknown', 'archived']).default('unknown'),
  }),
]);

const page = { limit: z.coerce.number().int().min(1).max(10_000).default(1_000) };
const filters = {
  account: accountName.optional(),
  symbol: symbol.optional(),
  clientOrderId: clientOrderId.optional(),
};

export const ordersQuerySchema = z.strictObject({
  ...filters,
  ...page,
  state: z.enum(['new', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected']).optional(),
  fromOrderId: z.coerce.number().int().min(0).optional(),
  newestFirst: flag.default(false),
});

export const tradesQuerySchema = z.strictObject({
  ...filters,
  ...page,
  orderId: z.coerce.number().int().min(1).optional(),
  afterKey: z.coerce.number().int().min(0).optional(),
});

export const balancesQuerySchema = z.strictObject({ account: accountName.optional() });

export const eventsQuerySchema = z.strictObject({
  ...filters,
  ...page,
  kind: z.string().max(40).optional(),
  after: z.coerce.number().int().min(0).default(0),
  /** How long to wait for the first matching event. */
  waitMs: z.coerce.number().int().min(0).max(60_000).default(0),
});

export const timingsSchema = z.strictObject({ enabled: z.boolean() });

export type FaultInput = z.input<typeof faultSchema>;
export type FillInput = z.input<typeof fillSchema>;
export type ReferenceInput = z.input<typeof referenceSchema>;
export type RulesInput = z.input<typeof rulesSchema>;
export type MatchingInput = z.input<typeof matchingSchema>;
export type BookInput = z.input<typeof topOfBookSchema> | z.input<typeof bookLevelsSchema>;
export type PrintInput = z.input<typeof printSchema>;
export type FeesInput = z.input<typeof feesSchema>;
export type StallSocketsInput = z.input<typeof stallSocketsSchema>;
export type SocketLifetimeInput = z.input<typeof socketLifetimeSchema>;
export type RetentionInput = z.input<typeof retentionSchema>;
export type KillSocketsInput = z.input<typeof killSocketsSchema>;
export type OrdersQuery = z.input<typeof ordersQuerySchema>;
export type TradesQuery = z.input<typeof tradesQuerySchema>;
export type EventsQuery = z.input<typeof eventsQuerySchema>;
