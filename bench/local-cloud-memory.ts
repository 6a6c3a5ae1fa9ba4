import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { clientOf } from '../test/integration/local-cloud/stack';
import { createTinyEndpoint, startTinyCloud } from '../test/integration/local-cloud/tiny-endpoint';
import { commandOf, descendantsOf, residentBytes } from '../test/support/processes';
import type { Benchmark } from './benchmark';

/** Twice so many are within the quota. */
const ENDPOINTS = 9;
const MEGABYTE = 1e6;

/** What an endpoint that nobody calls costs the server; its model's process comes on top. */
export const localCloudMemory: Benchmark = {
  name: 'idle-endpoint',
  unit: `MB more in the server for each of ${ENDPOINTS} idle endpoints`,
  comparedTo: "an endpoint's own process, a Node server that does next to nothing",
  rounds: 1,
  async prepare() {
    const cloud = await startTinyCloud({ auth: false });
    const server = descendantsOf(process.pid).find(pid => commandOf(pid).includes('sagemaker/server.ts'));
    if (server === undefined) {
      await cloud.stop();
      throw new Error('the local SageMaker is no process below this one');
    }
    const client = new SageMakerClient(clientOf(cloud));
    let made = 0;
    return {
      async ours() {
        const before = residentBytes(server);
        for (let number = 0; number < ENDPOINTS; number += 1) {
          made += 1;
          await createTinyEndpoint(client, `idle-${made}`, { version: `idle-${made}` });
        }
        return (residentBytes(server) - before) / ENDPOINTS / MEGABYTE;
      },
      theirs() {
        const models = descendantsOf(server).filter(pid => commandOf(pid).endsWith('server.mjs serve'));
        const sum = models.reduce((bytes, pid) => bytes + residentBytes(pid), 0);
        return Promise.resolve(sum / models.length / MEGABYTE);
      },
      close: () => cloud.stop(),
    };
  },
};
