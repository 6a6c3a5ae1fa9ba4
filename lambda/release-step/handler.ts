import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { placeOfArn } from '../shared/aws-place';
import { EcrImages } from '../shared/ecr-images';
import { requiredEnvironment } from '../shared/environment';
import { Notifier } from '../shared/notify';
import { Settings } from '../shared/settings';
import { DynamoLedger } from './dynamo-ledger';
import type { StepInput, StepResult } from './journal';
import { Release } from './release';
import { ReleaseSettings } from './release-settings';
import { SageMakerComparisons } from './sagemaker-comparisons';
import { SageMakerRegistry } from './sagemaker-registry';
import { servingTargets } from './serving-targets';

const environment = requiredEnvironment(
  'ENVIRONMENT',
  'LEDGER_TABLE',
  'NOTIFICATION_TOPIC_ARN',
  'MODEL_PACKAGE_ARN_PREFIX',
  'POLL_SECONDS',
);

const sagemaker = new SageMakerClient();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient(), {
  marshallOptions: { removeUndefinedValues: true },
});

const targetOf = servingTargets(sagemaker, new SageMakerRuntimeClient(), environment.ENVIRONMENT);

const release = new Release({
  ledger: new DynamoLedger(documents, environment.LEDGER_TABLE),
  registry: new SageMakerRegistry(
    sagemaker,
    new S3Client(),
    new EcrImages(new ECRClient(), placeOfArn(environment.MODEL_PACKAGE_ARN_PREFIX)),
    environment.ENVIRONMENT,
    environment.MODEL_PACKAGE_ARN_PREFIX,
  ),
  comparisons: new SageMakerComparisons(new AthenaClient(), new CloudWatchClient()),
  settings: new ReleaseSettings(new Settings(new SSMClient(), environment.ENVIRONMENT)),
  notifier: new Notifier(new SNSClient(), environment.NOTIFICATION_TOPIC_ARN, environment.ENVIRONMENT),
  now: () => new Date(),
  target: targetOf,
  pollSeconds: Number(environment.POLL_SECONDS),
  environmentName: environment.ENVIRONMENT,
});

/** One step of the release machine. */
export async function handler(input: StepInput): Promise<StepResult> {
  const result = await release.run(input);
  console.log(JSON.stringify({ execution: input.execution, step: input.step, ...result }));
  return result;
}
