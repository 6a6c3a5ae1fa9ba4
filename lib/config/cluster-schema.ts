import { z } from 'zod';
import { cidr } from './network-schema';

/**
 * The cluster on which models of an environment serve: one that the platform makes, or one that is there already. It is in
 * the environment's network.
 */

const kubernetesMinor = "text in quotes, '1.35', '1.36' or '1.37', to which the platform's kubectl 1.36 speaks";
const kubernetesVersion = z
  .string(kubernetesMinor)
  .regex(/^1\.3[567]$/, kubernetesMinor)
  .describe('Minor version of Kubernetes.');
const most = z.number().int().nonnegative().optional();
const diskSizeGiB = z.number().int().min(20).optional().describe('Disk of a node, for images and models. Default: 80.');
const hostname = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "a name of DNS in lower case such as 'models.dev.example.com'",
  )
  .optional()
  .describe('Name by which callers ask; two environments at one Gateway need one each. Default: any name.');
const callerCidrs = z
  .array(cidr)
  .min(1)
  .optional()
  .describe(
    "Ranges that may call the models; those of load balancers' and functions' subnets. Default: the range of the network.",
  );
const ec2InstanceTypes = z
  .array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, "an EC2 instance type such as 'm7i.xlarge'"))
  .min(1)
  .optional();

const capacity = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('AUTO_MODE').describe('EKS runs the nodes.'),
      instanceCategories: z
        .array(z.string().regex(/^[a-z]+$/, "a category such as 'm'"))
        .min(1)
        .optional()
        .describe('Categories of EC2 instances without GPUs. Default: c, m, r.'),
      maxCpus: most.describe('Most processors of all on-demand nodes without GPUs. Default: 200.'),
      maxSpotCpus: most.describe("Likewise of spot nodes, for models that say 'spot'. Default: 0."),
      gpuInstanceFamilies: z
        .array(z.string().regex(/^[a-z0-9-]+$/, "a family such as 'g6'"))
        .min(1)
        .optional()
        .describe('Families of EC2 instances with GPUs. Default: g6, g6e.'),
      maxGpus: most.describe(
        'Most GPUs of all on-demand nodes; there is no node while no pod asks for one. Default: 0.',
      ),
      maxSpotGpus: most.describe('Likewise of spot nodes. Default: 0.'),
      diskSizeGiB,
    }),
    z.strictObject({
      type: z.literal('MANAGED_NODE_GROUPS').describe('Groups of nodes that the Cluster Autoscaler makes larger.'),
      instanceTypes: ec2InstanceTypes.describe('Of nodes without GPUs. Default: m7i.xlarge.'),
      minNodes: z.number().int().positive().optional().describe('Fewest on-demand nodes without GPUs. Default: 2.'),
      maxNodes: z.number().int().positive().optional().describe('Most on-demand nodes without GPUs. Default: 10.'),
      maxSpotNodes: most.describe("Most spot nodes without GPUs, for models that say 'spot'. Default: 0."),
      gpuInstanceTypes: ec2InstanceTypes.describe('Of nodes with GPUs. Default: g6.xlarge.'),
      maxGpuNodes: most.describe(
        'Most on-demand nodes with GPUs; there is none while no pod asks for one. Default: 0.',
      ),
      maxSpotGpuNodes: most.describe('Most spot nodes with GPUs. Default: 0.'),
      neverSleeps: z
        .boolean()
        .optional()
        .describe(
          "Whether there are nodes outside of the hours of 'idle.awake', as models of another environment need them. Default: false, unless a model on it never sleeps or has 'batch'.",
        ),
      diskSizeGiB,
    }),
  ])
  .describe('Where pods run.');

