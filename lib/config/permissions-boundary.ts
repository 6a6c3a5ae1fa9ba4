import { PermissionsBoundary } from 'aws-cdk-lib';
import { z } from 'zod';

const BOUNDARY = /^([\w+=,.@-]{1,128}|arn:aws[\w-]*:iam::\d{12}:policy\/[\w+=,.@/-]+)$/;

/** The policy beyond which no role of the environment reaches, whatever its own policies say. */
export const permissionsBoundary = z
  .union(
    [
      z.string().regex(BOUNDARY, "a policy's name such as 'platform-boundary', or its ARN"),
      z.strictObject({
        source: z.literal('create').describe('The platform makes the policy, in a stack of its own.'),
      }),
    ],
    { error: "a policy's name such as 'platform-boundary', or its ARN, or 'source: create'" },
  )
  .describe(
    "Name or ARN of a managed policy that bounds every role of the environment, or 'source: create'; none without it.",
  );

/** Name of the boundary that the platform makes for an environment. */
export function boundaryName(environmentName: string): string {
  return `mlops-${environmentName}-boundary`;
}

/** CDK's word for a boundary that an environment file names. */
export function boundaryOf(
  environmentName: string,
  boundary: z.infer<typeof permissionsBoundary>,
): PermissionsBoundary {
  if (typeof boundary !== 'string') return PermissionsBoundary.fromName(boundaryName(environmentName));
  return boundary.startsWith('arn:') ? PermissionsBoundary.fromArn(boundary) : PermissionsBoundary.fromName(boundary);
}
