import { randomUUID } from 'node:crypto';
import {
  DescribeEndpointCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  type DescribeEndpointCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import type { Row } from '../dataset';
import type { Aws } from './aws';
import { clusterObjects } from './cluster-objects';
import { expectThat } from './expectation';
import { MODEL } from './target';

/** Predictions as callers get them, and who made them. */
export interface Predictions {
  readonly predictions: readonly { readonly prediction: number; readonly score: number; readonly request_id: string }[];
  readonly version: string;
}

/** A model that serves, as its callers and an operator see it. */
export interface Serving {
  /** Asks for predictions; rejects when there is no good answer. */
  predict(rows: readonly Row[]): Promise<Predictions>;
  /** What serves, in the target's own words; nothing in it changes while the same version serves. */
  state(): Promise<Readonly<Record<string, unknown>>>;
  /** What is left of it. */
  left(): Promise<readonly string[]>;
}

/** A model behind a SageMaker endpoint. */
export class EndpointServing implements Serving {
  constructor(
    private readonly aws: Aws,
    private readonly endpointName: string,
  ) {}

  async predict(rows: readonly Row[]): Promise<Predictions> {
    const { Body } = await this.aws.runtime.send(
      new InvokeEndpointCommand({
        EndpointName: this.endpointName,
        ContentType: 'application/json',
        InferenceId: randomUUID(),
        Body: JSON.stringify({ instances: rows.map(row => row.features) }),
      }),
    );
    return JSON.parse(new TextDecoder().decode(Body)) as Predictions;
  }

  async state(): Promise<Readonly<Record<string, unknown>>> {
    const endpoint: DescribeEndpointCommandOutput = await this.aws.sageMaker.send(
      new DescribeEndpointCommand({ EndpointName: this.endpointName }),
    );
    expectThat(endpoint.EndpointStatus === 'InService', "the endpoint to be 'InService'", endpoint.EndpointStatus);
    return { endpoint: endpoint.EndpointName, endpointConfig: endpoint.EndpointConfigName };
  }

  async left(): Promise<readonly string[]> {
    const { Endpoints = [] } = await this.aws.sageMaker.send(new ListEndpointsCommand({}));
    const { Models = [] } = await this.aws.sageMaker.send(new ListModelsCommand({}));
    return [
      ...Endpoints.map(({ EndpointName }) => `endpoint ${EndpointName}`),
      ...Models.map(({ ModelName }) => `model ${ModelName}`),
    ];
  }
}

interface Tensor {
  readonly name: string;
  readonly data: readonly (number | string)[];
}

/** What of a route's rule says who serves. */
interface RouteRule {
  readonly backendRefs?: readonly { readonly name: string }[];
}

/** A model on Kubernetes, called through the gateway by the Open Inference Protocol. */
export class ClusterServing implements Serving {
  constructor(
    private readonly cloudEndpoint: string,
    private readonly environment: string,
  ) {}

  async predict(rows: readonly Row[]): Promise<Predictions> {
    const response = await fetch(`${await this.gatewayUrl()}/v2/models/${MODEL}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: randomUUID(), inputs: tensors(rows) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`);
    const answer = JSON.parse(text) as { readonly model_version: string; readonly outputs: readonly Tensor[] };
    const output = (name: string) => answer.outputs.find(tensor => tensor.name === name)?.data ?? [];
    const [predictions, scores, ids] = [output('prediction'), output('score'), output('request_id')];
    return {
      version: answer.model_version,
      predictions: predictions.map((prediction, index) => ({
        prediction: Number(prediction),
        score: Number(scores[index]),
        request_id: String(ids[index]),
      })),
    };
  }

  async state(): Promise<Readonly<Record<string, unknown>>> {
    const clusters = await this.clusters();
    expectThat(clusters.length === 1, 'one cluster', clusters);
    const [{ name, version, kubeconfig }] = clusters;
    const namespace = `namespaces/mlops-${this.environment}-${MODEL}`;
    const routes = await clusterObjects(kubeconfig, `/apis/gateway.networking.k8s.io/v1/${namespace}/httproutes`);
    expectThat(routes.length === 1, `one route in '${namespace}'`, routes);
    const rules = routes[0].spec['rules'] as readonly RouteRule[];
    const backends = rules.flatMap(({ backendRefs = [] }) => backendRefs.map(backend => backend.name));
    expectThat(backends.length > 0, 'a route that names who serves', rules);
    const deployments = (await clusterObjects(kubeconfig, `/apis/apps/v1/${namespace}/deployments`))
      // those of other versions come and go
      .filter(({ metadata }) => backends.includes(metadata.name))
      .map(({ metadata }) => ({ name: metadata.name, uid: metadata.uid }));
    return { cluster: name, kubernetes: version, rules, deployments };
  }

  async left(): Promise<readonly string[]> {
    return (await this.clusters()).map(({ name }) => `cluster ${name}`);
  }

  private async gatewayUrl(): Promise<string> {
    const [cluster] = await this.clusters();
    return cluster.gatewayUrl;
  }

  private async clusters() {
    const response = await fetch(`${this.cloudEndpoint}/_mlops/clusters`);
    const { clusters } = (await response.json()) as {
      clusters: readonly {
        readonly name: string;
        readonly version: string;
        readonly gatewayUrl: string;
        readonly kubeconfig: string;
      }[];
    };
    return clusters;
  }
}

/** A column for each feature, of the type that its values have. */
function tensors(rows: readonly Row[]) {
  const names = Object.keys(rows[0]?.features ?? {});
  return names.map(name => {
    const data = rows.map(row => row.features[name] ?? null);
    const datatype = data.some(value => typeof value === 'string') ? 'BYTES' : 'FP64';
    return { name, shape: [rows.length], datatype, data };
  });
}
