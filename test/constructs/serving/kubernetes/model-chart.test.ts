import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { renderModelChart, type ModelChartProps } from '../../../../constructs/serving/kubernetes/model-chart';
import { type Manifest, object, updating } from './fixture';

const PROPS: ModelChartProps = {
  modelName: 'rain',
  namespace: 'mlops-dev-rain',
  resources: { cpuMillis: 1000, memoryMebibytes: 2048, gpus: 0, modelMebibytes: 1024 },
  loadSeconds: 300,
  imageVolume: false,
  spot: false,
  replicas: 2,
};
const AUTOSCALER = { namespace: 'mlops-dev-rain', minReplicas: 2, maxReplicas: 6 };

function chart(props: Partial<ModelChartProps> = {}): Manifest[] {
  return renderModelChart({ ...PROPS, ...props }) as Manifest[];
}

function pod(props: Partial<ModelChartProps> = {}): Manifest {
  return object(chart(props), 'Deployment').spec.template.spec as Manifest;
}

function containers(props: Partial<ModelChartProps> = {}): Manifest[] {
  const { initContainers = [], containers: serving } = pod(props);
  return [...(initContainers as Manifest[]), ...(serving as Manifest[])];
}

/** As the release function fills it. */
function filled(values: Record<string, string>, props: Partial<ModelChartProps> = {}): Manifest[] {
  return JSON.parse(
    Object.entries(values).reduce(
      (json, [name, value]) => json.replaceAll(`\${mlops:${name}}`, value),
      JSON.stringify(chart(props)),
    ),
  ) as Manifest[];
}

describe('the objects of a version', () => {
  test('are read by people here', () => {
    const autoscaled = chart({ autoscaler: { ...AUTOSCALER, targetRequestsInFlight: 8, targetLatencySeconds: 0.2 } });
    const yaml = autoscaled.map(manifest => stringify(manifest, { lineWidth: 0 })).join('---\n');
    const file = join(__dirname, 'model-chart.yaml');
    if (updating()) writeFileSync(file, yaml);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(yaml);
  });

  test('have one name, one namespace and the labels of their version, on pods as well', () => {
    for (const manifest of chart({ autoscaler: { ...AUTOSCALER, targetCpuPercent: 60 } })) {
      expect(manifest.metadata).toMatchObject({ name: '${mlops:name}', namespace: 'mlops-dev-rain' });
      const labels = {
        'mlops/model': 'rain',
        'mlops/model-version': '${mlops:version}',
        'mlops/deployment': '${mlops:name}',
      };
      expect(manifest.metadata.labels).toMatchObject(labels);
      if (manifest.kind === 'Deployment') expect(manifest.spec.template.metadata.labels).toMatchObject(labels);
    }
  });

  test('hold no placeholder but those that the release function knows', () => {
    const known = ['version', 'name', 'image', 'artifact-uri', 'artifact-digest', 'environment'];
    for (const [imageVolume, expected] of [
      [false, known],
      [true, ['version', 'name', 'image', 'model-image', 'environment']],
    ] as const) {
      const found = JSON.stringify(chart({ imageVolume })).matchAll(/\$\{mlops:([^}]*)\}/g);
      expect([...new Set([...found].map(([, name]) => name))].sort()).toEqual([...expected].sort());
    }
  });

  test('select the pods of one deployment, never those of another of the same version', () => {
    const selector = { 'mlops/deployment': '${mlops:name}' };
    const all = chart();
    expect(object(all, 'Deployment').spec.selector.matchLabels).toEqual(selector);
    expect(object(all, 'Service').spec.selector).toEqual(selector);
    expect(object(all, 'PodDisruptionBudget').spec.selector.matchLabels).toEqual(selector);
  });
});

