import { z } from 'zod';
import { unmetNeeds } from './cluster-needs';
import { cluster } from './cluster-schema';
import { budgets, governance, unknownModels } from './governance-schema';
import { idle, NO_SLEEP_IN_PROD } from './idle-schema';
import { image } from './image-schema';
import { instanceCount, instanceType } from './instances';
import { modelName } from './model-schema';
import { network, unmetNetworkNeed } from './network-schema';
import { delivery } from './delivery-schema';
import { permissionsBoundary } from './permissions-boundary';
import { promotion } from './promotion-schema';
import { serving } from './serving-schema';
import { tags } from './tags-schema';
import { byTier, TIER_NAMES, TIERS } from './tiers';

/**
 * What an environment file may say. What it leaves out is decided by its tier, as `tiers.ts` has it, or else by the
 * construct that it is about, whose documentation tells the default.
 */

const triggers = z
  .strictObject({
    newData: z.boolean().optional().describe('Whether a batch that has landed starts a training. Default: true.'),
    schedule: z
      .string()
      .regex(/^(rate|cron)\(.+\)$/, "'rate(…)' or 'cron(…)' as EventBridge Scheduler takes it, such as 'rate(7 days)'")
      .optional()
      .describe('When a training is due by itself. Default: never.'),
    retrain: z
      .boolean()
      .optional()
      .describe('Whether drift of a long-serving version starts a training. Default: true.'),
    merge: z
      .boolean()
      .optional()
      .describe("Whether a merge does, which the team's CI tells by 'mlops train MODEL --commit SHA'. Default: false."),
  })
  .describe('What starts a training; a person always may.');

const training = z
  .strictObject({
    image: image.optional().describe("The model's own training image; the environment's without it."),
    instanceType: instanceType
      .optional()
      .describe(byTier('SageMaker instance type of the jobs.', ({ training }) => training.instanceType)),
    instanceCount: instanceCount.optional(),
    volumeSizeInGb: z.number().int().positive().optional().describe('Disk of each training instance.'),
    maxRuntimeMinutes: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(byTier('Time after which a job is stopped.', ({ training }) => training.maxRuntimeMinutes)),
    networkIsolation: z
      .boolean()
      .optional()
      .describe('Whether the jobs reach no network at all; false for code that downloads something.'),
    holdoutShare: z.number().gt(0).lt(1).optional().describe('Share of valid rows kept out of training.'),
    triggers: triggers.optional(),
    maxRows: z.number().int().positive().optional().describe('Rows a snapshot takes, newest whole batches first.'),
    gate: z
      .strictObject({
        minAuc: z.number().min(0).max(1).optional().describe('Smallest area under the ROC curve on held-out rows.'),
        minImprovement: z.number().min(-1).max(1).optional().describe("How far above the champion's AUC it must lie."),
      })
      .optional()
      .describe('What a challenger must reach to be registered.'),
    guard: z
      .strictObject({
        minIntervalMinutes: z.number().int().nonnegative().optional().describe('Least time between two runs.'),
        maxRunsPerDay: z.number().int().positive().optional().describe('The cost cap; holds for a person too.'),
        minNewRowsOnNewData: z.number().int().nonnegative().optional().describe('New rows that start a run.'),
        minNewRowsOnRetrain: z.number().int().nonnegative().optional().describe('New rows that a retrain needs.'),
        maxLostChallengers: z.number().int().positive().optional().describe('Lost challengers in a row that stop it.'),
      })
      .optional()
      .describe('What keeps a run from starting.'),
  })
  .describe('How the model is trained here.');

