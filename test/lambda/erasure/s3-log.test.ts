import type { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { S3Log } from '../../../lambda/erasure/s3-log';

interface Listed {
  Key: string;
  VersionId: string;
  IsLatest: boolean;
}

/** S3 that lists versions in pages of any size, as its reference says. */
function bucketOf(versions: readonly Listed[], pageSize: number): S3Client {
  const send = ({ input }: ListObjectVersionsCommand): Promise<object> => {
    const { KeyMarker: key, VersionIdMarker: version } = input;
    const isAfter = (listed: Listed, index: number): boolean => {
      if (key === undefined) return true;
      if (version === undefined) return listed.Key > key;
      return index > versions.findIndex(({ Key, VersionId }) => Key === key && VersionId === version);
    };
    const left = versions.filter(isAfter);
    const page = left.slice(0, pageSize);
    const last = page.at(-1);
    return Promise.resolve({
      Versions: page,
      IsTruncated: left.length > page.length,
      NextKeyMarker: last?.Key,
      NextVersionIdMarker: last?.VersionId,
    });
  };
  return { send } as unknown as S3Client;
}

describe('the objects of a log in S3', () => {
  test('each comes once, with all its versions, wherever a page ends', async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        counts,
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.nat({ max: 5 })),
        async (of, size, from) => {
          const versions = of.flatMap((many, object) =>
            Array.from({ length: many }, (_, index) => ({
              Key: `k${object}`,
              VersionId: `v${index}`,
              IsLatest: index === 0,
            })),
          );

          const found: [string, number][] = [];
          const log = new S3Log(bucketOf(versions, size), 'bucket', 'k');
          for await (const { key, versions: theirs } of log.objects(from === null ? undefined : `k${from}`)) {
            found.push([key, theirs.length]);
          }

          const all = of.map((many, object): [string, number] => [`k${object}`, many]);
          expect(found).toEqual(all.slice(from === null ? 0 : from + 1));
        },
      ),
    );
  });
});
