import { z } from 'zod';
import { byTier } from './tiers';

/**
 * The network of an environment: one that the platform makes, one that is there already, or none. Where there is one,
 * training jobs, models on SageMaker and the cluster are in it.
 */

/** A range of addresses. */
export const cidr = z
  .string()
  .regex(/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, "a range of addresses such as '10.0.0.0/16'")
  .describe('Range of addresses.');

/** Services that have interface endpoints and are asked from within a network: by models, nodes, and what releases. */
export const ENDPOINT_SERVICES = [
  'ec2',
  'ecr.api',
  'ecr.dkr',
  'eks',
  'eks-auth',
  'kinesis-firehose',
  'monitoring',
  'sagemaker.api',
  'sns',
  'ssm',
  'sts',
] as const;
export type EndpointService = (typeof ENDPOINT_SERVICES)[number];

const created = z.strictObject({
  source: z.literal('create').describe('The platform makes it.'),
  cidr: cidr.optional().describe('Range of addresses. Default: 10.0.0.0/16.'),
  maxAzs: z.number().int().min(2).max(3).optional().describe('Number of availability zones. Default: 2.'),
  availabilityZones: z
    .array(z.string())
    .min(2)
    .optional()
    .describe("The zones by name, instead of 'maxAzs': not every zone has every service. Default: 'maxAzs' of them."),
  natGateways: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe(
      byTier('Ways out to the internet; with 0 there is none.', tier => tier.network.natGateways ?? 'one in each zone'),
    ),
  interfaceEndpoints: z
    .array(z.enum(ENDPOINT_SERVICES))
    .optional()
    .describe(
      byTier(
        "AWS's services that are reached without a way out, beside S3 and DynamoDB, which cost nothing. Each costs by the hour and zone.",
        tier =>
          tier.network.interfaceEndpoints ? 'all that are used' : "none, or all that are used where 'natGateways' is 0",
      ),
    ),
});

const imported = z.strictObject({
  source: z.literal('import').describe('It is there already.'),
  vpcId: z
    .string()
    .regex(/^vpc-\w+$/, "a VPC's id such as 'vpc-0123abcd'")
    .describe('The network.'),
  vpcCidr: cidr,
  availabilityZones: z.array(z.string()).min(2).describe("Zones of 'privateSubnetIds', in their order."),
  privateSubnetIds: z
    .array(z.string().regex(/^subnet-\w+$/, "a subnet's id such as 'subnet-0123abcd'"))
    .min(2)
    .describe("Subnets of jobs, models, nodes and of the functions that release, with a way to AWS's services."),
});

const none = z.strictObject({
  source: z.literal('none').describe("Jobs and models are in SageMaker's own network; what serves has no address."),
});

/** The network of an environment. */
export const network = z
  .discriminatedUnion('source', [created, imported, none])
  .refine(of => of.source !== 'create' || of.maxAzs === undefined || of.availabilityZones === undefined, {
    path: ['maxAzs'],
    error: "left out beside 'availabilityZones', which say how many there are",
  })
  .refine(of => of.source !== 'import' || of.privateSubnetIds.length === of.availabilityZones.length, {
    path: ['privateSubnetIds'],
    error: "one subnet for each of 'availabilityZones', in their order",
  })
  .describe("Network of jobs, models and the cluster; 'none' without it.");

/** What a file says of the network. */
export type NetworkFile = z.infer<typeof network>;

/** A network that is to be made. */
export type CreatedNetwork = z.infer<typeof created>;

/** What a cluster needs of the environment's network and does not get, if anything. */
export function unmetNetworkNeed(
  file: NetworkFile | undefined,
  clusterSource: 'create' | 'import' | undefined,
): { readonly path: readonly string[]; readonly allowed: string } | undefined {
  if (clusterSource === undefined) return undefined;
  const sources = clusterSource === 'import' ? ['import'] : ['create', 'import'];
  if (file === undefined || !sources.includes(file.source)) {
    return {
      path: file === undefined ? ['network'] : ['network', 'source'],
      allowed:
        clusterSource === 'import'
          ? "the network of the cluster that is imported, with 'source: import'"
          : "given with a 'cluster', which is in it: 'source: create' or 'source: import'",
    };
  }
  if (clusterSource === 'create' && file.source === 'create' && file.natGateways === 0) {
    return {
      path: ['network', 'natGateways'],
      allowed:
        "at least 1 with a 'cluster' that is made, since images of what is installed in it come from the internet",
    };
  }
  return undefined;
}
