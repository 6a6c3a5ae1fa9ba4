import fc from 'fast-check';
import {
  MAX_BUNDLE_BYTES,
  MAX_FILE_BYTES,
  MAX_PACKED_BYTES,
  type PackedFile,
  problemsOf,
} from '../../scripts/package-contents';

const SOUND: PackedFile[] = [
  '.jsii',
  'LICENSE',
  'README.md',
  'package.json',
  'dist/constructs/index.js',
  'dist/constructs/index.d.ts',
  'dist/constructs/serving/kubernetes/model-chart.js',
  'assets/lambda/release-step/index.js',
  'assets/lambda/sizes.json',
].map(path => ({ path, size: 1000 }));

test('a package of what a user needs has no problem', () => {
  expect(problemsOf(SOUND, MAX_PACKED_BYTES)).toEqual([]);
});

test.each([
  'test/lib/platform.test.js',
  'dist/test/lib/platform.test.js',
  'dist/constructs/index.test.js',
  'constructs/index.ts',
  'dist/constructs/index.ts',
  'dist/constructs/index.js.map',
  'dist/.jsii.tsbuildinfo',
  'lambda/release-step/handler.ts',
  'assets/lambda/release-step/handler.ts',
  'assets/lambda/release-step/index.js.map',
  'assets/weights.bin',
  'environments/prod.yaml',
  '.env',
])('%s is told, and nothing else', path => {
  expect(problemsOf([...SOUND, { path, size: 1 }], 1)).toEqual([expect.stringContaining(`'${path}' is of no kind`)]);
});

test('what is too large is told, with how large it may be', () => {
  const grown = SOUND.map(file => ({ ...file, size: MAX_BUNDLE_BYTES + 1 }));
  const problems = problemsOf(grown, MAX_PACKED_BYTES + 1);

  expect(problems).toHaveLength(SOUND.length + 1);
  expect(problems).toContain(
    `'assets/lambda/release-step/index.js' has ${MAX_BUNDLE_BYTES + 1} bytes, must have at most ${MAX_BUNDLE_BYTES}`,
  );
  expect(problems).toContain(`'.jsii' has ${MAX_BUNDLE_BYTES + 1} bytes, must have at most ${MAX_FILE_BYTES}`);
});

test('whatever is left out of what must be there is missed', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SOUND.slice(0, 6).map(({ path }) => path)), left => {
      const problems = problemsOf(
        SOUND.filter(({ path }) => path !== left),
        1,
      );
      return problems.length === 1 && problems[0]?.startsWith(`'${left}' is missing`) === true;
    }),
  );
});
