// The JSON Canonicalization Scheme's own test data, and the numbers of RFC 8785's appendix B.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/signing/bytes.ts';
import { canonicalBytes, canonicalText, parseCanonical } from '../../src/signing/canonical.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/vectors/jcs/testdata');

describe.skipIf(!existsSync(FOLDER))('the JCS vectors (skipped without ../shared)', () => {
  const names = existsSync(FOLDER) ? readdirSync(join(FOLDER, 'input')) : [];

  it('are the six published', () => expect(names).toHaveLength(6));

  it.each(names)('%s is written as published, and read back from that spelling alone', (name) => {
    const input = readFileSync(join(FOLDER, 'input', name));
    const published = readFileSync(join(FOLDER, 'output', name));
    const spelled = readFileSync(join(FOLDER, 'outhex', name.replace('.json', '.txt')), 'utf8');
    const value: unknown = JSON.parse(input.toString('utf8'));
    expect(toHex(canonicalBytes(value))).toBe(toHex(published));
    expect(toHex(published)).toBe(spelled.replace(/\s/g, ''));
    expect(parseCanonical(published)).toEqual(value);
    if (!input.equals(published)) expect(() => parseCanonical(input)).toThrow('another spelling');
  });
});

describe("the numbers of RFC 8785's appendix B", () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
  ])('%s is written %s', (bits, text) => {
    expect(canonicalText(new DataView(fromHex(bits).buffer).getFloat64(0))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000'])('%s is refused', (bits) => {
    const value = new DataView(fromHex(bits).buffer).getFloat64(0);
    expect(() => canonicalText(value)).toThrow('expected a number JSON can hold');
  });
});
