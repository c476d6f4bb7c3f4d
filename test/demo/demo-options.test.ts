import { expect, it } from 'vitest';
import { parseDemoOptions } from '../../src/demo/demo-options.js';

it('without flags it stays up and chooses prices by what there is', () => {
  expect(parseDemoOptions([])).toEqual({ exit: false, json: false, directory: undefined, seed: undefined, twoExchanges: [], help: false });
});

it('--json implies --exit', () => {
  expect(parseDemoOptions(['--json'])).toMatchObject({ json: true, exit: true });
  expect(parseDemoOptions(['--exit'])).toMatchObject({ json: false, exit: true });
});

it('takes a folder or a seed', () => {
  expect(parseDemoOptions(['--data', 'somewhere', '--exit'])).toMatchObject({ directory: 'somewhere', seed: undefined });
  expect(parseDemoOptions(['--seed', '7'])).toMatchObject({ directory: undefined, seed: 7 });
  expect(parseDemoOptions(['--seed', '4294967295'])).toMatchObject({ seed: 4_294_967_295 });
});

it('trades on two exchanges what is asked for', () => {
  expect(parseDemoOptions(['--xemm'])).toMatchObject({ twoExchanges: ['xemm'] });
  expect(parseDemoOptions(['--arbitrage', '--xemm', '--seed', '3'])).toMatchObject({ twoExchanges: ['xemm', 'arbitrage'], seed: 3 });
});

it.each([
  [['--speed', '3'], /'--speed'.*Flags: --exit, --json, --data, --seed, --xemm, --arbitrage, --help/],
  [['-x'], /'-x'/],
  [['now'], /'now'/],
  [['--seed', 'seven'], /--seed seven: must be a whole number from 0 to 4294967295/],
  [['--seed', '-1'], /--seed/],
  [['--seed=1.5'], /--seed 1.5: must be a whole number/],
  [['--seed', '4294967296'], /--seed 4294967296: must be a whole number/],
  [['--seed'], /--seed/],
  [['--data'], /--data/],
  [['--data', ''], /--data: must name a folder/],
  [['--exit=yes'], /--exit/],
  [['--data', 'a', '--seed', '1'], /--seed 1: cannot go with --data a/],
])('refuses %j and names the flag', (args, message) => {
  expect(() => parseDemoOptions(args)).toThrow(message);
});
