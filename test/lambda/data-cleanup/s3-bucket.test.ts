import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { S3Bucket } from '../../../lambda/data-cleanup/s3-bucket';

/** A client that answers with what it is given and keeps what it was asked. */
function clientWith(answer: unknown): { client: S3Client; inputs: unknown[] } {
  const inputs: unknown[] = [];
  const client = new S3Client({ region: 'eu-west-1' });
  client.send = (command: { input: unknown }) => {
    inputs.push(command.input);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { client, inputs };
}

test.each([
  [[{ Key: 'mlops:delete-data', Value: 'true' }], true],
  [[{ Key: 'mlops:delete-data', Value: 'false' }], false],
  [[{ Key: 'other', Value: 'true' }], false],
])('a bucket with tags %j may be emptied: %s', async (TagSet, expected) => {
  const { client } = clientWith({ TagSet });

  expect(await new S3Bucket(client, 'b').mayBeEmptied()).toBe(expected);
});

test.each(['NoSuchTagSet', 'NoSuchBucket'])('a bucket that answers %s is left alone', async name => {
  const { client } = clientWith(new S3ServiceException({ name, $fault: 'client', $metadata: {} }));

  expect(await new S3Bucket(client, 'b').mayBeEmptied()).toBe(false);
});

test('fails when it may not read the tags', async () => {
  const { client } = clientWith(new S3ServiceException({ name: 'AccessDenied', $fault: 'client', $metadata: {} }));

  await expect(new S3Bucket(client, 'b').mayBeEmptied()).rejects.toThrow();
});

test('delete markers are versions too', async () => {
  const { client } = clientWith({
    Versions: [{ Key: 'a', VersionId: '1' }],
    DeleteMarkers: [{ Key: 'a', VersionId: '2' }],
  });

  expect(await new S3Bucket(client, 'b').firstVersions()).toEqual([
    { key: 'a', versionId: '1' },
    { key: 'a', versionId: '2' },
  ]);
});

test('bypasses the lock and counts what stays', async () => {
  const { client, inputs } = clientWith({ Errors: [{ Key: 'a' }] });

  expect(await new S3Bucket(client, 'b').remove([{ key: 'a', versionId: '1' }])).toBe(1);
  expect(inputs[0]).toMatchObject({ Bucket: 'b', BypassGovernanceRetention: true });
});
