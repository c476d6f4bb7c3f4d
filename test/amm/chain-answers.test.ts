import fc from 'fast-check';
import { BaseError, encodeErrorResult, HttpRequestError, parseAbi, RpcRequestError, type TransactionReceipt } from 'viem';
import { describe, expect, it } from 'vitest';
import { chainFailure, revertOf } from '../../src/amm/evm/chain-failure.js';
import { priceGas } from '../../src/amm/evm/fee-policy.js';
import { readReceipt } from '../../src/amm/evm/receipt.js';
import { decimal } from '../../src/domain/money.js';
import { POLICY } from './amm-world.js';

const reasonData = (reason: string) => encodeErrorResult({ abi: parseAbi(['error Error(string reason)']), errorName: 'Error', args: [reason] });
const nodeAnswer = (code: number, message: string, data?: unknown): Error =>
  new BaseError('execution failed', { cause: new RpcRequestError({ body: {}, url: 'https://rpc.example/v2/topsecretkey', error: { code, message, ...(data === undefined ? {} : { data }) } }) });

describe('what nodes say when a contract refuses', () => {
  it('is understood with data, with data inside data, and from words alone', () => {
    for (const answer of [
      nodeAnswer(3, 'execution reverted: STF', reasonData('STF')),
      nodeAnswer(-32_000, 'execution reverted', reasonData('STF')),
      nodeAnswer(-32_603, 'Error: VM Exception', { data: reasonData('STF') }),
      nodeAnswer(-32_000, 'execution reverted: STF'),
    ]) {
      expect(revertOf(answer)).toEqual({ reason: 'STF' });
      expect(chainFailure(answer)).toMatchObject({ code: 'FUNDS_OR_ALLOWANCE', revert: 'STF' });
    }
  });

  it('has a code for each reason of these contracts, and one for all others', () => {
    const codes = (reasons: readonly string[]) => reasons.map((reason) => chainFailure(nodeAnswer(3, 'execution reverted', reasonData(reason))).code);
    expect(codes(['Transaction too old', 'Price slippage check', 'Too little received', 'Too much requested', 'TLU', 'TLM', 'TUM'])).toEqual([
      'DEADLINE_PASSED', 'PRICE_MOVED', 'PRICE_MOVED', 'PRICE_MOVED', 'INVALID_TICKS', 'INVALID_TICKS', 'INVALID_TICKS',
    ]);
    expect(codes(['Invalid token ID', 'ERC721: operator query for nonexistent token', 'Not cleared', 'Not approved', 'ERC20: transfer amount exceeds balance', 'something else'])).toEqual([
      'POSITION_GONE', 'POSITION_GONE', 'POSITION_NOT_EMPTY', 'NOT_OWNER', 'FUNDS_OR_ALLOWANCE', 'REVERTED',
    ]);
  });

  it('a refusal without a reason means what the call says it means', () => {
    for (const silent of [nodeAnswer(3, 'execution reverted', '0x'), nodeAnswer(-32_000, 'execution reverted')]) {
      expect(chainFailure(silent, 'NO_LIQUIDITY')).toMatchObject({ code: 'NO_LIQUIDITY', revert: null });
    }
  });

  it('is not taken for an outage, nor an outage for it', () => {
    expect(chainFailure(new BaseError('x', { cause: new HttpRequestError({ url: 'https://rpc.example/v2/topsecretkey' }) })).code).toBe('CHAIN_UNREACHABLE');
    expect(chainFailure(nodeAnswer(-32_000, 'header not found')).code).toBe('NODE_ERROR');
    expect(chainFailure(nodeAnswer(-32_000, 'insufficient funds for gas * price + value')).code).toBe('INSUFFICIENT_NATIVE');
    expect(revertOf(nodeAnswer(-32_000, 'header not found'))).toBeNull();
  });

  it('never carries the address of the node', () => {
    for (const error of [nodeAnswer(-32_000, 'header not found'), new HttpRequestError({ url: 'https://rpc.example/v2/topsecretkey', body: { method: 'eth_call' } }), new Error('fetch https://rpc.example/v2/topsecretkey failed')]) {
      expect(JSON.stringify(chainFailure(error))).not.toContain('topsecretkey');
    }
  });
});

describe('what a receipt cost', () => {
  const receipt = { transactionHash: '0xab', status: 'success', blockNumber: 7n, blockHash: '0xcd', gasUsed: 300_000n, effectiveGasPrice: 1_000_000n, logs: [] } as unknown as TransactionReceipt;

  it('includes what another layer charges, however the node writes it', () => {
    expect(readReceipt(receipt, () => []).feeNative).toBe('0.0000003');
    for (const l1Fee of ['0x5af3107a4000', 100_000_000_000_000n]) expect(readReceipt({ ...receipt, l1Fee } as TransactionReceipt, () => []).feeNative).toBe('0.0001003');
    for (const none of [null, undefined, '0x', '0x0']) expect(readReceipt({ ...receipt, l1Fee: none } as unknown as TransactionReceipt, () => []).feeNative).toBe('0.0000003');
  });
});

describe('the price of gas', () => {
  const wei = fc.bigInt({ min: 1n, max: 10n ** 12n });

  it('is within its caps or refused, covers the base fee of now, and replaces what it has to', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 21_000n, max: 5_000_000n }), wei, wei, fc.option(wei, { nil: null }), fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: null }), fc.option(fc.tuple(wei, wei), { nil: null }), (estimated, baseFeeWei, proposedTipWei, cap, costMillionths, before) => {
        const maxCostNative = costMillionths === null ? null : decimal(`${costMillionths}e-6`).toFixed();
        const previous = before === null ? null : { maxFeePerGasWei: before[0] > before[1] ? before[0] : before[1], maxPriorityFeePerGasWei: before[0] > before[1] ? before[1] : before[0] };
        const decision = priceGas(estimated, { baseFeeWei, proposedTipWei }, { ...POLICY, maxFeePerGasWei: cap === null ? null : String(cap), maxCostNative }, previous);
        if (decision.kind === 'refused') {
          expect(cap !== null || maxCostNative !== null).toBe(true);
          return;
        }
        const { gas } = decision;
        expect(gas.gasLimit * 10n >= estimated * 13n).toBe(true);
        expect(gas.maxFeePerGasWei >= baseFeeWei + gas.maxPriorityFeePerGasWei).toBe(true);
        if (cap !== null) expect(gas.maxFeePerGasWei <= cap).toBe(true);
        if (maxCostNative !== null) expect(decimal(gas.maxCostNative).lessThanOrEqualTo(maxCostNative)).toBe(true);
        if (previous !== null) {
          expect(gas.maxFeePerGasWei * 8n >= previous.maxFeePerGasWei * 9n).toBe(true);
          expect(gas.maxPriorityFeePerGasWei * 8n >= previous.maxPriorityFeePerGasWei * 9n).toBe(true);
        }
        expect(decimal(gas.expectedCostNative).lessThanOrEqualTo(gas.maxCostNative)).toBe(true);
      }),
    );
  });
});
