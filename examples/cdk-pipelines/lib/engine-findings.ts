import { Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { CodePipeline } from 'aws-cdk-lib/pipelines';

/** Wildcards that CDK Pipelines puts into the policies of its own parts, and why they are meant; another one stays a finding. */
const MEANT: readonly (readonly [RegExp, string])[] = [
  [/^Action::(s3|kms):/, 'the CDK grants the use of its own bucket and key by kinds of actions'],
  [/^Resource::<\w*ArtifactsBucket\w*\.Arn>\/\*$/, 'artifacts are named by the executions that make them'],
  [/:log-group:\/aws\/codebuild\/|:report-group\//, 'logs and reports of builds of this pipeline'],
  [/:iam::\d+:role\/\*$/, 'only the roles of the bootstrap, by a condition on their tag'],
  [
    /^Resource::\*$/,
    'it finds its own stack and the bucket of the bootstrap, and starts builds that the CDK does not name',
  ],
];

/** Says beside the parts that CDK Pipelines makes why what cdk-nag finds in them is meant. */
export function explainEngine(pipeline: CodePipeline): void {
  for (const part of pipeline.node.findAll()) {
    if (part instanceof CfnBucket) {
      const reason = 'what is built from the repository lies here, which whoever may read the repository has already';
      Validations.of(part).acknowledge({ id: 'AwsSolutions-S1', reason });
    }
    if (!(part instanceof CfnPolicy)) continue;
    const { Statement } = Stack.of(part).resolve(part.policyDocument) as { Statement: Record<string, unknown>[] };
    for (const { Action, Resource } of Statement) {
      const findings = [
        ...[Action].flat().map(action => `Action::${String(action)}`),
        ...[Resource].flat().map(resource => `Resource::${flat(resource)}`),
      ];
      for (const finding of findings.filter(text => text.includes('*'))) {
        const reason = MEANT.find(([pattern]) => pattern.test(finding))?.[1];
        if (reason !== undefined) Validations.of(part).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
      }
    }
  }
}

/** A reference as cdk-nag writes it. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, ...other } = value as Record<string, unknown>;
  const [delimiter, parts] = (other['Fn::Join'] ?? []) as [string?, unknown[]?];
  if (parts !== undefined) return parts.map(flat).join(delimiter);
  const attribute = other['Fn::GetAtt'] as string[] | undefined;
  return attribute === undefined ? `<${String(Ref)}>` : `<${attribute.join('.')}>`;
}
