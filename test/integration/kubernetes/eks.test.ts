import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, afterAll, describe, expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { TargetBusyError } from '../../../lambda/release-step/errors';
import { KubernetesTarget } from '../../../lambda/release-step/kubernetes-target';
import type { Deployment } from '../../../lambda/release-step/serving-target';
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
    readonly initContainerStatuses?: readonly {
      readonly state: Record<string, { reason?: string; message?: string }>;
    }[];
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
  // the control plane may have to be built, beside other tests
}, 2_400_000);

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

/** Id of the process that listens at an address. */
function listener(address: string): number {
  const found = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .find(pid => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`MODEL_SERVER_HOST=${address}`);
      } catch {
        // it has just ended, or is another's
        return false;
      }
    });
  return Number(found);
}

/** Where a pod answers on this machine. */
function addressOf({ status }: PodObject): string {
  return (status?.podIP ?? '').replace(/^10\./, '127.');
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

describe('traffic', () => {
  const route = (weights: Readonly<Record<string, number>>, mirror?: string): KubernetesObject =>
    ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'rain', namespace: NAMESPACE },
      spec: {
        parentRefs: [{ name: 'mlops', namespace: 'mlops-gateway' }],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/v2/models/rain' } }],
            ...(mirror !== undefined && {
              filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: nameOf(mirror), port: 8080 } } }],
            }),
            backendRefs: Object.entries(weights).map(([version, weight]) => ({
              name: nameOf(version),
              port: 8080,
              weight,
            })),
          },
        ],
      },
    }) as KubernetesObject;

  /** Versions that answer so many requests. */
  async function answers(count: number): Promise<Set<string | undefined>> {
    const { gatewayUrl } = await eks.cluster();
    const seen = new Set<string | undefined>();
    for (let asked = 0; asked < count; asked++) seen.add((await predict(gatewayUrl)).version);
    return seen;
  }

  beforeAll(async () => {
    await serve('2', 0.75);
  });

  test('is divided by the weights of the route', async () => {
    await release.apply(route({ 1: 50, 2: 50 }), MANAGER);
    await expect(eventually(async () => ((await answers(20)).size === 2 ? true : undefined))).resolves.toBe(true);

    // a version without weight is asked nothing
    await release.apply(route({ 1: 0, 2: 100 }), MANAGER);
    await expect(eventually(async () => ([...(await answers(20))].join() === '2' ? true : undefined))).resolves.toBe(
      true,
    );
  });

  test('is copied to whom the route mirrors', async () => {
    // GIVEN
    const [pod] = await podsOf('1');
    const predictions = async (): Promise<number> => {
      const text = await (await fetch(`http://${addressOf(pod)}:8080/metrics`)).text();
      return Number(/^model_server_predictions_total (\S+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await predictions();

    // WHEN
    await release.apply(route({ 1: 0, 2: 100 }, '1'), MANAGER);
    await eventually(async () => {
      expect(await answers(1)).toEqual(new Set(['2']));
      return (await predictions()) > before ? true : undefined;
    });
  });

  test('goes where the selector of a Service points', async () => {
    const service = (version: string): KubernetesObject =>
      ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'rain', namespace: NAMESPACE },
        spec: {
          selector: { 'mlops/deployment': nameOf(version) },
          ports: [{ name: 'http', port: 8080, targetPort: 'http' }],
        },
      }) as KubernetesObject;
    const { gatewayUrl } = await eks.cluster();
    for (const version of ['1', '2', '1']) {
      await release.apply(service(version), MANAGER);
      await eventually(async () =>
        (await predict(gatewayUrl, `rain.${NAMESPACE}.svc`)).version === version ? true : undefined,
      );
    }
  });
});

