import { sha256 } from '../../../lambda/shared/canonical-json';
import { snapshotFiles } from '../../../lambda/pipeline-data/snapshot-files';
import { SCHEMA } from './fixtures';

const SPLIT = { train: ['1000,1,clear,0', '1001,1,clear,1'], holdout: ['1002,1,grey,0'] };
const SOURCES = [{ key: 'rain/b/part-0.csv', sha256: 'a'.repeat(64) }];

describe('snapshotFiles', () => {
  test('is named by the digest of its manifest, which is written last', () => {
    const { digest, files } = snapshotFiles(SCHEMA, SPLIT, SOURCES);

    expect(files.map(({ name }) => name)).toEqual(['train.csv', 'holdout.csv', 'schema.json', 'manifest.json']);
    expect(digest).toBe(sha256(files[3]?.content ?? ''));
  });

  test('has a manifest with the size and digest of each file, and where its rows came from', () => {
    const { files } = snapshotFiles(SCHEMA, SPLIT, SOURCES);
    const train = 'pressure,station,sky,rain\n1000,1,clear,0\n1001,1,clear,1\n';

    expect(files[0]?.content).toBe(train);
    expect(JSON.parse(files[3]?.content ?? '')).toMatchObject({
      files: [
        { key: 'train.csv', size: train.length, sha256: sha256(train), source: SOURCES },
        { key: 'holdout.csv', source: SOURCES },
        { key: 'schema.json', source: [] },
      ],
    });
  });

  test('has the same name for the same content, and another for another schema', () => {
    const other = { ...SCHEMA, label: 'snow' };

    expect(snapshotFiles(SCHEMA, SPLIT, SOURCES).digest).toBe(snapshotFiles({ ...SCHEMA }, SPLIT, SOURCES).digest);
    expect(snapshotFiles(other, SPLIT, SOURCES).digest).not.toBe(snapshotFiles(SCHEMA, SPLIT, SOURCES).digest);
  });
});
