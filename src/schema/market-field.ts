import { z } from 'zod';
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
