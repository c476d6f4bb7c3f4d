import { afterAll, beforeAll } from 'vitest';
import { describeExchangePort, type LostAnswer } from './exchange-conformance.js';
import { PaperVenue, SYMBOL } from './paper-venue.js';
import { DEADLINE_MS } from './port-inputs.js';

let venue: PaperVenue;

beforeAll(async () => {
  venue = await PaperVenue.start();
  await venue.control.deposit('paper', 'USDT', '100000000');
});

afterAll(async () => {
  await venue.stop();
});

const ORDER = { method: 'POST', route: '/api/v3/order' } as const;

const FAULTS: Readonly<Record<LostAnswer, Parameters<PaperVenue['control']['armFault']>[0]>> = {
  'connection dropped': { kind: 'drop-after-commit', ...ORDER },
  'status 500': { kind: 'status-after-commit', status: 500, ...ORDER },
  'status 503': { kind: 'status-after-commit', status: 503, ...ORDER },
  'gateway page 504': { kind: 'status-after-commit', status: 504, ...ORDER },
  'status 429': { kind: 'status-after-commit', status: 429, ...ORDER },
  'body cut': { kind: 'cut-body-after-commit', ...ORDER },
  'no answer': { kind: 'delay-after-commit', delayMs: DEADLINE_MS * 3, ...ORDER },
};

describeExchangePort('paper exchange through ccxt', () => ({
  open: async () => await venue.exchange(),
  setPrice: async (bid, ask) => {
    await venue.control.setPrice(SYMBOL, bid, ask);
  },
  loseNextAnswer: async (how) => {
    await venue.control.armFault(FAULTS[how]);
  },
  lagReads: async (lagMs, count) => {
    await venue.control.armFault({ kind: 'read-lag', lagMs, count, method: 'GET', route: '/api/v3/order' });
  },
}));
