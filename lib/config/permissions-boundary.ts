import { PermissionsBoundary } from 'aws-cdk-lib';
import { z } from 'zod';

const BOUNDARY = /^([\w+=,.@-]{1,128}|arn:aws[\w-]*:iam::\d{12}:policy\/[\w+=,.@/-]+)$/;

/** The policy beyond which no role of the environment reaches, whatever its own policies say. */
export const permissionsBoundary = z
  .string()
  .regex(BOUNDARY, "a policy's name such as 'platform-boundary', or its ARN")
  .describe('Name or ARN of a managed policy that bounds every role of the environment; none without it.');

/** CDK's word for a boundary that an environment file names. */
export function boundaryOf(nameOrArn: string): PermissionsBoundary {
  return nameOrArn.startsWith('arn:')
    ? PermissionsBoundary.fromArn(nameOrArn)
    : PermissionsBoundary.fromName(nameOrArn);
}
