import type { Stack } from 'aws-cdk-lib';
import { OidcProviderNative } from 'aws-cdk-lib/aws-iam';
import { type IPipelineController, MergeRole } from '../constructs';
import type { Environment } from './config/environment';

/** By which role a merge trains, where the environment's file says whose merges do. */
export function mergeRole(stack: Stack, { name, delivery }: Environment, pipeline: IPipelineController): void {
  if (delivery?.mergeSubjects === undefined) return;
  const { issuer, audience, mergeSubjects: subjects } = delivery;
  const { partition, account } = stack;
  // by its ARN, which follows from the issuer: the delivery stack may make it anew while this one refers to it
  const providerArn = delivery.providerArn ?? `arn:${partition}:iam::${account}:oidc-provider/${issuer}`;
  new MergeRole(stack, 'Merge', {
    environmentName: name,
    pipeline,
    issuer,
    provider: OidcProviderNative.fromOidcProviderArn(stack, 'MergeTokens', providerArn),
    audience,
    subjects,
  });
}
