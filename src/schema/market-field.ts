import { z } from 'zod';
import { areInterchangeable } from '../domain/interchangeable-assets.js';
import { ACCOUNT_TEXT, CONNECTOR_TEXT, PAIR_TEXT, readText } from './name-field.js';
import { optionalField, requiredField } from './field.js';

const TEXT = { type: 'string' } as const;

/** One market of an executor that trades on two. */
export function marketField(description: string) {
  return z
    .strictObject({
      connector_name: requiredField(readText(CONNECTOR_TEXT), { ...TEXT, description: 'Configured connector.', examples: ['binance_paper_trade'] }),
      trading_pair: requiredField(readText(PAIR_TEXT), { ...TEXT, description: 'BASE-QUOTE.', examples: ['BTC-USDT'] }),
      account_name: optionalField(readText(ACCOUNT_TEXT), { ...TEXT, description: 'Account on this connector. Default: the account of the executor.' }),
    })
    .meta({ description });
}

interface NamedMarket {
  readonly connector_name: string;
  readonly trading_pair: string;
  readonly account_name?: string | undefined;
}

/** Two markets of one base, and not one market twice. */
export function refineMarkets({ buying_market: buying, selling_market: selling }: { readonly buying_market: NamedMarket; readonly selling_market: NamedMarket }, context: z.RefinementCtx): void {
  if (buying.connector_name === selling.connector_name && buying.trading_pair === selling.trading_pair && buying.account_name === selling.account_name) {
    context.addIssue({ code: 'custom', message: 'must be another market than buying_market', path: ['selling_market'] });
  }
  const bought = baseOf(buying.trading_pair);
  if (!areInterchangeable(bought, baseOf(selling.trading_pair))) {
    context.addIssue({ code: 'custom', message: `must have the base of buying_market, ${bought}, or another form of it`, path: ['selling_market', 'trading_pair'] });
  }
}

function baseOf(pair: string): string {
  return pair.split('-')[0] ?? pair;
}
