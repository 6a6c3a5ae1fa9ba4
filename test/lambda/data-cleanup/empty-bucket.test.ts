import fc from 'fast-check';
import { type ObjectVersion, type VersionedBucket, emptyBucket } from '../../../lambda/data-cleanup/empty-bucket';

class FakeBucket implements VersionedBucket {
  public locked = new Set<string>();

  constructor(
    public versions: ObjectVersion[],
    private readonly tagged = true,
    private readonly pageSize = 2,
  ) {}

  public mayBeEmptied(): Promise<boolean> {
    return Promise.resolve(this.tagged);
  }

  public firstVersions(): Promise<ObjectVersion[]> {
    return Promise.resolve(this.versions.slice(0, this.pageSize));
  }

  public remove(versions: ObjectVersion[]): Promise<number> {
    const removable = versions.filter(version => !this.locked.has(version.key));
    this.versions = this.versions.filter(version => !removable.includes(version));
    return Promise.resolve(versions.length - removable.length);
  }
}

const versions = (count: number): ObjectVersion[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, versionId: `v${index}` }));

test('removes every version, page by page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 7 }), async (count, pageSize) => {
      const bucket = new FakeBucket(versions(count), true, pageSize);

      expect(await emptyBucket(bucket)).toEqual({ removed: count, kept: false });
      expect(bucket.versions).toEqual([]);
    }),
  );
});

test('touches nothing in a bucket that no longer says its data may go', async () => {
  const bucket = new FakeBucket(versions(3), false);

  expect(await emptyBucket(bucket)).toEqual({ removed: 0, kept: true });
  expect(bucket.versions).toHaveLength(3);
});

test('fails instead of trying for ever when a version cannot be deleted', async () => {
  const bucket = new FakeBucket(versions(3));
  bucket.locked.add('k1');

  await expect(emptyBucket(bucket)).rejects.toThrow('1 of 2 object versions could not be deleted');
});
