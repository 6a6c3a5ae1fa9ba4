import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { METRIC_NAMESPACE } from '../shared/contracts';
import { requiredEnvironment } from '../shared/environment';
import { Ledger } from '../shared/ledger';
import { Notifier } from '../shared/notify';
import { Settings } from '../shared/settings';
import { athenaRows } from '../shared/athena-results';
import { BaselineSource } from './baseline-source';
import { JsonObjects } from './json-objects';
import { runMonitorStep, type MonitorStep } from './monitor';
import type { MonitorPorts } from './ports';

const environment = requiredEnvironment(
  'ENVIRONMENT',
  'LEDGER_TABLE',
  'MODEL_PACKAGE_ARN_PREFIX',
  'MONITORING_BUCKET',
  'NOTIFICATION_TOPIC_ARN',
);
const athena = new AthenaClient();
const cloudWatch = new CloudWatchClient();
const s3 = new S3Client();
const baselines = new BaselineSource(new SageMakerClient(), s3);
const ledger = new Ledger(DynamoDBDocumentClient.from(new DynamoDBClient()), environment.LEDGER_TABLE);
const notifier = new Notifier(new SNSClient(), environment.NOTIFICATION_TOPIC_ARN, environment.ENVIRONMENT);
const objects = new JsonObjects(s3, environment.MONITORING_BUCKET);
const settings = new Settings(new SSMClient(), environment.ENVIRONMENT);

const ports: MonitorPorts = {
  settings: model => settings.monitoring(model),
  async serving(model) {
    const { current, activatedAt } = await ledger.state(model);
    return current === undefined || activatedAt === undefined ? undefined : { version: current, activatedAt };
  },
  async baseline(model, version) {
    const { modelPackageGroupName } = await settings.serving(model);
    return baselines.read(`${environment.MODEL_PACKAGE_ARN_PREFIX}${modelPackageGroupName}/${version}`);
  },
  queryRows: id => athenaRows(athena, id),
  read: key => objects.read(key),
  write: (key, value) => objects.write(key, value),
  list: prefix => objects.list(prefix),
  async publish(model, values) {
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: METRIC_NAMESPACE,
        MetricData: values.map(({ name, value, at }) => ({
          MetricName: name,
          Value: value,
          Timestamp: new Date(at),
          // no version among them: it would make an alarm for each version
          Dimensions: [
            { Name: 'Model', Value: model },
            { Name: 'Environment', Value: environment.ENVIRONMENT },
          ],
        })),
      }),
    );
  },
  tell: notification => notifier.tell(notification),
  now: () => new Date(),
};

/** One step of the monitor's state machine. */
export async function handler(event: MonitorStep): Promise<object> {
  const result = await runMonitorStep(event, ports);
  console.log(JSON.stringify({ step: event.step, ...(event.step === 'plan' ? { input: event.input } : result) }));
  return result;
}
