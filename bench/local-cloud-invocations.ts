import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { call } from '../test/integration/local-cloud/callers';
import { clientOf } from '../test/integration/local-cloud/stack';
import { createTinyEndpoint, startTinyCloud } from '../test/integration/local-cloud/tiny-endpoint';
import { listeningPorts } from '../test/support/processes';
import type { Benchmark } from './benchmark';
import { requestsPerSecond } from './http-load';
import { captured, capturing } from './signed-request';

const CONNECTIONS = 8;
const SECONDS = 3;
const NAME = 'bench';
const BODY = '{"instances":[{"x":1}]}';

/** Predictions through the gateway, the local SageMaker and the model's process, which does next to nothing. */
export const localCloudInvocations: Benchmark = {
  name: 'invoke-endpoint',
  unit: `invocations/s at ${CONNECTIONS} connections`,
  comparedTo: 'the same model process called directly',
  rounds: 3,
  async prepare() {
    const cloud = await startTinyCloud({ auth: false });
    try {
      await createTinyEndpoint(new SageMakerClient(clientOf(cloud)), NAME, { version: NAME });
      const { pid, error } = await call(new SageMakerRuntimeClient(clientOf(cloud)), NAME, 'which process');
      if (pid === undefined) {
        throw new Error(`the endpoint answered ${String(error)}`);
      }
      const [port] = listeningPorts([pid]);
      const runtime = new SageMakerRuntimeClient(capturing(cloud.endpoint));
      const { path, headers } = await captured(
        runtime.send(new InvokeEndpointCommand({ EndpointName: NAME, Body: BODY, ContentType: 'application/json' })),
      );
      const load = { body: BODY, connections: CONNECTIONS, seconds: SECONDS };
      // the load writes these two itself
      const own = ['host', 'content-length'];
      const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
      return {
        ours: () => requestsPerSecond({ ...load, port: Number(new URL(cloud.endpoint).port), path, headers: signed }),
        theirs: () => requestsPerSecond({ ...load, port, path: '/invocations' }),
        close: () => cloud.stop(),
      };
    } catch (error) {
      await cloud.stop();
      throw error;
    }
  },
};
