import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadyLine } from '../../src/stack/ready-line.js';

describe('the READY line', () => {
  it('is found however the output is cut into pieces', () => {
    const output = 'bundling\nREADY {"pid":7,"url":"http://127.0.0.1:1"}\nmore\n';
    fc.assert(
      fc.property(fc.array(fc.nat(output.length), { maxLength: 10 }), (cuts) => {
        const line = new ReadyLine();
        const edges = [0, ...cuts.sort((a, b) => a - b), output.length];
        const found = edges.slice(1).map((edge, index) => line.take(output.slice(edges[index], edge)));
        expect(found.filter((each) => each !== undefined)).toEqual([{ pid: 7, url: 'http://127.0.0.1:1' }]);
      }),
    );
  });

  it('must stand at the beginning of a line and carry an object', () => {
    expect(new ReadyLine().take('not READY {}\n')).toBeUndefined();
    expect(() => new ReadyLine().take('READY [1]\n')).toThrow('the READY line must carry a JSON object');
    expect(() => new ReadyLine().take('READY soon\n')).toThrow(SyntaxError);
  });
});
