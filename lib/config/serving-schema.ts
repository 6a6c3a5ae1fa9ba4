import { z } from 'zod';
import { instanceCount, instanceType } from './instances';
import { byTier } from './tiers';

/**
 * How a model is served: on a SageMaker endpoint or on the environment's cluster, behind the same releases.
 */

const stepPercent = (min: number) =>
  z.number().int().min(min).max(50).describe('The canary, or one linear step, in percent of the capacity.');
const waits = {
  waitMinutes: z.number().int().nonnegative().max(60).optional().describe('How long the alarms watch after a step.'),
  terminationWaitMinutes: z.number().int().nonnegative().max(60).optional().describe('How long the old fleet stays.'),
  maxExecutionMinutes: z.number().int().min(10).max(480).optional().describe('When an unended shift is undone.'),
};

const shift = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('ALL_AT_ONCE'), ...waits }),
    z.strictObject({ type: z.literal('CANARY'), stepPercent: stepPercent(1), ...waits }),
    z.strictObject({ type: z.literal('LINEAR'), stepPercent: stepPercent(10).optional(), ...waits }),
  ])
  .describe('How traffic moves to a new version.');

const guardrail = z
  .strictObject({
    maxLatencyMilliseconds: z.number().int().positive().optional().describe('For 99 of 100 requests.'),
    maxServerErrorRate: z.number().min(0).max(1).optional().describe('Share of requests answered with 5XX.'),
    maxModelErrorRate: z.number().min(0).max(1).optional().describe('Share not answered with 2XX by the model.'),
  })
  .describe('Over what an update that bakes goes back by itself.');

const sagemakerServing = z.strictObject({
  target: z.literal('sagemaker').optional().describe('A SageMaker endpoint, which needs no cluster.'),
  instanceType: instanceType
    .optional()
    .describe(byTier('SageMaker instance type.', ({ serving: its }) => its.instanceType)),
  instanceCount: instanceCount
    .optional()
    .describe(byTier('Number of instances.', ({ serving: its }) => its.instanceCount)),
  shift: shift
    .optional()
    .describe(
      byTier('How traffic moves to a new version, from two instances on.', ({ serving: its }) => its.shift.type),
    ),
  autoScaling: z
    .strictObject({
      minCapacity: z.number().int().positive().optional().describe('Fewest instances; at least 2 in prod.'),
      maxCapacity: z.number().int().positive().describe('Most instances.'),
      metric: z
        .enum(['InvocationsPerInstance', 'ConcurrentRequestsPerInstance'])
        .describe('What is held at the target value: requests in a minute, or requests at a time.'),
      targetValue: z.number().positive().describe('Requests that each instance should get.'),
      scaleInCooldownSeconds: z.number().int().nonnegative().optional().describe('Least time between steps down.'),
      scaleOutCooldownSeconds: z.number().int().nonnegative().optional().describe('Least time between steps up.'),
    })
    .optional()
    .describe('How the number of instances follows the load.'),
  warmStandbyHours: z
    .number()
    .positive()
    .optional()
    .describe('How long the previous version stays able to serve after a release, at the price of its instances.'),
  shadow: z
    .strictObject({
      durationMinutes: z.number().int().min(1).max(1440).describe('How long it gets copies before it is compared.'),
      minRequests: z.number().int().positive().optional().describe('Requests that both must have answered.'),
      maxDisagreement: z.number().min(0).max(1).optional().describe('Share whose prediction may differ.'),
      maxScoreDifference: z.number().nonnegative().optional().describe('How far the scores may lie apart, on average.'),
      maxErrorRate: z.number().min(0).max(1).optional().describe('By how much it may fail more requests.'),
      maxLatencyMilliseconds: z.number().int().positive().optional().describe('For 99 of 100 requests.'),
    })
    .optional()
    .describe('What a new version must do, with copies of the requests, before any of its answers reaches anybody.'),
  guardrail: guardrail.optional(),
});

const batchPrefix = (what: string) =>
  z
    .string()
    .regex(
      /^[^/*?$]([^*?$]*[^/*?$])?\/$/,
      "a prefix that ends with a slash and does not begin with one, such as 'rain/input/'",
    )
    .describe(`${what}; ends with a slash.`);

const eksServing = z.strictObject({
  target: z.literal('eks').describe("The environment's 'cluster'."),
  replicas: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Pods of a version; at least 2 in prod. With 'autoScaling' leave it out."),
  autoScaling: z
    .strictObject({
      minReplicas: z.number().int().positive().optional().describe('Fewest pods of a version; at least 2 in prod.'),
      maxReplicas: z.number().int().positive().describe('Most pods of a version.'),
      targetRequestsInFlight: z.number().positive().optional().describe('Requests that each pod has at a time.'),
      targetLatencyMilliseconds: z.number().int().positive().optional().describe('Mean time of an answer.'),
      targetCpuPercent: z
        .number()
        .positive()
        .optional()
        .describe('Of the processor time that pods are promised; alone, not beside the other targets.'),
    })
    .optional()
    .describe('How the number of pods follows the load.'),
  cpu: z.number().positive().optional().describe('Processors that a pod is promised.'),
  cpuLimit: z.number().positive().optional().describe('Processors that a pod may use at most.'),
  memoryMiB: z.number().int().min(256).optional().describe('Memory that a pod is promised and may use at most.'),
  gpus: z.number().int().nonnegative().optional().describe('NVIDIA GPUs of a pod.'),
  spot: z
    .boolean()
    .optional()
    .describe("Whether pods may run on spot capacity, which is taken at two minutes' notice."),
  modelSizeMiB: z.number().int().positive().optional().describe('Size of the unpacked model at most.'),
  modelLoadSeconds: z.number().int().min(1).max(3600).optional().describe('Time that loading the model may take.'),
  modelDelivery: z
    .enum(['FETCH', 'IMAGE_VOLUME'])
    .optional()
    .describe('How the model comes into pods: from S3, or as an OCI image that is mounted.'),
  clientNamespaces: z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'the name of a namespace'))
    .optional()
    .describe('Namespaces of the cluster whose pods may call the model by its Service.'),
  batch: z
    .strictObject({
      bucket: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')
        .describe('Where the CSV files lie and where the predictions go.'),
      keyArn: z
        .string()
        .regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'the ARN of a KMS key')
        .optional()
        .describe("The bucket's KMS key, if it has one of its own."),
      inputPrefix: batchPrefix('Under which the files to predict lie'),
      outputPrefix: batchPrefix('Under which the predictions go'),
      parallelism: z.number().int().min(1).max(100).optional().describe('Pods that share the files.'),
      timeoutMinutes: z.number().int().positive().optional().describe('When a batch that has not ended is stopped.'),
    })
    .optional()
    .describe("Predictions of whole files by a Job, with 'mlops batch'."),
  shift: shift.optional(),
  guardrail: guardrail.optional(),
});

/** How a model is served in an environment. */
export const serving = z
  .discriminatedUnion('target', [sagemakerServing, eksServing])
  .describe('How the model is served here.');

/** What a file says of how a model is served. */
export type ServingFile = z.infer<typeof serving>;

/** What is known of a model on a SageMaker endpoint, with the tier's defaults. */
export type SageMakerServing = z.infer<typeof sagemakerServing> & { readonly instanceType: string };

/** What a file says of a model on the cluster. */
export type EksServing = z.infer<typeof eksServing>;
