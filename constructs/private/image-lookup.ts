import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LOOKUP_ACTIONS } from './ecr-actions';
import type { MeantWildcard } from './wildcards';

/** Why the wildcard of `allowImageLookup` is meant. */
export const MEANT_IMAGE_LOOKUP: MeantWildcard = {
  wildcard: ':repository/*',
  actions: LOOKUP_ACTIONS,
  reason: "which repository a version's image lies in is known only when it is registered; it reads digests alone",
};

/** Lets a function see which image a tag means, in the registry of its own account and region. */
export function allowImageLookup(grantee: IFunction): void {
  const repositories = Stack.of(grantee).formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' });
  grantee.addToRolePolicy(new PolicyStatement({ actions: LOOKUP_ACTIONS, resources: [repositories] }));
}
