import { Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CodePipeline } from 'aws-cdk-lib/pipelines';

/** The right to use a connection, as the CDK gives it. */
const OLD_NAME = 'codestar-connections:UseConnection';

/** The right that AWS asks for where the ARN of the connection has the service's new name. */
const NEW_NAME = 'codeconnections:UseConnection';

/**
 * Lets each part of a pipeline that may use its connection do so by the service's new name too: connections made since July
 * 2024 have it in their ARN, and the name in the right must be that in the ARN.
 *
 * @see https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html
 */
export function useConnection(pipeline: CodePipeline, connectionArn: string): void {
  for (const part of pipeline.node.findAll()) {
    if (!(part instanceof Policy)) continue;
    const { Statement } = Stack.of(part).resolve(part.document) as { Statement: { Action: string | string[] }[] };
    if (Statement.some(({ Action }) => [Action].flat().includes(OLD_NAME))) {
      part.addStatements(new PolicyStatement({ actions: [NEW_NAME], resources: [connectionArn] }));
    }
  }
}