const monitoring = z
  .strictObject({
    periodMinutes: z.number().int().positive().optional().describe('Length of a monitoring period.'),
    windowPeriods: z.number().int().positive().optional().describe('Periods in one judged window.'),
    evaluationWindows: z.number().int().positive().optional().describe('N of M of N windows that make an alarm.'),
    alarmingWindows: z.number().int().positive().optional().describe('M of M of N windows that make an alarm.'),
    graceMinutes: z.number().int().nonnegative().optional().describe('Time after a period before it is counted.'),
    minSamples: z.number().int().positive().optional().describe('Predictions below which nothing is judged.'),
    minLabels: z.number().int().positive().optional().describe('Labels below which quality is not judged.'),
    labelHorizonDays: z.number().int().positive().optional().describe('Days in which a late label still counts.'),
    falseDiscoveryRate: z.number().gt(0).lt(1).optional().describe('Of the drift rule, over all features of a window.'),
    minExcess: z.number().nonnegative().optional().describe('Effect up to which a difference is no drift.'),
    maxQualityDrop: z.number().gt(0).lt(1).optional().describe('How far the AUC may fall below its baseline.'),
    minDriftedFeatureShare: z.number().gt(0).max(1).optional().describe('Share from which on the inputs drifted.'),
    scheduled: z.boolean().optional().describe('Whether a schedule starts the monitor after each period.'),
  })
  .describe('How the model is watched here.');

const reaction = z
  .strictObject({
    rollbackWindowHours: z.number().positive().optional().describe('How long a version counts as new.'),
    cooldownHours: z.number().nonnegative().optional().describe('Least time between two automatic rollbacks.'),
  })
  .describe('What happens when an alarm goes red.');

const model = z.strictObject({
  definition: z
    .string()
    .regex(/\.ya?ml$/, "a path to a YAML file from the repository's root, such as 'examples/rain/model.yaml'")
    .describe("File of what the model is everywhere, from the repository's root."),
  training: training.optional(),
  serving: serving.optional(),
  monitoring: monitoring.optional(),
  reaction: reaction.optional(),
  neverSleeps: z
    .boolean()
    .optional()
    .describe("Whether it stays up where the environment's 'idle' lets others sleep. Default: false."),
});

const days = z.number().int().positive();
const data = z
  .strictObject({
    removalPolicy: z
      .enum(['retain', 'destroy'])
      .optional()
      .describe(byTier('What happens to data that leaves the stack.', ({ data: its }) => its.removalPolicy)),
    deleteData: z
      .boolean()
      .optional()
      .describe("Second word on the deletion of data, beside 'destroy', which no tier says. Default: false."),
    snapshotRetentionDays: days
      .optional()
      .describe(byTier('How long a snapshot is locked.', ({ data: its }) => its.snapshotRetentionDays)),
    inferenceLogRetentionDays: days
      .optional()
      .describe(byTier('How long predictions are kept.', ({ data: its }) => its.inferenceLogRetentionDays)),
    queryScanLimitGiB: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(byTier('Most that one query may scan.', ({ data: its }) => its.queryScanLimitGiB)),
    bufferingSeconds: z.number().int().min(60).max(900).optional().describe('How long predictions wait in the stream.'),
  })
  .describe('The data lake.');

const uuid = (parameter: string) => z.guid(`a UUID, as '${parameter}' in the channel's link`);
const slackChannel = z.strictObject({
  workspaceId: z
    .string()
    .regex(/^T[0-9A-Z]+$/, "a workspace's id such as 'T0123ABCD'")
    .describe('Workspace, connected once in the console of Amazon Q Developer in chat applications.'),
  channelId: z
    .string()
    .regex(/^[CG][0-9A-Z]+$/, "a channel's id such as 'C0123ABCD', not its name")
    .describe('Channel.'),
});
const teamsChannel = z.strictObject({
  tenantId: uuid('tenantId').describe('Tenant.'),
  teamId: uuid('groupId').describe('Team, connected once in the console of Amazon Q Developer in chat applications.'),
  channelId: z
    .string()
    .regex(/%3[aA].*%40/, "encoded as in the channel's link, such as '19%3aabc%40thread.tacv2'")
    .describe('Channel.'),
});

