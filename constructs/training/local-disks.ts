import { type Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
import type { Problems } from '../private/validation';

/**
 * Gigabytes of the local disks that instances of training have, by family and size, from EC2's lists of instance store
 * volumes. SageMaker uses them instead of a volume, encrypts them by itself and takes no key for them.
 */
const GIGABYTES: Partial<Record<string, Partial<Record<string, number>>>> = {
  g4dn: { xlarge: 125, '2xlarge': 225, '4xlarge': 225, '8xlarge': 900, '12xlarge': 900, '16xlarge': 900 },
  g5: {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3800,
    '16xlarge': 1900,
    '24xlarge': 3800,
    '48xlarge': 7600,
  },
  g6: {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3760,
    '16xlarge': 1880,
    '24xlarge': 3760,
    '48xlarge': 7520,
  },
  r5d: {
    large: 75,
    xlarge: 150,
    '2xlarge': 300,
    '4xlarge': 600,
    '8xlarge': 1200,
    '12xlarge': 1800,
    '16xlarge': 2400,
    '24xlarge': 3600,
  },
};

/** Notes a volume that is larger than the local disks that SageMaker uses in its place. */
export function requireFittingVolume(problems: Problems, instanceType: string, volumeSize: Size | undefined): void {
  if (volumeSize === undefined || volumeSize.isUnresolved() || Token.isUnresolved(instanceType)) return;
  const [, family = '', size = ''] = instanceType.split('.');
  const gigabytes = GIGABYTES[family]?.[size];
  const asked = volumeSize.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
  if (gigabytes === undefined || asked <= gigabytes) return;
  problems.add(
    `'volumeSize' is ${asked} GiB on '${instanceType}', whose local disks SageMaker uses instead of a volume, must be at most ${gigabytes}; use a larger size of '${family}', or a type without local disks such as 'ml.m5.large'`,
  );
}
