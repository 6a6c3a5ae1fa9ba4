import { TrainingInstanceType } from '@aws-sdk/client-sagemaker';
import { Size, Stack } from 'aws-cdk-lib';
import { Problems } from '../../../constructs/private/validation';
import { requireFittingVolume } from '../../../constructs/training/local-disks';
import { withTraining } from './fixtures';

test('refuses a volume that is larger than the local disks in its place', () => {
  expect(() => withTraining({ instanceType: 'ml.g4dn.xlarge', volumeSize: Size.gibibytes(126) })).toThrow(
    "'volumeSize' is 126 GiB on 'ml.g4dn.xlarge', whose local disks SageMaker uses instead of a volume, must be at most 125; use a larger size of 'g4dn', or a type without local disks such as 'ml.m5.large'",
  );
  expect(() => withTraining({ instanceType: 'ml.g4dn.xlarge', volumeSize: Size.gibibytes(125) })).not.toThrow();
});

test('takes the default of every type, and any volume where there are no local disks', () => {
  const problems = new Problems(new Stack(undefined, 'Stack'));

  for (const type of Object.values(TrainingInstanceType)) requireFittingVolume(problems, type, Size.gibibytes(30));
  requireFittingVolume(problems, 'ml.m5.large', Size.gibibytes(16384));
  requireFittingVolume(problems, 'ml.g5.xlarge', undefined);

  expect(() => problems.throwIfAny()).not.toThrow();
});