describe('names', () => {
  const digits = fc.integer({ min: 1, max: 999_999 }).map(String);
  const hex = fc.stringMatching(/^[0-9a-f]{8}$/);
  const model = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,26}$/).filter(name => name.length <= 27);
  const environment = fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/);
  const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

  test('of any model and version are labels of DNS, with what Kubernetes and KEDA add to them', () => {
    fc.assert(
      fc.property(environment, model, digits, hex, (environmentName, modelName, version, makings) => {
        const namespace = `mlops-${environmentName}-${modelName}`;
        const name = `${modelName}-v${version}-${makings}`;
        const autoscaler = { ...AUTOSCALER, namespace, targetRequestsInFlight: 1 };
        for (const manifest of filled({ version, name }, { modelName, namespace, autoscaler })) {
          const pods = `${manifest.metadata.name}-${'0'.repeat(10)}-${'0'.repeat(5)}`;
          for (const each of [namespace, manifest.metadata.name, pods, `keda-hpa-${manifest.metadata.name}`]) {
            expect(each).toMatch(label);
            expect(each.length).toBeLessThanOrEqual(63);
          }
          for (const value of Object.values(manifest.metadata.labels as Record<string, string>)) {
            expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/);
            expect(value.length).toBeLessThanOrEqual(63);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('the pods', () => {
  test.each([
    { imageVolume: false },
    { imageVolume: true },
    { spot: true, resources: { ...PROPS.resources, gpus: 1 } },
  ])('pass the restricted profile with %j', props => {
    const { securityContext } = pod(props);
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const container of containers(props)) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    expect(pod(props).automountServiceAccountToken).toBe(false);
  });

  test('write only to the model, while it is fetched, and to /tmp', () => {
    const mounts = (name: string) =>
      (containers().find(container => container.name === name)?.volumeMounts as Manifest[]).map(
        ({ mountPath, readOnly = false }) => `${String(mountPath)}${readOnly === true ? ' (read only)' : ''}`,
      );
    expect(mounts('fetch-model')).toEqual(['/opt/ml/model', '/tmp']);
    expect(mounts('model-server')).toEqual(['/opt/ml/model (read only)', '/tmp']);
  });

  test('are asked for the model until it is loaded, then whether it is ready, and whether they live', () => {
    const { startupProbe, readinessProbe, livenessProbe } =
      (pod({ loadSeconds: 601 }).containers as Manifest[])[0] ?? {};
    const ready = { path: '/v2/models/rain/ready', port: 'http' };
    expect(startupProbe).toMatchObject({ httpGet: ready, periodSeconds: 5, failureThreshold: 121 });
    expect(readinessProbe).toMatchObject({ httpGet: ready });
    expect(livenessProbe).toMatchObject({ httpGet: { path: '/v2/health/live', port: 'http' } });
    // busy is not dead
    expect(livenessProbe.periodSeconds * livenessProbe.failureThreshold).toBeGreaterThanOrEqual(60);
  });

  test('answer on while they leave the load balancer, and have time to end', () => {
    const { containers: serving, terminationGracePeriodSeconds } = pod();
    const { seconds } = (serving as Manifest[])[0]?.lifecycle.preStop.sleep as { seconds: number };
    // images/model-server: requests in flight 20 s, then the log 8 s
    expect(terminationGracePeriodSeconds).toBeGreaterThan(seconds + 28);
  });

  test('spread over zones if they can, and over nodes that they may run on', () => {
    expect(
      (pod().topologySpreadConstraints as Manifest[]).map(({ labelSelector: _, ...constraint }) => constraint),
    ).toEqual([
      {
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        maxSkew: 1,
        nodeTaintsPolicy: 'Honor',
        matchLabelKeys: ['pod-template-hash'],
      },
      {
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'DoNotSchedule',
        maxSkew: 1,
        nodeTaintsPolicy: 'Honor',
        matchLabelKeys: ['pod-template-hash'],
      },
    ]);
  });

  test('ask for what they use, of memory exactly, and of processors without a limit unless told', () => {
    const resources = (props: Partial<ModelChartProps['resources']>) =>
      containers({ resources: { ...PROPS.resources, ...props } }).map(container => container.resources as Manifest);
    expect(resources({})).toEqual(
      Array(2).fill({
        requests: { cpu: '1000m', memory: '2048Mi', 'ephemeral-storage': '2560Mi' },
        limits: { memory: '2048Mi' },
      }),
    );
    expect(resources({ cpuLimitMillis: 2000 })[1]?.limits).toEqual({ cpu: '2000m', memory: '2048Mi' });
  });

  test('ask for the disk that the archive, the model, temporary files and logs take; a mounted image is not theirs', () => {
    const disk = (props: Partial<ModelChartProps>) =>
      containers(props).map(container => container.resources.requests['ephemeral-storage'] as string);
    expect(disk({ resources: { ...PROPS.resources, modelMebibytes: 100 } })).toEqual(['712Mi', '712Mi']);
    expect(disk({ imageVolume: true })).toEqual(['512Mi']);
  });

  test('ask for GPUs and tolerate their taint, but do not fetch with them', () => {
    const props = { resources: { ...PROPS.resources, gpus: 2 } };
    const [fetching, serving] = containers(props);
    expect(serving?.resources.limits['nvidia.com/gpu']).toBe('2');
    expect(serving?.resources.requests['nvidia.com/gpu']).toBe('2');
    expect(fetching?.resources.limits).not.toHaveProperty('nvidia.com/gpu');
    expect(pod(props).tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
    expect(pod().tolerations ?? []).toEqual([]);
  });

  test('prefer spot capacity when they may be on it', () => {
    expect(pod().affinity).toBeUndefined();
    expect(pod({ spot: true }).tolerations).toEqual([{ key: 'mlops/spot', operator: 'Exists', effect: 'NoSchedule' }]);
    expect(JSON.stringify(pod({ spot: true }).affinity)).toContain('"key":"mlops/spot"');
  });

  test('are found by Prometheus', () => {
    expect(object(chart(), 'Deployment').spec.template.metadata.annotations).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '8080',
      'prometheus.io/path': '/metrics',
    });
  });

  test('get their model by a digest that is checked, or as an image', () => {
    const [fetching] = containers();
    expect(fetching?.command).toEqual(['python', '-m', 'model_server', 'fetch']);
    expect(fetching?.env).toContainEqual({ name: 'MODEL_ARTIFACT_DIGEST', value: '${mlops:artifact-digest}' });
    expect(pod({ imageVolume: true }).initContainers).toBeUndefined();
    expect(pod({ imageVolume: true }).volumes).toContainEqual({
      name: 'model',
      image: { reference: '${mlops:model-image}', pullPolicy: 'IfNotPresent' },
    });
  });
});

describe('the number of pods', () => {
  test('is in the deployment, or an autoscaler owns it', () => {
    const replicas = (props: Partial<ModelChartProps>) => object(chart(props), 'Deployment').spec.replicas as number;
    expect(replicas({})).toBe(2);
    expect(replicas({ autoscaler: { ...AUTOSCALER, targetCpuPercent: 60 } })).toBeUndefined();
  });

  test('never falls by a rollout, and by one at a time by a drain', () => {
    expect(object(chart(), 'Deployment').spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: '25%' });
    expect(object(chart(), 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  });

  test('follows processor time by Kubernetes, and requests and latency by KEDA, between the same bounds', () => {
    const byCpu = chart({ autoscaler: { ...AUTOSCALER, targetCpuPercent: 60 } });
    expect(object(byCpu, 'HorizontalPodAutoscaler').spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: '${mlops:name}' },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 60 } } }],
    });
    const byRequests = chart({ autoscaler: { ...AUTOSCALER, targetRequestsInFlight: 8, targetLatencySeconds: 0.2 } });
    const { triggers, ...spec } = object(byRequests, 'ScaledObject').spec as Manifest;
    expect(spec).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 6 });
    expect(
      (triggers as Manifest[]).map(({ metricType, metadata }) => [
        metadata.valueLocation,
        metricType,
        metadata.targetValue,
      ]),
    ).toEqual([
      ['model_server_requests_in_flight', 'AverageValue', '8'],
      ['model_server_recent_seconds', 'Value', '0.2'],
    ]);
    for (const { metadata } of triggers as Manifest[]) {
      // by host `<service>.<namespace>`, which KEDA takes apart
      expect(metadata.url).toBe('http://${mlops:name}.mlops-dev-rain.svc:8080/metrics');
    }
  });
});
