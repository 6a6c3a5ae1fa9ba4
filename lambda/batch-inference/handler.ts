import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AwsKubernetes } from '../release-step/kubernetes-tools';
import { ReleaseSettings } from '../release-step/release-settings';
import { SageMakerRegistry } from '../release-step/sagemaker-registry';
import { placeOfArn } from '../shared/aws-place';
import { type BatchAnswer, batchRequest } from '../shared/batch-contract';
import { EcrImages } from '../shared/ecr-images';
import { requiredEnvironment } from '../shared/environment';
import { Ledger } from '../shared/ledger';
import { Settings } from '../shared/settings';
import { Batches } from './batches';

const environment = requiredEnvironment('ENVIRONMENT', 'LEDGER_TABLE', 'MODEL_PACKAGE_ARN_PREFIX');

const sagemaker = new SageMakerClient();
const settings = new ReleaseSettings(new Settings(new SSMClient(), environment.ENVIRONMENT));
const ledger = new Ledger(DynamoDBDocumentClient.from(new DynamoDBClient()), environment.LEDGER_TABLE);
const kubernetes = new AwsKubernetes(sagemaker);
const registry = new SageMakerRegistry(
  sagemaker,
  new S3Client(),
  new EcrImages(new ECRClient(), placeOfArn(environment.MODEL_PACKAGE_ARN_PREFIX)),
  environment.ENVIRONMENT,
  environment.MODEL_PACKAGE_ARN_PREFIX,
);

const batches = new Batches({
  settings: model => settings.serving(model),
  state: model => ledger.state(model),
  record: (model, version) => ledger.version(model, version),
  packaged: (model, version) => registry.describe(model, version),
  template: (of, place) => kubernetes.tools(of).template(place),
  cluster: of => kubernetes.tools(of).cluster,
});

/** Starts a batch, or tells how one goes. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const request = batchRequest.parse(event);
  const answer = await batches.answer(request);
  console.log(JSON.stringify({ request, answer }));
  return answer;
}
