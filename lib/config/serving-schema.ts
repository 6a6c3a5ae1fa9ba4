import { z } from 'zod';
import { instanceCount, instanceType } from './instances';
import { byTier } from './tiers';

/**
 * How a model is served: on a SageMaker endpoint or on the environment's cluster, behind the same releases.
 */

const STEP = 'The canary, or one linear step, in percent of the capacity.';
const stepPercent = (min: number) => z.number().int().min(min).max(50).describe(STEP);
const waits = {
  waitMinutes: z
    .number()
    .int()
    .nonnegative()
    .max(60)
    .optional()
    .describe('How long the alarms watch after a step. Default: 5.'),
  terminationWaitMinutes: z
    .number()
    .int()
    .nonnegative()
    .max(60)
    .optional()
    .describe('How long the old fleet stays. Default: 0.'),
  maxExecutionMinutes: z
    .number()
    .int()
    .min(10)
    .max(480)
    .optional()
    .describe('When an unended shift is undone. Default: half an hour after all waits.'),
};

const shift = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('ALL_AT_ONCE'), ...waits }),
    z.strictObject({ type: z.literal('CANARY'), stepPercent: stepPercent(1), ...waits }),
    z.strictObject({
      type: z.literal('LINEAR'),
      stepPercent: stepPercent(10).optional().describe(`${STEP} Default: 25.`),
      ...waits,
    }),
  ])
  .describe('How traffic moves to a new version.');

const guardrail = z
  .strictObject({
    maxLatencyMilliseconds: z.number().int().positive().optional().describe('For 99 of 100 requests. Default: 1000.'),
    maxServerErrorRate: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Share of requests answered with 5XX. Default: 0.05.'),
    maxModelErrorRate: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Share not answered with 2XX by the model. Default: 0.25.'),
  })
  .describe('Over what an update that bakes goes back by itself.');

const sagemakerServing = z.strictObject({
  target: z
    .literal('sagemaker')
    .optional()
    .describe('A SageMaker endpoint, which needs no cluster. Default: sagemaker.'),
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
      minCapacity: z
        .number()
        .int()
        .positive()
        .optional()
        .describe("Fewest instances; at least 2 in prod. Default: 'instanceCount'."),
      maxCapacity: z.number().int().positive().describe('Most instances.'),
      metric: z
        .enum(['InvocationsPerInstance', 'ConcurrentRequestsPerInstance'])
        .describe('What is held at the target value: requests in a minute, or requests at a time.'),
      targetValue: z.number().positive().describe('Requests that each instance should get.'),
      scaleInCooldownSeconds: z
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe('Least time between steps down. Default: 300.'),
      scaleOutCooldownSeconds: z
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe('Least time between steps up. Default: 300.'),
    })
    .optional()
    .describe('How the number of instances follows the load.'),
  warmStandbyHours: z
    .number()
    .positive()
    .optional()
    .describe(
      'How long the previous version stays able to serve after a release, at the price of its instances. Default: not at all.',
    ),
  shadow: z
    .strictObject({
      durationMinutes: z.number().int().min(1).max(1440).describe('How long it gets copies before it is compared.'),
      minRequests: z
        .number()
        .int()
        .positive()
        .optional()
        .describe('Requests that both must have answered. Default: 500.'),
      maxDisagreement: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe('Share whose prediction may differ. Default: 0.05.'),
      maxScoreDifference: z
        .number()
        .nonnegative()
        .optional()
        .describe(
          'How far the scores may lie apart, on average. Default: as far as they like, if the predictions agree.',
        ),
      maxErrorRate: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe('By how much it may fail more requests. Default: 0.01.'),
      maxLatencyMilliseconds: z
        .number()
        .int()
        .positive()
        .optional()
        .describe("For 99 of 100 requests. Default: that of 'guardrail'."),
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
    .describe(
      "Pods of a version; at least 2 in prod. With 'autoScaling' leave it out. Default: 2 in an environment named 'prod' or 'production', else 1.",
    ),
  autoScaling: z
    .strictObject({
      minReplicas: z
        .number()
        .int()
        .positive()
        .optional()
        .describe("Fewest pods of a version; at least 2 in prod. Default: what 'replicas' is by default."),
      maxReplicas: z.number().int().positive().describe('Most pods of a version.'),
      targetRequestsInFlight: z
        .number()
        .positive()
        .optional()
        .describe('Requests that each pod has at a time. Default: not a target.'),
      targetLatencyMilliseconds: z
        .number()
        .int()
        .positive()
        .optional()
        .describe('Mean time of an answer. Default: not a target.'),
      targetCpuPercent: z
        .number()
        .positive()
        .optional()
        .describe(
          'Of the processor time that pods are promised; alone, not beside the other targets. Default: not a target.',
        ),
    })
    .optional()
    .describe('How the number of pods follows the load.'),
  cpu: z.number().positive().optional().describe('Processors that a pod is promised. Default: 1.'),
  cpuLimit: z
    .number()
    .positive()
    .optional()
    .describe('Processors that a pod may use at most. Default: what the node has to spare.'),
  memoryMiB: z
    .number()
    .int()
    .min(256)
    .optional()
    .describe('Memory that a pod is promised and may use at most. Default: 2048.'),
  gpus: z.number().int().nonnegative().optional().describe('NVIDIA GPUs of a pod. Default: 0.'),
  spot: z
    .boolean()
    .optional()
    .describe("Whether pods may run on spot capacity, which is taken at two minutes' notice. Default: false."),
  modelSizeMiB: z.number().int().positive().optional().describe('Size of the unpacked model at most. Default: 1024.'),
  modelLoadSeconds: z
    .number()
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe('Time that loading the model may take. Default: 300.'),
  modelDelivery: z
    .enum(['FETCH', 'IMAGE_VOLUME'])
    .optional()
    .describe('How the model comes into pods: from S3, or as an OCI image that is mounted. Default: FETCH.'),
  clientNamespaces: z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'the name of a namespace'))
    .optional()
    .describe('Namespaces of the cluster whose pods may call the model by its Service. Default: none.'),
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
        .describe("The bucket's KMS key, if it has one of its own. Default: none."),
      inputPrefix: batchPrefix('Under which the files to predict lie'),
      outputPrefix: batchPrefix('Under which the predictions go'),
      parallelism: z.number().int().min(1).max(100).optional().describe('Pods that share the files. Default: 1.'),
      timeoutMinutes: z
        .number()
        .int()
        .positive()
        .optional()
        .describe('When a batch that has not ended is stopped. Default: 360.'),
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
