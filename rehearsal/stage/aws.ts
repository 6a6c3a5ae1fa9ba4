import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** How a client reaches the cloud. */
export interface CloudAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The AWS APIs through which the rehearsal speaks to the platform, as a user would; it knows no other way in. */
export class Aws {
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly documents: DynamoDBDocumentClient;
  readonly ecr: ECRClient;
  readonly s3: S3Client;
  readonly sageMaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly scheduler: SchedulerClient;
  readonly stepFunctions: SFNClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;

  constructor(address: CloudAddress) {
    this.cloudFormation = new CloudFormationClient(address);
    this.cloudWatch = new CloudWatchClient(address);
    this.documents = DynamoDBDocumentClient.from(new DynamoDBClient(address));
    this.ecr = new ECRClient(address);
    this.s3 = new S3Client({ ...address, forcePathStyle: true });
    this.sageMaker = new SageMakerClient(address);
    // no retries: a prediction that fails once has failed, and the rehearsal counts it
    this.runtime = new SageMakerRuntimeClient({ ...address, maxAttempts: 1 });
    this.scheduler = new SchedulerClient(address);
    this.stepFunctions = new SFNClient(address);
    this.sns = new SNSClient(address);
    this.sqs = new SQSClient(address);
    this.ssm = new SSMClient(address);
  }

  destroy(): void {
    for (const client of [
      this.cloudFormation,
      this.cloudWatch,
      this.documents,
      this.ecr,
      this.s3,
      this.sageMaker,
      this.runtime,
      this.scheduler,
      this.stepFunctions,
      this.sns,
      this.sqs,
      this.ssm,
    ]) {
      client.destroy();
    }
  }
}
