import fc from 'fast-check';
import { askedOf } from '../../../lambda/promotion/event';
import { FROM, SOURCE_ARN } from './world';

const event = (detail: object = {}, also: object = {}) => ({
  source: 'aws.sagemaker',
  account: FROM.account,
  region: FROM.region,
  ...also,
  detail: {
    ModelPackageGroupName: 'mlops-dev-rain',
    ModelPackageVersion: 3,
    ModelPackageArn: SOURCE_ARN,
    ModelApprovalStatus: 'Approved',
    ...detail,
  },
});

test('an approval asks to promote, a rejection to withdraw', () => {
  expect(askedOf(event(), FROM)).toEqual({ what: 'promote', model: 'rain', version: '3', arn: SOURCE_ARN });
  expect(askedOf(event({ ModelApprovalStatus: 'Rejected' }), FROM)).toMatchObject({ what: 'withdraw' });
});

test('a person asks with model and version', () => {
  expect(askedOf({ model: 'rain', version: '3' }, FROM)).toEqual({
    what: 'promote',
    model: 'rain',
    version: '3',
    arn: SOURCE_ARN,
  });
});

test.each([
  [
    'of another account',
    event({}, { account: '333333333333' }),
    /of account 333333333333 in eu-west-1 is none of 'dev'/,
  ],
  ['of another region', event({}, { region: 'us-east-1' }), /in us-east-1 is none of 'dev'/],
  ['of another environment', event({ ModelPackageGroupName: 'mlops-test-rain' }), /'mlops-test-rain'/],
  ['of a version that waits', event({ ModelApprovalStatus: 'PendingManualApproval' }), /'PendingManualApproval'/],
  ['of an edit', event({ UpdatedModelPackageFields: ['ModelCard'] }), /only ModelCard changed, not the approval/],
])('an event %s is ignored with the reason', (_, given, reason) => {
  expect(askedOf(given, FROM)).toEqual({ ignored: expect.stringMatching(reason) });
});

test('fails on what is neither event nor request, with what it got', () => {
  expect(() => askedOf({ model: 'rain', version: 'newest' }, FROM)).toThrow(
    `event must be a state change of a model package, or an object of 'model' and 'version', got {"model":"rain","version":"newest"}`,
  );
});

test('whatever an event says, what is read lies in the account and the environment of the settings', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (group, version, arn) => {
      const asked = askedOf(
        event({ ModelPackageGroupName: `mlops-dev-${group}`, ModelPackageVersion: version, ModelPackageArn: arn }),
        FROM,
      );
      expect('arn' in asked && asked.arn.startsWith(SOURCE_ARN.slice(0, SOURCE_ARN.indexOf('rain')))).toBe(true);
    }),
  );
});
