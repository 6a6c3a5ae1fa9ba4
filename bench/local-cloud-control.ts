import {
  CreateModelCommand,
  DescribeEndpointCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientOf } from '../test/integration/local-cloud/stack';
import { createTinyEndpoint, startTinyCloud } from '../test/integration/local-cloud/tiny-endpoint';
import { percentile, type Benchmark } from './benchmark';
import { latencies } from './latencies';
import { captured, capturing, type SignedRequest } from './signed-request';

const CALLS = 300;
const ENDPOINT = 'bench';
const PARAMETER = 'bench';

type Signs = (client: SageMakerClient, unique: string) => Promise<SignedRequest>;

const OPERATIONS: Readonly<Record<string, Signs>> = {
  'describe-endpoint': client => captured(client.send(new DescribeEndpointCommand({ EndpointName: ENDPOINT }))),
  'list-training-jobs': client => captured(client.send(new ListTrainingJobsCommand({}))),
  'create-model': (client, unique) =>
    captured(
      client.send(
        new CreateModelCommand({
          ModelName: unique,
          ExecutionRoleArn: 'arn:aws:iam::000000000000:role/bench',
          PrimaryContainer: { Image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/test/tiny:1' },
        }),
      ),
    ),
};

/** The local SageMaker's API through the gateway, by operation and percentile. */
export const localCloudControl: readonly Benchmark[] = Object.entries(OPERATIONS).flatMap(([name, sign]) =>
  [50, 99].map(percent => benchmarkOf(name, sign, percent)),
);

function benchmarkOf(name: string, sign: Signs, percent: number): Benchmark {
  return {
    name: `${name}-p${percent}`,
    unit: `ms a call through the gateway, percentile ${percent} of ${CALLS}`,
    comparedTo: 'GetParameter, which MiniStack answers itself, through the same gateway',
    rounds: 3,
    async prepare() {
      const cloud = await startTinyCloud({ auth: false });
      try {
        await createTinyEndpoint(new SageMakerClient(clientOf(cloud)), ENDPOINT, { version: ENDPOINT });
        const parameter = new PutParameterCommand({ Name: PARAMETER, Value: 'value', Type: 'String' });
        await new SSMClient(clientOf(cloud)).send(parameter);
      } catch (error) {
        await cloud.stop();
        throw error;
      }
      const sagemaker = new SageMakerClient(capturing(cloud.endpoint));
      const ssm = new SSMClient(capturing(cloud.endpoint));
      let round = 0;
      return {
        async ours() {
          round += 1;
          return percentileOf(number => sign(sagemaker, `${name}-${round}-${number}`));
        },
        theirs: () => percentileOf(() => captured(ssm.send(new GetParameterCommand({ Name: PARAMETER })))),
        close: () => cloud.stop(),
      };

      async function percentileOf(signed: (number: number) => Promise<SignedRequest>): Promise<number> {
        const requests = await Promise.all(Array.from({ length: CALLS }, (_, number) => signed(number)));
        return percentile(await latencies(cloud.endpoint, requests), percent / 100);
      }
    },
  };
}
