import { dcaTerms, type DcaTerms, type DcaTermsRecord } from '../../../src/domain/dca/dca-terms.js';
import { planDca, type DcaPlan } from '../../../src/domain/dca/plan-dca.js';
import type { MarketRules } from '../../../src/domain/market-rules.js';
import { rulesOf } from '../market-fixtures.js';

export function termsRecord(changes: Partial<DcaTermsRecord> = {}): DcaTermsRecord {
  return {
    side: 'BUY',
    amountsQuote: ['100', '200', '300'],
    pricesQuote: ['100', '90', '80'],
    mode: 'MAKER',
    activationBounds: [],
    stopLossFraction: '0.05',
    stopLossReference: 'average_entry',
    takeProfitFraction: '0.1',
    trailingStop: null,
    timeLimitAtMs: null,
    leverage: 1,
    ...changes,
  };
}

export function termsOf(changes: Partial<DcaTermsRecord> = {}): DcaTerms {
  return dcaTerms(termsRecord(changes));
}

export function plannedDca(changes: Partial<DcaTermsRecord> = {}, rules: MarketRules = rulesOf()): DcaPlan {
  const planning = planDca(termsOf(changes), rules);
  if (planning.kind === 'refused') throw new Error(JSON.stringify(planning.refusal));
  return planning.plan;
}
