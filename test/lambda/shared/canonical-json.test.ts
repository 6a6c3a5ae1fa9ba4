import fc from 'fast-check';
import { canonicalJson, digestOf, sha256 } from '../../../lambda/shared/canonical-json';

describe('canonicalJson', () => {
  test('sorts keys at every depth and leaves out white space', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 'x' }], a: null })).toBe('{"a":null,"b":[{"c":"x","d":1}]}');
  });

  test('leaves out members that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test('keeps the place of undefined in an array', () => {
    expect(canonicalJson([undefined, 1])).toBe('[null,1]');
  });

  test.each([NaN, Infinity, -Infinity])('fails on %s', value => {
    expect(() => canonicalJson({ value })).toThrow(/has no JSON form/);
  });

  test('fails on a function', () => {
    expect(() => canonicalJson(() => 1)).toThrow(/type 'function' has no JSON form/);
  });

  test('says the same as JSON for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
        // -0 is 0 in JSON
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is blind to the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), dictionary => {
        const reversed = Object.fromEntries(Object.entries(dictionary).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(dictionary));
      }),
    );
  });
});

describe('digestOf', () => {
  test('is the SHA-256 of the canonical JSON', () => {
    expect(digestOf({ b: 1, a: 2 })).toBe(sha256('{"a":2,"b":1}'));
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
