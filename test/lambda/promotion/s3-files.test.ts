import { PromotionRefused } from '../../../lambda/promotion/ports';
import { S3Files } from '../../../lambda/promotion/s3-files';
import { fakeClient, serviceError } from '../support/fake-client';

const ACCOUNTS = { source: '111111111111', own: '222222222222' };

test('S3 copies between the two accounts and no others, whatever a bucket is named', async () => {
  const { client, sent } = fakeClient({ CopyObject: () => ({}) });
  await new S3Files(client, ACCOUNTS).copy('s3://theirs/rain/runs/a b+c/model.tar.gz', 's3://ours/rain/promoted/1');
  expect(sent[0]?.input).toEqual({
    Bucket: 'ours',
    Key: 'rain/promoted/1',
    CopySource: 'theirs/rain/runs/a%20b%2Bc/model.tar.gz',
    ExpectedSourceBucketOwner: '111111111111',
    ExpectedBucketOwner: '222222222222',
    TaggingDirective: 'REPLACE',
  });
});

test('fails with both places, and with what the other account must allow', async () => {
  const { client } = fakeClient({
    CopyObject: () => {
      throw serviceError('AccessDenied', 'Access Denied');
    },
  });
  await expect(new S3Files(client, ACCOUNTS).copy('s3://theirs/a', 's3://ours/b')).rejects.toThrow(
    "'s3://theirs/a' could not be copied to 's3://ours/b': AccessDenied: Access Denied; the bucket's and the key's policies in account 111111111111 must let this function's role read it",
  );
});

test('a file that S3 does not copy in one piece is refused as such: no retry would help', async () => {
  const { client } = fakeClient({
    CopyObject: () => {
      throw serviceError(
        'InvalidRequest',
        'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
      );
    },
  });
  const copying = new S3Files(client, ACCOUNTS).copy('s3://theirs/a', 's3://ours/b');
  await expect(copying).rejects.toBeInstanceOf(PromotionRefused);
  await expect(copying).rejects.toThrow("'s3://theirs/a' is larger than 5 GB");
});
