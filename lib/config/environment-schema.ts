import { z } from 'zod';
import { LOG_RETENTION_DAYS } from '../../constructs/limits/log-retention-days';
import { unmetNeeds } from './cluster-needs';
import { cluster } from './cluster-schema';
import { accountId, region } from './environment-identity';
import { budgets, governance, unknownModels, withoutTrail } from './governance-schema';
import { idle, NO_SLEEP_IN_PROD } from './idle-schema';
import { image } from './image-schema';
import { instanceCount, instanceType } from './instances';
import { data } from './data-schema';
import { modelName } from './model-schema';
import { monitoring, reaction } from './monitoring-schema';
import { network, unmetNetworkNeed } from './network-schema';
import { delivery } from './delivery-schema';
import { notifications } from './notifications-schema';
import { permissionsBoundary } from './permissions-boundary';
import { promotion } from './promotion-schema';
import { serving } from './serving-schema';
import { tags } from './tags-schema';
import { byTier, TIER_NAMES, TIERS } from './tiers';

/**
 * What an environment file may say. What it leaves out is decided by its tier, as `tiers.ts` has it, or else by the
 * construct that it is about, whose documentation tells the default.
 */

/** Trigger that is on where models are trained. */
const unlessPromoted = (description: string) =>
  z.boolean().optional().describe(`${description} Default: true, but false where 'promotion.from' is given.`);

const triggers = z
  .strictObject({
    newData: unlessPromoted('Whether a batch that has landed starts a training.'),
    schedule: z
      .string()
      .regex(/^(rate|cron)\(.+\)$/, "'rate(…)' or 'cron(…)' as EventBridge Scheduler takes it, such as 'rate(7 days)'")
      .optional()
      .describe('When a training is due by itself. Default: never.'),
    retrain: unlessPromoted('Whether drift of a long-serving version starts a training.'),
    merge: z
      .boolean()
      .optional()
      .describe("Whether a merge does, which the team's CI tells by 'mlops train MODEL --commit SHA'. Default: false."),
  })
  .describe('What starts a training; a person always may.');

const training = z
  .strictObject({
    image: image.optional().describe("The model's own training image. Default: the environment's."),
    instanceType: instanceType
      .optional()
      .describe(byTier('SageMaker instance type of the jobs.', ({ training }) => training.instanceType)),
    instanceCount: instanceCount.optional().describe('Number of instances of a training. Default: 1.'),
    volumeSizeInGb: z.number().int().positive().optional().describe('Disk of each training instance. Default: 30.'),
    maxRuntimeMinutes: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(byTier('Time after which a job is stopped.', ({ training }) => training.maxRuntimeMinutes)),
    networkIsolation: z
      .boolean()
      .optional()
      .describe('Whether the jobs reach no network at all; false for code that downloads something. Default: true.'),
    holdoutShare: z.number().gt(0).lt(1).optional().describe('Share of valid rows kept out of training. Default: 0.2.'),
    triggers: triggers.optional(),
    maxRows: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Rows a snapshot takes, newest whole batches first. Default: 1000000.'),
    gate: z
      .strictObject({
        minAuc: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe('Smallest area under the ROC curve on held-out rows. Default: 0.5.'),
        minImprovement: z
          .number()
          .min(-1)
          .max(1)
          .optional()
          .describe("How far above the champion's AUC it must lie. Default: 0."),
      })
      .optional()
      .describe('What a challenger must reach to be registered.'),
    guard: z
      .strictObject({
        minIntervalMinutes: z
          .number()
          .int()
          .nonnegative()
          .optional()
          .describe('Least time between two runs. Default: 360.'),
        maxRunsPerDay: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('The cost cap; holds for a person too. Default: 4.'),
        minNewRowsOnNewData: z
          .number()
          .int()
          .nonnegative()
          .optional()
          .describe('New rows that start a run. Default: 1000.'),
        minNewRowsOnRetrain: z
          .number()
          .int()
          .nonnegative()
          .optional()
          .describe('New rows that a retrain needs. Default: 1.'),
        maxLostChallengers: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('Lost challengers in a row that stop it. Default: 2.'),
      })
      .optional()
      .describe('What keeps a run from starting.'),
  })
  .describe('How the model is trained here.');

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

/** One environment: data only, so that environments can differ in nothing but what stands here. */
export const environmentSchema = z
  .strictObject({
    account: accountId
      .optional()
      .describe('AWS account. Default: the one of the credentials in use, CDK_DEFAULT_ACCOUNT.'),
    tier: z
      .enum(TIER_NAMES, {
        // the one word that every file must have and none had: whoever upgrades stops here, before anything is deployed
        error: ({ input }) =>
          input === undefined ? 'a file from before there were tiers: docs/upgrading.md' : undefined,
      })
      .describe("'dev' is cheap and disposable, 'prod' safe and retained; what the file leaves out follows it."),
    region: region.describe('AWS region.'),
    terminationProtection: z
      .boolean()
      .optional()
      .describe(byTier('Whether CloudFormation refuses to delete the stacks.', tier => tier.terminationProtection)),
    logRetentionDays: z
      .literal(LOG_RETENTION_DAYS)
      .optional()
      .describe(byTier("How long the platform's own logs are kept.", tier => tier.logRetentionDays)),
    tags: tags.default({}).describe("Tags of every resource. Default: none but the platform's own."),
    notifications,
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
          .describe(
            'Seconds after which a release first looks again; it looks less often the longer it takes. Default: 5.',
          ),
        reconcileMinutes: z
          .number()
          .int()
          .min(1)
          .max(60)
          .optional()
          .describe(
            'How often all models are looked at: for what a release that died left, what no release moved, and red alarms that nobody decided upon. Default: 5.',
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
    accountCharges: z
      .boolean()
      .default(false)
      .describe(
        "Whether the environment's dashboard shows what the whole account was charged this month; the account's billing preferences must send it to CloudWatch.",
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
    if (environment.accountCharges && !environment.dashboards) {
      const message = "left out where 'dashboards' is false: there is none that could show it";
      context.addIssue({ code: 'custom', path: ['accountCharges'], message });
    }
    if (environment.tier === 'prod' && environment.idle !== undefined) {
      context.addIssue({ code: 'custom', path: ['idle'], message: NO_SLEEP_IN_PROD });
    }
    const merges = Object.values(environment.models).some(({ training: its }) => its?.triggers?.merge === true);
    if (environment.delivery?.mergeSubjects !== undefined && !merges) {
      const message =
        "left out, or some model's 'training.triggers.merge' true: a merge trains none of the models here";
      context.addIssue({ code: 'custom', path: ['delivery', 'mergeSubjects'], message });
    }
    const need = unmetNetworkNeed(environment.network, environment.cluster?.source);
    if (need !== undefined) context.addIssue({ code: 'custom', path: [...need.path], message: need.allowed });
    for (const { path, allowed } of withoutTrail(environment.governance, environment.tier)) {
      context.addIssue({ code: 'custom', path: ['governance', ...path], message: allowed });
    }
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
