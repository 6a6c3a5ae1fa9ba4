import { App, Stack } from 'aws-cdk-lib';
import { ColumnType, type PersonalData } from '../../../constructs';
import { requirePersonalData } from '../../../constructs/private/name-rules';
import { Problems } from '../../../constructs/private/validation';

const SCHEMA = { features: [{ name: 'age', type: ColumnType.DOUBLE }], label: 'left' };

function problemsOf(personalData: PersonalData | undefined): () => void {
  const problems = new Problems(new Stack(new App(), 'Stack'));
  requirePersonalData(problems, SCHEMA, personalData);
  return () => problems.throwIfAny();
}

test('takes none, a key alone, and fields that are features', () => {
  expect(problemsOf(undefined)).not.toThrow();
  expect(problemsOf({ subject: 'customer' })).not.toThrow();
  expect(problemsOf({ subject: 'customer', fields: ['age'] })).not.toThrow();
});

test.each(['age', 'left'])("fails for the key '%s', which would get into locked snapshots", subject => {
  expect(problemsOf({ subject })).toThrow(
    `Stack: 'personalData.subject' is '${subject}', must be neither a feature nor the label: these go into locked snapshots, from which nothing is erased`,
  );
});

test('fails for a name that no column has, and for a field that is no feature', () => {
  expect(problemsOf({ subject: 'Customer Id', fields: ['left'] })).toThrow(
    "'personalData.subject' is 'Customer Id', must be lower-case letters, digits and underscores that begin with a letter; " +
      "'personalData.fields' has 'left', must have features alone: 'age'",
  );
});
