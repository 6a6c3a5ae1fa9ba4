/**
 * Steps of the training pipeline that decide: guard, claim, gate, register, and the record of a failure. Each step checks
 * before it acts, so the state machine may run any of them again.
 */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { pipelineInput, TRAINING_METRIC_NAMESPACE, trainingSettings, type TrainingSettings } from '../shared/contracts';
import { placeOfArn } from '../shared/aws-place';
import { EcrImages } from '../shared/ecr-images';
import { requiredEnvironment } from '../shared/environment';
import { Ledger } from '../shared/ledger';
import { Notifier } from '../shared/notify';
import { LandedBatches } from '../shared/pipeline/landed-batches';
import { Settings, SettingsError } from '../shared/settings';
import { claimStep, type ClaimAnswer } from './claim-step';
import { failureStep } from './failure-step';
import { gateStep, type GateAnswer } from './gate-step';
import { guardStep, type GuardAnswer } from './guard-step';
import { SageMakerRegistry } from './model-registry';
import type { Ports } from './ports';
import { registerStep, type RegisterAnswer } from './register-step';
import { RunTable } from './run-table';
import { S3Objects } from './s3-objects';
import type { Failed } from './step-context';
import { trainingMetrics, type Answer, type Step } from './training-metrics';

const context = { request: pipelineInput, execution: z.string(), settings: trainingSettings };
const event = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('guard'), request: z.unknown(), execution: z.string() }),
  z.strictObject({ op: z.literal('claim'), ...context, snapshotDigest: z.string(), seenThrough: z.string() }),
  z.strictObject({ op: z.literal('gate'), ...context, runId: z.string() }),
  z.strictObject({ op: z.literal('register'), ...context, runId: z.string() }),
  z.strictObject({
    op: z.literal('record-failure'),
    request: z.unknown(),
    execution: z.string(),
    failure: z.object({ error: z.string().optional(), cause: z.string().optional(), reason: z.string().optional() }),
  }),
]);

const environment = requiredEnvironment(
  'ENVIRONMENT',
  'RUNS_TABLE',
  'LEDGER_TABLE',
  'NOTIFICATION_TOPIC_ARN',
  'RAW_BUCKET',
  'CURATED_BUCKET',
  'SNAPSHOT_BUCKET',
  'ARTIFACT_BUCKET',
);
const surroundings = {
  environmentName: environment.ENVIRONMENT,
  buckets: { snapshots: environment.SNAPSHOT_BUCKET, artifacts: environment.ARTIFACT_BUCKET },
};
const cloudWatch = new CloudWatchClient({});
const ecr = new ECRClient({});
const s3 = new S3Client({});
const sagemaker = new SageMakerClient({});
const stepFunctions = new SFNClient({});
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
  marshallOptions: { removeUndefinedValues: true },
});
const ledger = new Ledger(documents, environment.LEDGER_TABLE);
const settings = new Settings(new SSMClient({}), environment.ENVIRONMENT);
const notifier = new Notifier(new SNSClient({}), environment.NOTIFICATION_TOPIC_ARN, environment.ENVIRONMENT);

export async function handler(
  input: unknown,
): Promise<GuardAnswer | ClaimAnswer | GateAnswer | RegisterAnswer | Failed> {
  const step = event.parse(input);
  const answer = await perform(step);
  await publish(step.op, step.request, answer);
  return answer;
}

async function perform(
  step: z.infer<typeof event>,
): Promise<GuardAnswer | ClaimAnswer | GateAnswer | RegisterAnswer | Failed> {
  const ports = portsOf(step.execution);
  if (step.op === 'guard') return guardStep(step.request, step.execution, ports);
  if (step.op === 'record-failure') return failureStep(step.request, step.execution, step.failure, ports);
  const stepContext = { input: step.request, execution: step.execution, settings: step.settings };
  switch (step.op) {
    case 'claim':
      return claimStep(stepContext, step, surroundings, ports);
    case 'gate':
      return gateStep(stepContext, step.runId, ports);
    case 'register':
      return registerStep(stepContext, step.runId, ports);
  }
}

/** Far below the function's own, in which a step that has been done must also end. */
const PUBLISH_TIMEOUT_MS = 3000;

/** A number that is lost is no reason to say of a version that was registered that its training failed. */
async function publish(op: Step, request: unknown, answer: Answer): Promise<void> {
  const values = Object.entries(trainingMetrics(op, answer));
  const parsed = pipelineInput.safeParse(request);
  if (values.length === 0 || !parsed.success) return;
  const Dimensions = [
    { Name: 'Model', Value: parsed.data.model },
    { Name: 'Environment', Value: environment.ENVIRONMENT },
  ];
  const MetricData = values.map(([MetricName, Value]) => ({ MetricName, Value, Dimensions }));
  try {
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: TRAINING_METRIC_NAMESPACE, MetricData }), {
      abortSignal: AbortSignal.timeout(PUBLISH_TIMEOUT_MS),
    });
  } catch (error) {
    console.error(JSON.stringify({ message: 'cannot put metrics of a training', error: String(error), values }));
  }
}

function portsOf(execution: string): Ports {
  // versions and their images lie where the execution runs
  const place = placeOfArn(execution);
  const images = new EcrImages(ecr, place);
  return {
    now: () => new Date(),
    settings: settingsOrProblem,
    runs: new RunTable(documents, environment.RUNS_TABLE),
    batches: new LandedBatches(s3, environment.RAW_BUCKET, environment.CURATED_BUCKET),
    registry: new SageMakerRegistry(sagemaker, place),
    objects: new S3Objects(s3),
    image: uri => images.find(uri),
    champion: async model => (await ledger.state(model)).current,
    running: executionRunning,
    tell: notification => notifier.tell(notification),
  };
}

async function executionRunning(executionArn: string): Promise<boolean> {
  try {
    const { status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    // its history is kept for 90 days only
    if (error instanceof ExecutionDoesNotExist) return false;
    throw error;
  }
}

async function settingsOrProblem(model: string): Promise<TrainingSettings | { problem: string }> {
  try {
    return await settings.training(model);
  } catch (error) {
    if (error instanceof SettingsError) return { problem: error.message };
    throw error;
  }
}
