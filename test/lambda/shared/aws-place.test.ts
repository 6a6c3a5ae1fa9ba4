import { placeOfArn } from '../../../lambda/shared/aws-place';

describe('placeOfArn', () => {
  test('reads where something lies', () => {
    expect(placeOfArn('arn:aws:states:eu-west-1:111122223333:execution:pipeline:first')).toEqual({
      partition: 'aws',
      region: 'eu-west-1',
      account: '111122223333',
    });
  });

  test('fails on what is no ARN', () => {
    expect(() => placeOfArn('first')).toThrow(/ARN 'first' must name a partition/);
  });
});