describe('the target of a release', () => {
  /** As the release function has it, with this machine's way to a pod. */
  async function target(): Promise<KubernetesTarget> {
    const template = await eks.template();
    return new KubernetesTarget(
      {
        cluster: release,
        template: () => Promise.resolve(template),
        alarms: () => Promise.resolve({ red: [], missing: [] }),
        post: async (url, body) => {
          const headers = { 'content-type': 'application/json' };
          const answer = await fetch(url.replace('//10.', '//127.'), { method: 'POST', headers, body });
          return { status: answer.status, body: await answer.text() };
        },
        now: () => new Date(),
        sleep,
      },
      'rain',
      await eks.settings(),
    );
  }

  /** Does it again for as long as the target says that it is busy. */
  function unlessBusy(act: () => Promise<unknown>): Promise<true> {
    return eventually(async () => {
      try {
        await act();
        return true;
      } catch (error) {
        if (error instanceof TargetBusyError) return undefined;
        throw error;
      }
    }, 60);
  }

  const AT_ONCE = {
    type: 'ALL_AT_ONCE',
    stepPercent: 100,
    waitSeconds: 0,
    terminationWaitSeconds: 0,
    maxExecutionSeconds: 600,
    alarmNames: [],
  } as const;

  /** Moves all traffic to a version, to the end. */
  async function moveTo(kubernetes: KubernetesTarget, deployment: Deployment): Promise<void> {
    await unlessBusy(() => kubernetes.shift(deployment, AT_ONCE));
    await eventually(async () => {
      await kubernetes.proceed();
      return (await kubernetes.current()).state === 'serving' ? true : undefined;
    });
  }

  test('makes a version, moves all traffic to it, proves it by its own answer, and goes back', async () => {
    // GIVEN
    const kubernetes = await target();
    const { deployment: before } = await kubernetes.current();
    const packaged = await eks.packaged('7', 0.5);

    // WHEN
    const seven = await kubernetes.prepare(packaged, before);
    await moveTo(kubernetes, seven);

    // THEN
    expect(await kubernetes.current()).toMatchObject({ deployment: { version: '7' } });
    expect(await kubernetes.verify(seven, { id: 'probe-7', instance: { temp: 12.5 } })).toMatchObject({
      verified: true,
    });
    const { gatewayUrl } = await eks.cluster();
    expect(await predict(gatewayUrl)).toEqual({ status: 200, version: '7', score: 0.5 });

    // WHEN
    await unlessBusy(() => kubernetes.shift(before as Deployment, { ...AT_ONCE, back: true }));

    // THEN
    expect(await eventually(async () => ((await predict(gatewayUrl)).version === '2' ? true : undefined))).toBe(true);
  });

  test('sleeps, so that nothing answers and no version is kept, and wakes as the version that slept', async () => {
    // GIVEN
    const kubernetes = await target();
    const { gatewayUrl } = await eks.cluster();
    const { deployment: before } = await kubernetes.current();
    const packaged = await eks.packaged('8', 0.625);
    await moveTo(kubernetes, await kubernetes.prepare(packaged, before));

    // WHEN
    await unlessBusy(() => kubernetes.rest());

    // THEN
    expect((await kubernetes.current()).state).toBe('absent');
    expect(await kubernetes.prepared()).toEqual([]);
    expect(await eventually(async () => ((await predict(gatewayUrl)).status >= 500 ? true : undefined))).toBe(true);

    // WHEN
    const woken = await kubernetes.prepare(packaged);
    await moveTo(kubernetes, woken);

    // THEN
    expect(await kubernetes.verify(woken, { id: 'probe-8', instance: { temp: 12.5 } })).toMatchObject({
      verified: true,
    });
    expect(await predict(gatewayUrl)).toEqual({ status: 200, version: '8', score: 0.625 });
    expect((await kubernetes.prepared()).map(({ version }) => version)).toEqual(['8']);

    // what served goes on to serve
    await unlessBusy(() => kubernetes.shift(before as Deployment, { ...AT_ONCE, back: true }));
    await eventually(async () => ((await predict(gatewayUrl)).version === '2' ? true : undefined));
  });
});

describe('a pod', () => {
  test('that dies is started again', async () => {
    // GIVEN
    const [pod] = await podsOf('1');
    const pid = listener(addressOf(pod));

    // WHEN
    process.kill(pid, 'SIGKILL');

    // THEN
    await eventually(async () => {
      const [container] = (await podsOf('1'))[0].status?.containerStatuses ?? [];
      return container.restartCount === 1 && container.ready ? true : undefined;
    }, 30);
  });

  test('whose model is not what was registered does not start, and says why', async () => {
    await apply(await eks.version({ version: '3', digest: `sha256:${'0'.repeat(64)}` }));
    const said = await eventually(async () => {
      const [pod] = await podsOf('3');
      // a pod that is only just made has none yet
      const init = JSON.stringify((pod as PodObject | undefined)?.status?.initContainerStatuses ?? []);
      return init.includes('CrashLoopBackOff') ? init : undefined;
    });
    expect(said).toMatch(/is not what was registered/);
  });

  test('with an image that this machine does not know waits for it, and names the map', async () => {
    await apply(await eks.version({ version: '4', image: 'registry.example.com/other:1' }));
    const state = await eventually(async () => {
      const [pod] = await podsOf('4');
      const waiting = (pod as PodObject | undefined)?.status?.initContainerStatuses?.at(0)?.state.waiting;
      return waiting?.reason === 'PodInitializing' ? undefined : waiting;
    });
    expect(state).toEqual({
      reason: 'ImagePullBackOff',
      message: expect.stringMatching(/image 'registry.example.com\/other:1' has no local command/),
    });
  });
});

