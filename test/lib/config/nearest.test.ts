import fc from 'fast-check';
import { didYouMean, nearest } from '../../../lib/config/nearest';

const WORDS = ['instanceType', 'instanceCount', 'shift'];

test.each([
  ['instanceTyp', 'instanceType'],
  ['InstanceType', 'instanceType'],
  ['instance_count', 'instanceCount'],
  ['shfit', 'shift'],
])('%s was meant as %s', (typo, word) => {
  expect(nearest(typo, WORDS)).toBe(word);
});

test('another word is no typo', () => {
  expect(nearest('monitoring', WORDS)).toBeUndefined();
  expect(didYouMean('monitoring', WORDS)).toBe('');
});

test('a known word is its own nearest', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), words => {
      expect(words.map(word => nearest(word, words))).toEqual(words);
    }),
  );
});
