import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, afterAll, describe, expect, jest, test } from '@jest/globals';
import type { KubernetesClient } from '../../../lambda/shared/kubernetes-client';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { clientOf, eventually } from '../local-cloud/stack';
import { EksCloud, nameOf, NAMESPACE, predict } from './eks-cloud';

jest.setTimeout(120_000);

const POD = { apiVersion: 'v1', kind: 'Pod' };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const MANAGER = { fieldManager: 'mlops-release' };

interface PodObject extends KubernetesObject {
  readonly status?: {
    readonly podIP?: string;
    readonly initContainerStatuses?: readonly { readonly state: Record<string, { message?: string }> }[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly ready: boolean;
      readonly state: Record<string, { reason?: string; message?: string }>;
    }[];
  };
}

let eks: EksCloud;
let release: KubernetesClient;

beforeAll(async () => {
  eks = await EksCloud.start();
  release = await eks.clientAs(eks.output('ReleaserArn'));
}, 1_200_000);

afterAll(async () => {
  await eks.stop();
});

async function apply(objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) await release.apply(object, MANAGER);
}

function podsOf(version: string): Promise<PodObject[]> {
  return release.list<PodObject>(POD, { namespace: NAMESPACE, labels: { 'mlops/deployment': nameOf(version) } });
}

/** Applies a version and waits until its pods can serve. */
async function serve(version: string, score: number): Promise<void> {
  await apply(await eks.version({ version, score }));
  await eventually(async () => {
    const deployment = await release.get<KubernetesObject & { status?: { availableReplicas?: number } }>({
      ...DEPLOYMENT,
      metadata: { name: nameOf(version), namespace: NAMESPACE },
    });
    return deployment?.status?.availableReplicas === 1 ? true : undefined;
  }, 60);
}

describe('who may ask', () => {
  test('a role with an access entry may do what its group may, and no more', async () => {
    // THEN
    await expect(release.list(DEPLOYMENT, { namespace: NAMESPACE })).resolves.toEqual([]);
    await expect(release.list(POD, { namespace: 'kube-system' })).rejects.toThrow(
      /User "arn:aws:sts::000000000000:assumed-role\/Platform-Releaser.*" cannot list resource "pods"/,
    );
  });

  test.each([
    ['a role without an access entry', () => eks.clientAs(eks.output('StrangerArn'))],
    ['a token for another cluster', () => eks.clientAs(eks.output('ReleaserArn'), { clusterName: 'others' })],
    [
      'a token that was signed more than fifteen minutes ago',
      () => eks.clientAs(eks.output('ReleaserArn'), { now: () => new Date(Date.now() - 16 * 60_000) }),
    ],
  ])('fails with %s', async (_, client) => {
    await expect((await client()).list(DEPLOYMENT, { namespace: NAMESPACE })).rejects.toThrow(/401|Unauthorized/);
  });
});

describe('a version', () => {
  test('runs as a real model server, with its model fetched as its role, and answers behind its Service', async () => {
    // WHEN
    await serve('1', 0.25);

    // THEN
    const { gatewayUrl } = await eks.cluster();
    expect(await predict(gatewayUrl, `${nameOf('1')}.${NAMESPACE}.svc`)).toEqual({
      status: 200,
      version: '1',
      score: 0.25,
    });
  });

  test('tells CloudWatch how its requests went, as its role', async () => {
    const { gatewayUrl } = await eks.cluster();
    await predict(gatewayUrl, `${nameOf('1')}.${NAMESPACE}.svc`);
    const cloudWatch = new CloudWatchClient(clientOf(eks.cloud));
    const counted = await eventually(async () => {
      const { Datapoints = [] } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'MLOps/Serving/local/rain',
          MetricName: 'ModelLatency',
          Dimensions: [{ Name: 'Model', Value: 'rain' }],
          StartTime: new Date(Date.now() - 600_000),
          EndTime: new Date(Date.now() + 60_000),
          Period: 60,
          Statistics: ['SampleCount'],
        }),
      );
      return Datapoints.at(0)?.SampleCount;
    });
    expect(counted).toBeGreaterThan(0);
  });

  test('leaves its lines in a log', async () => {
    const [{ metadata }] = await podsOf('1');
    const log = join(eks.cloud.workDir, 'logs', 'pods', NAMESPACE, `${metadata.name}-model-server.log`);
    expect(readFileSync(log, 'utf8')).toMatch(/model 'rain' version 1 loaded/);
  });
});