describe('a batch', () => {
  const BUCKET = 's3://kubernetes-test-artifacts';
  const begin = (folder: string) => [
    ...['--input', `${BUCKET}/batch/in/${folder}/`],
    ...['--output', `${BUCKET}/batch/out/${folder}/`],
    ...['--request-id', folder],
  ];

  /** How a batch ended. */
  function end(job: unknown): Promise<Record<string, unknown>> {
    return eventually(async () => {
      const seen = await eks.mlops('batch', 'rain', '--job', String(job));
      return seen['state'] === 'active' ? undefined : seen;
    }, 60);
  }

  let version: string;
  beforeAll(async () => {
    version = await eks.released(0.875);
  });

  test('predicts files with the version that serves: function, Job, pods, each with its own rights', async () => {
    // GIVEN
    await eks.put('batch/in/monday/a.csv', 'temp\n1.5\n2.5\n');
    await eks.put('batch/in/monday/more/b.csv', '3.5\n');

    // WHEN
    const started = await eks.mlops('batch', 'rain', ...begin('monday'));
    const again = await eks.mlops('batch', 'rain', ...begin('monday'));

    // THEN
    expect(started).toMatchObject({ outcome: 'started', version, namespace: NAMESPACE, state: 'active' });
    expect(again).toMatchObject({ outcome: 'exists', job: started['job'] });
    expect(await end(started['job'])).toMatchObject({ state: 'succeeded', detail: '2 of 2 parts done' });
    const row = `1,0.875,rain,${version}\n`;
    const header = 'prediction,score,model,version\n';
    expect(await eks.text('batch/out/monday/a.csv')).toBe(`${header}${row}${row}`);
    expect(await eks.text('batch/out/monday/more/b.csv')).toBe(`${header}${row}`);
  });

  test('with a row that the model cannot read fails, and names file and line', async () => {
    await eks.put('batch/in/tuesday/a.csv', 'temp\nwarm\n');
    const { job } = await eks.mlops('batch', 'rain', ...begin('tuesday'));
    expect(await end(job)).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/exit code 42 .*batch\/in\/tuesday\/a.csv', of the lines after 1/s) as unknown,
    });
  });

  test('of files elsewhere is refused', async () => {
    expect(
      await eks.mlops('batch', 'rain', '--input', `${BUCKET}/rain/`, '--output', `${BUCKET}/batch/out/`),
    ).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining(`must be '${BUCKET}/batch/in/'`) as unknown,
    });
  });
});

describe('what the CDK deploys again', () => {
  test('changes what it says, and leaves what the release wrote', async () => {
    // WHEN
    await eks.deploy('cpu=2');

    // THEN
    const administrator = await eks.administrator();
    const quota = await administrator.get<KubernetesObject & { spec?: { hard?: Record<string, string> } }>({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'model', namespace: NAMESPACE },
    });
    expect(quota?.spec?.hard?.['requests.cpu']).toBe('14');
    expect(quota?.metadata.managedFields?.map(({ manager }) => manager)).toContain('kubectl-client-side-apply');
    const { gatewayUrl } = await eks.cluster();
    expect((await predict(gatewayUrl)).version).toBe('2');
  });

  test('is listed where it only stands for something', async () => {
    const { resources } = (await (await fetch(`${eks.cloud.endpoint}/_mlops/recorded`)).json()) as {
      resources: { type: string; reason: string }[];
    };
    const types = new Set(resources.map(({ type }) => type));
    for (const type of ['AWS::EKS::Cluster', 'AWS::EC2::VPC', 'Custom::AWSCDK-EKS-HelmChart']) {
      expect(types).toContain(type);
    }
  });

  test('is gone from the cluster when it is gone from the template', async () => {
    // GIVEN
    const administrator = await eks.administrator();
    const KINDS = [
      ['networking.k8s.io/v1', 'NetworkPolicy', 'default-deny'],
      ['v1', 'ResourceQuota', 'model'],
      ['policy/v1', 'PodDisruptionBudget', 'beside'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler', 'beside'],
      ['keda.sh/v1alpha1', 'ScaledObject', 'beside'],
    ];
    const there = async (): Promise<string[]> => {
      const found = await Promise.all(
        KINDS.map(([apiVersion, kind, name]) =>
          administrator.get({ apiVersion, kind, metadata: { name, namespace: NAMESPACE } }),
        ),
      );
      return found.flatMap(object => object?.kind ?? []);
    };
    await eks.deploy('beside=PodDisruptionBudget,HorizontalPodAutoscaler,ScaledObject');
    expect(await there()).toEqual(KINDS.map(([, kind]) => kind));

    // WHEN
    await eks.deploy('without=DefaultDeny,Quota');

    // THEN
    expect(await there()).toEqual([]);
  });

  test("fails at another owner's namespace, names it, and leaves it as it is", async () => {
    // GIVEN
    const administrator = await eks.administrator();
    const theirs = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mlops-local-snow' } };
    const before = await administrator.apply(
      { ...theirs, metadata: { ...theirs.metadata, labels: { owner: 'somebody-else' } } },
      { fieldManager: 'somebody-else' },
    );

    // WHEN
    const said = await eks.failToDeploy('others=snow');

    // THEN
    expect(said).toContain('namespaces "mlops-local-snow" already exists');
    const { metadata } = (await administrator.get(theirs)) ?? {};
    expect(metadata).toMatchObject({ uid: before.metadata.uid, labels: before.metadata.labels });
    expect(metadata).not.toHaveProperty('deletionTimestamp');
  });

  test('is destroyed with every pod', async () => {
    const addresses = (await podsOf('2')).map(addressOf);
    await eks.destroy();
    await expect(eks.cluster()).resolves.toBeUndefined();
    for (const address of addresses) {
      await expect(fetch(`http://${address}:8080/v2/health/live`)).rejects.toThrow();
    }
  });
});