/** Days for which CloudWatch keeps a log; it takes no others. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** One environment: data only, so that environments can differ in nothing but what stands here. */
export const environmentSchema = z
  .strictObject({
    account: z
      .string("text of 12 digits in quotes, such as '123456789012'")
      .regex(/^\d{12}$/, "text of 12 digits in quotes, such as '123456789012'")
      .optional()
      .describe('AWS account; the one of the credentials in use without it (CDK_DEFAULT_ACCOUNT).'),
    tier: z
      .enum(TIER_NAMES)
      .describe("'dev' is cheap and disposable, 'prod' safe and retained; what the file leaves out follows it."),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as 'eu-west-1'")
      .describe('AWS region.'),
    terminationProtection: z
      .boolean()
      .optional()
      .describe(byTier('Whether CloudFormation refuses to delete the stacks.', tier => tier.terminationProtection)),
    logRetentionDays: z
      .literal(LOG_RETENTION_DAYS)
      .optional()
      .describe(byTier("How long the platform's own logs are kept.", tier => tier.logRetentionDays)),
    tags: tags.default({}).describe('Tags of every resource.'),
    notifications: z
      .strictObject({
        emails: z.array(z.email('an e-mail address')).describe('Who is told, by e-mail.'),
        slack: z.array(slackChannel).optional().describe('Slack channels that are told.'),
        teams: z.array(teamsChannel).optional().describe('Channels of Microsoft Teams that are told.'),
      })
      .default({ emails: [] })
      .describe('Who is told what the platform did and what a person may do.'),
    images: z
      .strictObject({
        trainer: image.describe('The training image: repository and tag or digest, or a folder that is built.'),
        modelServer: image.describe('The serving image: repository and tag or digest, or a folder that is built.'),
      })
      .describe("Images in the environment's own ECR registry."),
    data: data.default({}),
    releases: z
      .strictObject({
        pollSeconds: z
          .number()
          .int()
          .min(1)
          .max(60)
          .optional()
          .describe('Seconds after which a release first looks again; it looks less often the longer it takes.'),
        reconcileMinutes: z
          .number()
          .int()
          .min(1)
          .max(60)
          .optional()
          .describe(
            'How often all models are looked at: for what a release that died left, what no release moved, and red alarms that nobody decided upon.',
          ),
      })
      .default({})
      .describe('How versions are released, of whatever model.'),
    idle: idle.optional(),
    network: network.optional(),
    dashboards: z
      .boolean()
      // in both tiers: what nobody can see in dev, nobody knows to look at in prod
      .default(true)
      .describe(
        'Whether there is a dashboard of the environment and one of each model; 3 US$ a month for each, the first three of an account are free.',
      ),
    cluster: cluster.optional(),
    governance: governance.default({}),
    permissionsBoundary: permissionsBoundary.optional(),
    delivery: delivery.optional(),
    budgets: budgets.optional(),
    promotion: promotion.optional(),
    models: z.record(modelName, model).describe('The models of this environment, by name.'),
  })
  .superRefine((environment, context) => {
    const removalPolicy = environment.data.removalPolicy ?? TIERS[environment.tier].data.removalPolicy;
    if (environment.data.deleteData === true && removalPolicy !== 'destroy') {
      const message = "used with 'removalPolicy: destroy' or left out";
      context.addIssue({ code: 'custom', path: ['data', 'deleteData'], message });
    }
    if (environment.tier === 'prod' && environment.idle !== undefined) {
      context.addIssue({ code: 'custom', path: ['idle'], message: NO_SLEEP_IN_PROD });
    }
    const { modelServer } = environment.images;
    if (environment.promotion?.to !== undefined && 'build' in modelServer) {
      const message =
        'the name of a repository whose policy lets the accounts of promotion.to pull, one that is built here lets none';
      context.addIssue({ code: 'custom', path: ['images', 'modelServer'], message });
    }
    const need = unmetNetworkNeed(environment.network, environment.cluster?.source);
    if (need !== undefined) context.addIssue({ code: 'custom', path: [...need.path], message: need.allowed });
    for (const { path, allowed } of unknownModels(environment.budgets, Object.keys(environment.models))) {
      context.addIssue({ code: 'custom', path: ['budgets', ...path], message: allowed });
    }
    for (const [name, { serving: its }] of Object.entries(environment.models)) {
      if (its?.target !== 'eks') continue;
      for (const { path, allowed } of unmetNeeds(its, environment.cluster)) {
        context.addIssue({ code: 'custom', path: ['models', name, 'serving', ...path], message: allowed });
      }
    }
  })
  .meta({ title: 'Environment', description: 'One environment of the platform.' });

/** What an environment file says, checked. */
export type EnvironmentFile = z.infer<typeof environmentSchema>;

/** What it says of a model. */
export type ModelFile = EnvironmentFile['models'][string];
