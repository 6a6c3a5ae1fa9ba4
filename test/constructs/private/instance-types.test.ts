import { ProcessingInstanceType, ProductionVariantInstanceType, TrainingInstanceType } from '@aws-sdk/client-sagemaker';
import { Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  type InstanceUse,
  requireInstanceType,
  usesOf,
  warnOfUnknownInstanceType,
} from '../../../constructs/private/instance-types';
import { Problems } from '../../../constructs/private/validation';

const KNOWN: Readonly<Record<InstanceUse, ReadonlySet<string>>> = {
  hosting: new Set(Object.values(ProductionVariantInstanceType)),
  training: new Set(Object.values(TrainingInstanceType)),
  processing: new Set(Object.values(ProcessingInstanceType)),
};

/** What is wrong with a type. */
function refusal(instanceType: string, uses: InstanceUse[]): string | undefined {
  const problems = new Problems(new Stack(undefined, 'Stack'));
  requireInstanceType(problems, instanceType, uses, '');
  try {
    problems.throwIfAny();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test("knows what SageMaker's API knows, no more and no less", () => {
  const all = new Set(Object.values(KNOWN).flatMap(types => [...types]));

  expect(all.size).toBeGreaterThan(200);
  for (const type of all) {
    const uses = (Object.keys(KNOWN) as InstanceUse[]).filter(use => KNOWN[use].has(type));
    expect([type, usesOf(type)]).toEqual([type, uses]);
  }
});

test('refuses to serve on a type that is for training alone', () => {
  expect(refusal('ml.p3dn.24xlarge', ['hosting'])).toBe(
    "Stack: 'instanceType' is 'ml.p3dn.24xlarge', which SageMaker has for training but not for hosting, must be one for hosting, such as 'ml.m5.large'",
  );
  expect(refusal('ml.t3.medium', ['hosting'])).toContain('for training and processing but not for hosting');
  expect(refusal('ml.t2.medium', ['hosting'])).toBeUndefined();
});

test('refuses to train on a type that is for hosting alone', () => {
  expect(refusal('ml.m5d.large', ['training', 'processing'])).toBe(
    "Stack: 'instanceType' is 'ml.m5d.large', which SageMaker has for hosting but not for training and processing, must be one for training and processing, such as 'ml.m5.large'",
  );
});

test('takes what the list does not know, which may be newer', () => {
  expect(refusal('ml.m99.large', ['hosting'])).toBeUndefined();
  expect(refusal(Lazy.string({ produce: () => 'ml.m5d.large' }), ['training'])).toBeUndefined();
});

test('warns of what may be a slip, with the sizes that are known', () => {
  // GIVEN
  const stack = new Stack(undefined, 'Stack');

  // WHEN
  warnOfUnknownInstanceType(stack, 'ml.m5.lage');

  // THEN
  Annotations.fromStack(stack).hasWarning(
    '/Stack',
    Match.stringLikeRegexp(
      "'instanceType' is 'ml.m5.lage', which SageMaker did not have in .*: the known sizes of 'ml.m5' are large xlarge 2xlarge",
    ),
  );
});

test('warns of no type that is known', () => {
  const stack = new Stack(undefined, 'Stack');

  warnOfUnknownInstanceType(stack, 'ml.m5.large');

  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});
