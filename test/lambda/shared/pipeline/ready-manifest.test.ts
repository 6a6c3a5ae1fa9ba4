import { batchOfReadyKey, parseReadyManifest } from '../../../../lambda/shared/pipeline/ready-manifest';

const SHA = 'a'.repeat(64);
const ready = (change: object = {}): string =>
  JSON.stringify({ files: [{ key: 'part-0.csv', rows: 2, sha256: SHA }], rows: 2, ...change });

describe('parseReadyManifest', () => {
  test('reads a declaration', () => {
    expect(parseReadyManifest(ready())).toEqual({
      manifest: { files: [{ key: 'part-0.csv', rows: 2, sha256: SHA }], rows: 2 },
    });
  });

  test.each([
    ['what is no JSON', '{', /must be JSON/],
    ['an empty file', '', /must be JSON/],
    ['no files', ready({ files: [] }), /'files'/],
    ['a digest in upper case', ready({ files: [{ key: 'a', rows: 2, sha256: 'A'.repeat(64) }] }), /64 lower-case/],
    ['rows that do not add up', ready({ rows: 3 }), /declares 3 rows, but its files add up to 2/],
    [
      'a file named twice',
      ready({
        files: [
          { key: 'a', rows: 1, sha256: SHA },
          { key: 'a', rows: 1, sha256: SHA },
        ],
      }),
      /names the file 'a' twice/,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(parseReadyManifest(text)).toEqual({ problem: expect.stringMatching(message) as string });
  });
});

describe('batchOfReadyKey', () => {
  test('reads model and batch', () => {
    expect(batchOfReadyKey('rain/2026-11-24/_READY')).toEqual({ model: 'rain', batchId: '2026-11-24' });
  });

  test.each(['rain/_READY', 'rain/b/part-0.csv', 'rain/b/c/_READY', '_READY', '/b/_READY', 'rain//_READY', ''])(
    'is nothing for %p',
    key => {
      expect(batchOfReadyKey(key)).toBeUndefined();
    },
  );
});
