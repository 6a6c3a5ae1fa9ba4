import { localName, parseS3Uri } from '../../../../local-cloud/sagemaker/aws/s3-transfer';

test.each([
  ['data/train', 'data/train/part.csv', 'part.csv'],
  ['data/train/', 'data/train/day/part.csv', 'day/part.csv'],
  ['data/train.csv', 'data/train.csv', 'train.csv'],
  ['data/tr', 'data/train.csv', 'train.csv'],
  ['', 'data/train.csv', 'data/train.csv'],
])('an object under prefix %s: %s becomes %s', (prefix, key, name) => {
  expect(localName(prefix, key)).toBe(name);
});

test('a URI may have no key', () => {
  expect(parseS3Uri('s3://bucket')).toEqual({ bucket: 'bucket', key: '' });
});

test('fails for a URI that is not one of S3', () => {
  expect(() => parseS3Uri('https://bucket/key')).toThrow(
    "'https://bucket/key' must be an S3 URI of the form s3://bucket/key",
  );
});
