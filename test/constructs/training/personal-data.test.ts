import { App, Stack } from 'aws-cdk-lib';
import { ColumnType, type PersonalData } from '../../../constructs';
import { requirePersonalData } from '../../../constructs/private/name-rules';
import { Problems } from '../../../constructs/private/validation';

const SCHEMA = {
  features: ['age', 'postcode'].map(name => ({ name, type: ColumnType.DOUBLE })),
  label: 'left',
};

function problemsOf(personalData: PersonalData | undefined): () => void {
  const problems = new Problems(new Stack(new App(), 'Stack'));
  requirePersonalData(problems, SCHEMA, personalData);
  return () => problems.throwIfAny();
}

test('takes none, a key alone, and fields that are features and accepted in snapshots', () => {
  expect(problemsOf(undefined)).not.toThrow();
  expect(problemsOf({ subject: 'customer' })).not.toThrow();
  expect(problemsOf({ subject: 'customer', fields: [], acceptedInSnapshots: undefined })).not.toThrow();
  expect(problemsOf({ subject: 'customer', fields: ['age'], acceptedInSnapshots: ['age'] })).not.toThrow();
});

test.each<[string[], string[] | undefined]>([
  [['age'], undefined],
  [['postcode', 'age'], ['postcode']],
])('fails for a field that would stay in locked snapshots (fields: %j, accepted: %j)', (fields, accepted) => {
  expect(problemsOf({ subject: 'customer', fields, acceptedInSnapshots: accepted })).toThrow(
    /^Stack: 'personalData.fields' has 'age', must be without it: features go into locked snapshots, from which no erasure takes them; leave 'age' out of 'schema.features' and land a feature made of it that tells of no person, such as a band of ages \(a hash still tells of one, even with a secret salt\), or accept it with 'age' in 'acceptedInSnapshots'$/,
  );
});

test.each([undefined, [], ['postcode']])('fails for an acceptance of what is no field (fields: %j)', fields => {
  const acceptedInSnapshots = ['age', ...(fields ?? [])];
  expect(problemsOf({ subject: 'customer', fields, acceptedInSnapshots })).toThrow(
    /^Stack: 'personalData.acceptedInSnapshots' has 'age', must be without it, or have it in 'personalData.fields': there is nothing to accept$/,
  );
});

test.each([undefined, []])('fails for an acceptance of nothing (fields: %j)', fields => {
  expect(problemsOf({ subject: 'customer', fields, acceptedInSnapshots: [] })).toThrow(
    "Stack: 'personalData.acceptedInSnapshots' is empty, must name some of 'personalData.fields' or be left out: there is nothing to accept",
  );
});

test.each(['age', 'left'])("fails for the key '%s', which would get into locked snapshots", subject => {
  expect(problemsOf({ subject })).toThrow(
    `Stack: 'personalData.subject' is '${subject}', must be neither a feature nor the label: these go into locked snapshots, from which nothing is erased`,
  );
});

test('fails for a name that no column has, and for a field that is no feature', () => {
  expect(problemsOf({ subject: 'Customer Id', fields: ['left'] })).toThrow(
    "'personalData.subject' is 'Customer Id', must be lower-case letters, digits and underscores that begin with a letter; " +
      "'personalData.fields' has 'left', must have features alone: 'age', 'postcode'",
  );
});
