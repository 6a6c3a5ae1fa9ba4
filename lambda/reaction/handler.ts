import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SNSEvent } from 'aws-lambda';
import { requiredEnvironment } from '../shared/environment';
import { Ledger } from '../shared/ledger';
import { Notifier } from '../shared/notify';
import { Commands } from '../shared/release-commands';
import { publishReleaseMetrics } from '../shared/release-metrics';
import { Settings, SettingsError } from '../shared/settings';
import { parseAlarmMessage } from './alarm-message';
import { alarmsNow, redAlarms, windowsOf } from './cloudwatch-alarms';
import { react } from './react';
import { sweep, type SweepPorts } from './sweep';

const environment = requiredEnvironment(
  'ENVIRONMENT',
  'LEDGER_TABLE',
  'NOTIFICATION_TOPIC_ARN',
  'PIPELINE_MACHINE_ARN',
  'RELEASE_MACHINE_ARN',
);
const cloudWatch = new CloudWatchClient();
const ledger = new Ledger(
  DynamoDBDocumentClient.from(new DynamoDBClient(), { marshallOptions: { removeUndefinedValues: true } }),
  environment.LEDGER_TABLE,
);
const notifier = new Notifier(new SNSClient(), environment.NOTIFICATION_TOPIC_ARN, environment.ENVIRONMENT);
const settings = new Settings(new SSMClient(), environment.ENVIRONMENT);
const stepFunctions = new SFNClient();

const ports: SweepPorts = {
  models: () => ledger.models(),
  async settings(model) {
    try {
      return await settings.reaction(model);
    } catch (error) {
      if (error instanceof SettingsError && error.missing) return undefined;
      throw error;
    }
  },
  alarms: names => alarmsNow(cloudWatch, names),
  redAlarms: names => redAlarms(cloudWatch, names),
  windows: (alarm, since) => windowsOf(cloudWatch, alarm, since, new Date()),
  state: model => ledger.state(model),
  hold: model => ledger.hold(model),
  releases: (model, newest) => ledger.releases(model, newest),
  reactions: (model, since) => ledger.reactions(model, since),
  recorded: (model, id) => ledger.reaction(model, id),
  appendReaction: (model, record) => ledger.appendReaction(model, record),
  startRelease: (name, input) => start(environment.RELEASE_MACHINE_ARN, name, input),
  startPipeline: (name, input) => start(environment.PIPELINE_MACHINE_ARN, name, input),
  commands: new Commands(environment.RELEASE_MACHINE_ARN, environment.ENVIRONMENT),
  tell: notification => notifier.tell(notification),
  swept: () => publishReleaseMetrics(cloudWatch, environment.ENVIRONMENT, { SweepHeartbeat: 1 }),
  now: () => new Date(),
};

async function start(stateMachineArn: string, name: string, input: object): Promise<void> {
  try {
    await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    // the same transition has started it before
    if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return;
    throw error;
  }
}

/** What the schedule sends. */
interface SweepEvent {
  readonly sweep: true;
}

/**
 * Reacts to the transitions of alarms in one message of the topic, or sweeps up what no message told. An error has the
 * whole event delivered again, and at last kept for people; so a sweep that failed is no error.
 */
export async function handler(event: SNSEvent | SweepEvent): Promise<void> {
  if ('sweep' in event) {
    for (const failure of await sweep(ports)) console.error(`the sweep failed: ${failure}`);
    return;
  }
  for (const record of event.Records) {
    const transition = parseAlarmMessage(record.Sns.Message);
    const reaction = await react(transition, ports);
    console.log(JSON.stringify({ ...transition, decision: reaction?.decision, reason: reaction?.reason }));
  }
}
