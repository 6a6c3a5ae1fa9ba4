import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Problems } from './validation';

/** What SageMaker does on an instance. */
export type InstanceUse = 'hosting' | 'training' | 'processing';

/** When the list was taken from the enumerations of SageMaker's API. */
const AS_OF = '2026-11';

/** By family, the sizes that there are for (H)osting, (T)raining and (P)rocessing; a test compares it with the SDK. */
const SIZES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  c4: { HTP: 'xlarge 2xlarge 4xlarge 8xlarge', H: 'large' },
  c5: { HTP: 'xlarge 2xlarge 4xlarge 9xlarge 18xlarge', H: 'large' },
  c5d: { H: 'large xlarge 2xlarge 4xlarge 9xlarge 18xlarge' },
  c5n: { T: 'xlarge 2xlarge 4xlarge 9xlarge 18xlarge' },
  c6g: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  c6gd: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  c6gn: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  c6i: { HTP: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge', H: 'large' },
  c6in: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge' },
  c7g: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  c7i: { HTP: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  c8g: { H: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  c8i: { TP: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge 96xlarge' },
  dl1: { H: '24xlarge' },
  g4dn: { HTP: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  g5: { HTP: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  g6: { HTP: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  g6e: { HTP: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  g7: { HTP: '2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge' },
  g7e: { HTP: '2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge' },
  inf1: { H: 'xlarge 2xlarge 6xlarge 24xlarge' },
  inf2: { H: 'xlarge 8xlarge 24xlarge 48xlarge' },
  m4: { HTP: 'xlarge 2xlarge 4xlarge 10xlarge 16xlarge' },
  m5: { HTP: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge' },
  m5d: { H: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge' },
  m6g: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  m6gd: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  m6i: { HTP: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge' },
  m7i: { HTP: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  m8g: { H: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  m8i: { TP: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge 96xlarge' },
  p2: { HTP: 'xlarge 8xlarge 16xlarge' },
  p3: { HTP: '2xlarge 8xlarge 16xlarge' },
  p3dn: { T: '24xlarge' },
  p4d: { HT: '24xlarge' },
  p4de: { HT: '24xlarge' },
  p5: { HT: '48xlarge', HTP: '4xlarge' },
  p5e: { HT: '48xlarge' },
  p5en: { HT: '48xlarge' },
  'p6-b200': { HT: '48xlarge' },
  'p6-b300': { HT: '48xlarge' },
  'p6e-gb200': { HT: '36xlarge' },
  r5: { HTP: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge', TP: '8xlarge 16xlarge' },
  r5d: { HTP: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge', TP: '8xlarge 16xlarge' },
  r6g: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  r6gd: { H: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  r6i: { HTP: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge' },
  r7gd: { H: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge' },
  r7i: { HTP: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  r8g: { H: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge' },
  r8i: { TP: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge 96xlarge' },
  t2: { H: 'medium large xlarge 2xlarge' },
  t3: { TP: 'medium large xlarge 2xlarge' },
  trn1: { HT: '2xlarge 32xlarge' },
  trn1n: { HT: '32xlarge' },
  trn2: { HT: '48xlarge' },
};

const USES: readonly InstanceUse[] = ['hosting', 'training', 'processing'];

/** SageMaker excludes them from its deployment guardrails. */
export const UNGUARDED_INSTANCE = /^ml\.inf1\./;

/** What an instance type is for; nothing for one that the list does not know, such as one that is newer. */
export function usesOf(instanceType: string): InstanceUse[] | undefined {
  const [, family = '', size = ''] = instanceType.split('.');
  const [letters] = Object.entries(SIZES[family] ?? {}).find(([, sizes]) => sizes.split(' ').includes(size)) ?? [];
  return letters === undefined ? undefined : USES.filter(use => letters.includes(use.charAt(0).toUpperCase()));
}

/** Notes an instance type that SageMaker does not have for what it is asked to do. */
export function requireInstanceType(
  problems: Problems,
  instanceType: string,
  needed: readonly InstanceUse[],
  reason: string,
): void {
  problems.requirePattern(
    'instanceType',
    instanceType,
    /^ml\.[a-z0-9-]+\.[a-z0-9]+$/,
    "a SageMaker instance type such as 'ml.m5.large'",
  );
  const uses = Token.isUnresolved(instanceType) ? undefined : usesOf(instanceType);
  const missing = uses === undefined ? [] : needed.filter(use => !uses.includes(use));
  if (uses === undefined || missing.length === 0) return;
  problems.add(
    `'instanceType' is '${instanceType}', which SageMaker has for ${uses.join(' and ')} but not for ${missing.join(' and ')}, must be one for ${needed.join(' and ')}${reason}, such as 'ml.m5.large'`,
  );
}

/** Warns of an instance type that may be a slip; it may as well be newer than the list. */
export function warnOfUnknownInstanceType(scope: IConstruct, instanceType: string): void {
  if (Token.isUnresolved(instanceType) || usesOf(instanceType) !== undefined) return;
  const [, family = ''] = instanceType.split('.');
  const sizes = Object.values(SIZES[family] ?? {}).join(' ');
  Annotations.of(scope).addWarningV2(
    'mlops-blueprint:unknown-instance-type',
    `'instanceType' is '${instanceType}', which SageMaker did not have in ${AS_OF}: ${
      sizes === '' ? `no family '${family}' is known` : `the known sizes of 'ml.${family}' are ${sizes}`
    }; acknowledge this if it is newer`,
  );
}
