import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ReleaseSettings } from '../release-step/release-settings';
import type { ServingTarget } from '../release-step/serving-target';
import { servingTargets } from '../release-step/serving-targets';
import type { AnyServingSettings } from '../shared/contracts';
import { requiredEnvironment } from '../shared/environment';
import { Ledger } from '../shared/ledger';
import { Notifier } from '../shared/notify';
import { Commands } from '../shared/release-commands';
import { publishModelMetrics, publishReleaseMetrics } from '../shared/release-metrics';
import { Settings } from '../shared/settings';
import { reconcile, type ReconcilerPorts } from './reconcile';

const environment = requiredEnvironment('ENVIRONMENT', 'LEDGER_TABLE', 'NOTIFICATION_TOPIC_ARN', 'RELEASE_MACHINE_ARN');
const cloudWatch = new CloudWatchClient();
const ledger = new Ledger(
  DynamoDBDocumentClient.from(new DynamoDBClient(), { marshallOptions: { removeUndefinedValues: true } }),
  environment.LEDGER_TABLE,
);
const notifier = new Notifier(new SNSClient(), environment.NOTIFICATION_TOPIC_ARN, environment.ENVIRONMENT);
const settings = new ReleaseSettings(new Settings(new SSMClient(), environment.ENVIRONMENT));
const stepFunctions = new SFNClient();
const targetOf = servingTargets(new SageMakerClient(), new SageMakerRuntimeClient(), environment.ENVIRONMENT);

/** Of this look: SSM answers forty requests a second, and a look at a model needs its settings more than once. */
const known = new Map<string, Promise<AnyServingSettings | undefined>>();

function settingsOf(model: string): Promise<AnyServingSettings | undefined> {
  const serving = known.get(model) ?? settings.serving(model);
  known.set(model, serving);
  return serving;
}

async function targetFor(model: string): Promise<ServingTarget | undefined> {
  const serving = await settingsOf(model);
  return serving === undefined ? undefined : targetOf(model, serving);
}

const ports: ReconcilerPorts = {
  models: () => ledger.models(),
  state: model => ledger.state(model),
  serving: async model => (await targetFor(model))?.current(),
  tend: async (model, since) => (await targetFor(model))?.tend(since),
  async startRelease(name, input) {
    try {
      await stepFunctions.send(
        new StartExecutionCommand({
          stateMachineArn: environment.RELEASE_MACHINE_ARN,
          name,
          input: JSON.stringify(input),
        }),
      );
    } catch (error) {
      // an earlier look has started it
      if (!(error instanceof Error && error.name === 'ExecutionAlreadyExists')) throw error;
    }
  },
  idle: async model => (await settingsOf(model))?.idle,
  hold: model => ledger.hold(model),
  waiting: model => ledger.waiting(model),
  drift: (model, generation, serves) => ledger.drift(model, generation, serves),
  appendDrift: (model, record) => ledger.appendDrift(model, record),
  tell: notification => notifier.tell(notification),
  async publish({ drifted, complete, models }) {
    await publishReleaseMetrics(cloudWatch, environment.ENVIRONMENT, {
      DriftedModels: drifted,
      ...(complete ? { ReconcilerHeartbeat: 1 } : {}),
    });
    await publishModelMetrics(cloudWatch, environment.ENVIRONMENT, models);
  },
  commands: new Commands(environment.RELEASE_MACHINE_ARN, environment.ENVIRONMENT),
  now: () => new Date(),
};

/** Looks at all models of the environment; a schedule asks for it. */
export async function handler(): Promise<void> {
  known.clear();
  await reconcile(ports);
}