const created = z.strictObject({
  source: z.literal('create').describe('The platform makes it.'),
  kubernetesVersion: kubernetesVersion.optional().describe('Minor version of Kubernetes. Default: 1.36.'),
  capacity: capacity.optional(),
  gateway: z
    .boolean()
    .optional()
    .describe('Whether it gets a Gateway, by which traffic moves in parts. Default: false.'),
  gatewayHostname: hostname,
  callerCidrs,
  keda: z
    .boolean()
    .optional()
    .describe('Whether it gets KEDA, for models that scale by requests or latency. Default: true.'),
  metricsServer: z
    .boolean()
    .optional()
    .describe('Whether it gets the metrics server, for those that scale by CPU. Default: true.'),
});

const imported = z.strictObject({
  source: z.literal('import').describe('It is there already, and its authentication mode includes API.'),
  clusterName: z.string().min(1).describe('Its name.'),
  clusterEndpoint: z.url("the URL of the API server, as 'aws eks describe-cluster' tells it").describe('API server.'),
  clusterCertificateAuthorityData: z
    .base64("base64 text, as 'certificateAuthority.data' of 'aws eks describe-cluster'")
    .describe("Certificate by which the API server's is checked."),
  clusterSecurityGroupId: z
    .string()
    .regex(/^sg-\w+$/, "a security group's id such as 'sg-0123abcd'")
    .describe('Security group that EKS made for it.'),
  kubernetesVersion,
  callerCidrs,
  gpuPool: z.boolean().optional().describe("Whether it has nodes with GPUs, tainted 'nvidia.com/gpu'. Default: false."),
  spotPool: z
    .boolean()
    .optional()
    .describe("Whether it has spot nodes, labelled and tainted 'mlops/spot'. Default: false."),
  metricsServer: z.boolean().optional().describe('Whether the metrics server is there. Default: false.'),
  kedaNamespace: z.string().min(1).optional().describe('Namespace of KEDA, if it is there. Default: it is not.'),
  gateway: z
    .strictObject({
      name: z.string().min(1).describe('Its name.'),
      namespace: z.string().min(1).describe('Its namespace.'),
      hostname,
      proxyNamespace: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Namespace of the pods through which its requests come, if it is pods, such as Envoy's. Default: none, requests come from load balancers.",
        ),
      url: z
        .url('a URL')
        .optional()
        .describe(
          "Where it answers in the cluster's network. Default: a release asks the pods of the version instead.",
        ),
    })
    .optional()
    .describe('Gateway that takes routes from namespaces labelled \'mlops/routes: "true"\'.'),
});

/** The cluster of an environment. */
export const cluster = z
  .discriminatedUnion('source', [created, imported])
  .describe("Cluster for models whose 'serving.target' is 'eks'.");

/** What a file says of the cluster. */
export type ClusterFile = z.infer<typeof cluster>;

/** What a file says of where pods run. */
export type CapacityFile = z.infer<typeof capacity>;

/** What a cluster has, as far as models may ask for it. */
export interface ClusterFeatures {
  readonly gateway: boolean;
  readonly gpus: boolean;
  readonly spot: boolean;
  readonly keda: boolean;
  readonly metricsServer: boolean;
}

/** What the cluster of a file has. */
export function clusterFeatures(file: ClusterFile): ClusterFeatures {
  if (file.source === 'import') {
    return {
      gateway: file.gateway !== undefined,
      gpus: file.gpuPool === true,
      spot: file.spotPool === true,
      keda: file.kedaNamespace !== undefined,
      metricsServer: file.metricsServer === true,
    };
  }
  const pools = file.capacity ?? { type: 'AUTO_MODE' };
  const any = (...sizes: (number | undefined)[]) => sizes.some(size => (size ?? 0) > 0);
  return {
    gateway: file.gateway === true,
    keda: file.keda !== false,
    metricsServer: file.metricsServer !== false,
    ...(pools.type === 'AUTO_MODE'
      ? { gpus: any(pools.maxGpus, pools.maxSpotGpus), spot: any(pools.maxSpotCpus, pools.maxSpotGpus) }
      : {
          gpus: any(pools.maxGpuNodes, pools.maxSpotGpuNodes),
          spot: any(pools.maxSpotNodes, pools.maxSpotGpuNodes),
        }),
  };
}
