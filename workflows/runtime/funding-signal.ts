import { defineSignal } from '@temporalio/workflow';
import { SIGNALS, type FundingSettled } from '../../src/contract/messages.js';

export const fundingSettledSignal = defineSignal<[FundingSettled]>(SIGNALS.fundingSettled);
