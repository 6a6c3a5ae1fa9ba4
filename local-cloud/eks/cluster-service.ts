import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readBody } from '../sagemaker/http/request-body';
import { ConsoleReporter } from '../sagemaker/report';
import { kubectlError } from './kubectl';
import { LocalCluster } from './local-cluster';
import type { EksOptions } from './options';

const objects = z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) }));

const requests = {
  'create-cluster': z.strictObject({
    key: z.string(),
    name: z.string(),
    account: z.string(),
    region: z.string(),
    authenticationWebhook: z.url(),
  }),
  'delete-cluster': z.strictObject({ key: z.string() }),
  create: z.strictObject({ key: z.string(), manifest: objects }),
  apply: z.strictObject({ key: z.string(), manifest: objects, pruneLabel: z.string().optional() }),
  delete: z.strictObject({ key: z.string(), manifest: objects }),
  patch: z.strictObject({
    key: z.string(),
    resource: z.string(),
    namespace: z.string(),
    patch: z.looseObject({}),
    type: z.string(),
  }),
  value: z.strictObject({
    key: z.string(),
    type: z.string(),
    name: z.string(),
    namespace: z.string(),
    path: z.string(),
    timeoutSeconds: z.number(),
  }),
};

type Requests = { [K in keyof typeof requests]: z.infer<(typeof requests)[K]> };

/** What MiniStack asks of this process: clusters by a key that names account, region and name, and what is done in them. */
export class ClusterService {
  private readonly reporter = new ConsoleReporter();
  private readonly clusters = new Map<string, Promise<LocalCluster>>();

  constructor(private readonly options: EksOptions) {}

  /** Carries out a request; what fails is told in `message`. */
  public async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let status = 200;
    let said: object;
    try {
      const operation = (request.url ?? '').slice(1);
      said = await this.carryOut(operation, JSON.parse((await readBody(request)).toString()));
    } catch (error) {
      status = 400;
      said = { message: kubectlError(error) };
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  }

  /** Ends every cluster. */
  public async stop(): Promise<void> {
    await Promise.all([...this.clusters.values()].map(async cluster => (await cluster).stop()));
  }

  private async carryOut(operation: string, body: unknown): Promise<object> {
    if (!Object.hasOwn(requests, operation)) {
      throw new Error(`'${operation}' is not known, there are ${Object.keys(requests).join(', ')}`);
    }
    const run = this.operations[operation as keyof Requests] as (input: unknown) => Promise<object>;
    return run(requests[operation as keyof Requests].parse(body));
  }

  private readonly operations: { [K in keyof Requests]: (input: Requests[K]) => Promise<object> } = {
    'create-cluster': async ({ key, ...identity }) => {
      const starting = LocalCluster.start(identity, this.options, this.reporter);
      this.clusters.set(key, starting);
      // one that did not start is none
      starting.catch(() => this.clusters.delete(key));
      return (await starting).describe();
    },
    'delete-cluster': async ({ key }) => {
      const cluster = await this.clusters.get(key);
      this.clusters.delete(key);
      await cluster?.stop();
      return {};
    },
    create: async ({ key, manifest }) => {
      await (await this.cluster(key)).kubectl.create(manifest);
      return {};
    },
    apply: async ({ key, manifest, pruneLabel }) => {
      await (await this.cluster(key)).kubectl.apply(manifest, pruneLabel);
      return {};
    },
    delete: async ({ key, manifest }) => {
      await (await this.cluster(key)).kubectl.delete(manifest);
      return {};
    },
    patch: async ({ key, resource, namespace, patch, type }) => {
      await (await this.cluster(key)).kubectl.patch(resource, namespace, patch, type);
      return {};
    },
    value: async ({ key, type, name, namespace, path, timeoutSeconds }) => ({
      value: await (await this.cluster(key)).kubectl.value(type, name, namespace, path, timeoutSeconds * 1000),
    }),
  };

  private async cluster(key: string): Promise<LocalCluster> {
    const cluster = await this.clusters.get(key);
    if (cluster === undefined) throw new Error(`there is no cluster '${key}'`);
    return cluster;
  }
}
