/** Brings versions that another environment approved into this one, and tells when one is rejected there. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { DescribeModelPackageCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { SageMakerRegistry } from '../pipeline-control/model-registry';
import { placeOfArn } from '../shared/aws-place';
import { parseEcrImage } from '../shared/ecr-images';
import { requiredEnvironment } from '../shared/environment';
import { Ledger } from '../shared/ledger';
import { Notifier } from '../shared/notify';
import { Commands } from '../shared/release-commands';
import { ifExists } from '../shared/sagemaker-errors';
import { Settings, SettingsError } from '../shared/settings';
import { EcrSource, EcrTarget } from './ecr-repositories';
import { askedOf, type SourceEnvironment } from './event';
import { copyImage } from './image-copy';
import { PromotionRefused, type Ports } from './ports';
import { promote, type Outcome } from './promote';
import { S3Files } from './s3-files';
import { withdraw } from './withdraw';

const environment = requiredEnvironment(
  'ENVIRONMENT',
  'SOURCE_ENVIRONMENT',
  'SOURCE_ACCOUNT',
  'SOURCE_REGION',
  'ARTIFACT_BUCKET',
  'IMAGE_REPOSITORY_URI',
  'LEDGER_TABLE',
  'NOTIFICATION_TOPIC_ARN',
  'RELEASE_MACHINE_ARN',
);
const machine = placeOfArn(environment.RELEASE_MACHINE_ARN);
const from: SourceEnvironment = {
  environmentName: environment.SOURCE_ENVIRONMENT,
  partition: machine.partition,
  account: environment.SOURCE_ACCOUNT,
  region: environment.SOURCE_REGION,
};

const sourceSageMaker = new SageMakerClient({ region: from.region });
const sourceEcr = new ECRClient({ region: from.region });
const ecr = new ECRClient();
const settings = new Settings(new SSMClient(), environment.ENVIRONMENT);
const notifier = new Notifier(new SNSClient(), environment.NOTIFICATION_TOPIC_ARN, environment.ENVIRONMENT);

const ports: Ports = {
  now: () => new Date(),
  async group(model) {
    try {
      return (await settings.serving(model)).modelPackageGroupName;
    } catch (error) {
      if (error instanceof SettingsError && error.missing) return undefined;
      throw error;
    }
  },
  source: {
    describe: arn => ifExists(() => sourceSageMaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }))),
  },
  registry: new SageMakerRegistry(new SageMakerClient(), machine),
  files: new S3Files(new S3Client(), { source: from.account, own: machine.account }),
  bringImage,
  ledger: new Ledger(DynamoDBDocumentClient.from(new DynamoDBClient()), environment.LEDGER_TABLE),
  tell: notification => notifier.tell(notification),
};
const commands = new Commands(environment.RELEASE_MACHINE_ARN, environment.ENVIRONMENT);

async function bringImage(image: string): Promise<string> {
  const source = parseEcrImage(image);
  if (source === undefined || !('imageDigest' in source.imageId)) {
    throw new PromotionRefused(`image '${image}' must lie in ECR, no other registry's images are promoted`);
  }
  if (source.account !== from.account || source.region !== from.region) {
    throw new PromotionRefused(
      `image '${image}' must lie in account ${from.account} in ${from.region}, whose policies let this one in`,
    );
  }
  const { imageDigest } = source.imageId;
  const own = parseEcrImage(`${environment.IMAGE_REPOSITORY_URI}@${imageDigest}`);
  if (own === undefined)
    throw new Error(`'IMAGE_REPOSITORY_URI' is '${environment.IMAGE_REPOSITORY_URI}', must be ECR's`);
  await copyImage(
    imageDigest,
    new EcrSource(sourceEcr, { registryId: source.account, repositoryName: source.repositoryName }),
    new EcrTarget(ecr, { registryId: own.account, repositoryName: own.repositoryName }),
  );
  return `${environment.IMAGE_REPOSITORY_URI}@${imageDigest}`;
}

/** Takes the events of the giving account, and `{ "model": …, "version": … }` from a person. */
export async function handler(event: unknown): Promise<Outcome> {
  const asked = askedOf(event, from);
  const outcome: Outcome =
    'ignored' in asked
      ? { outcome: 'ignored', detail: asked.ignored }
      : asked.what === 'promote'
        ? await promote(asked, from, environment.ARTIFACT_BUCKET, ports)
        : await withdraw(asked, from, commands, ports);
  console.log(JSON.stringify({ outcome, asked }));
  return outcome;
}
