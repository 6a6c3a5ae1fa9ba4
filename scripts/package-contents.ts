/** A file of the npm package. */
export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

/** What the package may hold, and nothing else: no tests, no sources, no source maps. */
const KINDS = [
  /^(\.jsii|LICENSE|README\.md|package\.json)$/,
  // compiled constructs and their types
  /^dist\/constructs\/[a-z0-9/-]+(\.d\.ts|\.js)$/,
  // one bundle for each function, and how large each is
  /^assets\/lambda\/[a-z-]+\/index\.js$/,
  /^assets\/lambda\/sizes\.json$/,
];
const MUST = [
  '.jsii',
  'LICENSE',
  'README.md',
  'package.json',
  'dist/constructs/index.js',
  'dist/constructs/index.d.ts',
];

/** Bytes of the tarball: what everybody downloads. A function is a megabyte or two, and half of one when it is packed. */
export const MAX_PACKED_BYTES = 7_000_000;
/** Bytes of a function's bundle; Lambda takes 50 MB. */
export const MAX_BUNDLE_BYTES = 3_000_000;
/** Bytes of any other file; the largest is the assembly. */
export const MAX_FILE_BYTES = 1_500_000;

/** What is wrong with the package's files, in words. */
export function problemsOf(files: readonly PackedFile[], packedBytes: number): string[] {
  const paths = new Set(files.map(({ path }) => path));
  return [
    ...files
      .filter(({ path }) => !KINDS.some(kind => kind.test(path)))
      .map(({ path }) => `'${path}' is of no kind that the package holds; leave it out by 'files' in package.json`),
    ...files
      .map(({ path, size }) => ({ path, size, most: path.startsWith('assets/') ? MAX_BUNDLE_BYTES : MAX_FILE_BYTES }))
      .filter(({ size, most }) => size > most)
      .map(({ path, size, most }) => `'${path}' has ${size} bytes, must have at most ${most}`),
    ...MUST.filter(path => !paths.has(path)).map(path => `'${path}' is missing; run 'npm run jsii'`),
    ...(packedBytes > MAX_PACKED_BYTES
      ? [`the package has ${packedBytes} bytes, must have at most ${MAX_PACKED_BYTES}`]
      : []),
  ];
}
