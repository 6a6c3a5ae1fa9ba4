import { DEPLOYMENT_LABEL, MODEL_LABEL } from '../../../lambda/release-step/kubernetes-names';
import {
  begin,
  next,
  shareOf,
  stepsOf,
  type Movement,
  type Sight,
} from '../../../lambda/release-step/kubernetes-movement';
import { inferenceRequest, judgeInference } from '../../../lambda/release-step/kubernetes-prediction';
import {
  inabilityOf,
  judgeReadiness,
  type DeploymentSight,
  type EventObject,
} from '../../../lambda/release-step/kubernetes-readiness';
import { fillTemplate, followersLeftOut } from '../../../lambda/release-step/kubernetes-template';
import { servingOf, trafficForm } from '../../../lambda/release-step/kubernetes-traffic';
import type { EksServingSettings } from '../../../lambda/shared/contracts';
import { LABELS } from '../../../constructs/serving/kubernetes/kubernetes-names';
import { EKS_SETTINGS } from './support/kubernetes-world';

const NOW = new Date('2026-11-27T10:00:00.000Z');
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

test('labels are those of the constructs', () => {
  expect([MODEL_LABEL, DEPLOYMENT_LABEL]).toEqual([LABELS.model, LABELS.deployment]);
});

describe('a template', () => {
  const VALUES = {
    version: '3',
    name: 'rain-v3-01234567',
    image: 'registry/server@sha256:1',
    artifactUri: 's3://artifacts/3',
    artifactDigest: 'sha256:2',
    environment: { MODEL_NAME: 'other', THREADS: '${mlops:version}' },
  };
  const object = (spec: object): string =>
    JSON.stringify([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: '${mlops:name}', namespace: 'rain' }, spec }]);

  test('is filled wherever a placeholder stands, and within texts too', () => {
    const [pod] = fillTemplate(
      object({ url: 'http://${mlops:name}.rain:8080', labels: { v: '${mlops:version}' } }),
      VALUES,
    );
    expect(pod).toMatchObject({
      metadata: { name: 'rain-v3-01234567' },
      spec: { url: 'http://rain-v3-01234567.rain:8080', labels: { v: '3' } },
    });
  });

  test("gets the version's variables, without those that the container has, and takes them for no template", () => {
    const env = [
      { name: 'MODEL_NAME', value: 'rain' },
      { name: '${mlops:environment}', value: '' },
    ];
    const [pod] = fillTemplate(object({ containers: [{ env }] }), VALUES);
    expect(pod).toMatchObject({
      spec: {
        containers: [
          {
            env: [
              { name: 'MODEL_NAME', value: 'rain' },
              { name: 'THREADS', value: '${mlops:version}' },
            ],
          },
        ],
      },
    });
  });

  test.each(['${mlops:zone}', '${mlops:na', 'a-${mlops:}'])('fails with %s, by name', text => {
    expect(() => fillTemplate(object({ text }), VALUES)).toThrow(/has the placeholder '\$\{mlops:/);
  });

  test('fails when a version names no image of its model, and says which variable', () => {
    expect(() => fillTemplate(object({ image: '${mlops:model-image}' }), VALUES)).toThrow("the variable 'MODEL_IMAGE'");
  });

  test('names the same version whatever its autoscaler allows, and another one when it has one of another kind', () => {
    const scaled = (kind: string, maxReplicas: number): string =>
      JSON.stringify([{ kind: 'Deployment' }, { kind, spec: { maxReplicas } }]);
    const hpa = followersLeftOut(scaled('HorizontalPodAutoscaler', 4));
    expect(followersLeftOut(scaled('HorizontalPodAutoscaler', 9))).toEqual(hpa);
    expect(followersLeftOut(scaled('ScaledObject', 4))).not.toEqual(hpa);
  });
});

describe('a movement', () => {
  const policy = {
    type: 'CANARY',
    stepPercent: 10,
    waitSeconds: 300,
    terminationWaitSeconds: 0,
    maxExecutionSeconds: 3600,
    alarmNames: ['errors'],
  } as const;
  const named = begin('one', 'two', policy, NOW, true);
  const canary = begin('one', 'two', policy, NOW, false);
  const sight = (seconds: number, more: Partial<Sight> = {}): Sight => ({
    now: later(seconds),
    red: [],
    missing: [],
    ...more,
  });

  test.each([
    [{ type: 'ALL_AT_ONCE', stepPercent: 100 }, [100]],
    [{ type: 'CANARY', stepPercent: 10 }, [10, 100]],
    [{ type: 'LINEAR', stepPercent: 25 }, [25, 50, 75, 100]],
    [{ type: 'LINEAR', stepPercent: 30 }, [30, 60, 90, 100]],
  ] as const)('by %j takes the steps %j', (by, steps) => {
    expect(stepsOf(by)).toEqual(steps);
  });

  test('goes on only after it was watched, and ends after the last step was', () => {
    expect(next(canary, sight(299))).toEqual({ act: 'wait' });
    const step = next(canary, sight(300)) as { movement: Movement };
    expect(shareOf(step.movement)).toBe(100);
    expect(next(step.movement, sight(599))).toEqual({ act: 'wait' });
    expect(next(step.movement, sight(600))).toEqual({ act: 'end' });
  });

  test.each<[string, number, Partial<Sight>, string]>([
    ['an alarm is red, even when it could end', 300, { red: ["alarm 'errors' went off"] }, "alarm 'errors' went off"],
    ['an alarm does not exist', 0, { missing: ['errors'] }, "nothing watches it: there is no alarm 'errors'"],
    ['its time is over', 3601, {}, 'it took longer than the 3600 s that its policy allows'],
  ])('goes back when %s', (_, seconds, more, reason) => {
    expect(next(canary, sight(seconds, more))).toEqual({ act: 'back', reason });
  });

  test('is of requests to one name where environments share a Gateway, else to any', () => {
    const hostnames = (settings: EksServingSettings): unknown =>
      (trafficForm(settings, 'rain').object({ backends: [] }) as { spec?: { hostnames?: unknown } }).spec?.hostnames;
    const traffic = { ...EKS_SETTINGS.traffic, hostname: 'models.dev.example' } as EksServingSettings['traffic'];
    expect(hostnames({ ...EKS_SETTINGS, traffic })).toEqual(['models.dev.example']);
    expect(hostnames(EKS_SETTINGS)).toBeUndefined();
  });

  test('names the new version before its first request', () => {
    expect(shareOf(named)).toBe(0);
    expect(next(named, sight(4))).toEqual({ act: 'wait' });
    const first = next(named, sight(5)) as { movement: Movement };
    expect(shareOf(first.movement)).toBe(10);
    expect(next(first.movement, sight(304))).toEqual({ act: 'wait' });
  });

  test('goes back when two looks see that the new version cannot answer, and on when only one did', () => {
    const unable = { unable: '0 of 1 pods are ready' };
    const { movement } = next(canary, sight(300, unable)) as { movement: Movement };
    expect(shareOf(movement)).toBe(10);
    expect(next(movement, sight(309, unable))).toEqual({ act: 'wait' });
    expect(next(movement, sight(310, unable))).toEqual({ act: 'back', reason: '0 of 1 pods are ready' });
    expect(next(movement, sight(310))).toMatchObject({ act: 'write', movement: { step: 2 } });
    expect(next({ ...movement, stepSince: later(305).toISOString() }, sight(310))).toEqual({
      act: 'write',
      movement: { ...canary, stepSince: later(305).toISOString() },
    });
  });

  test('is read back from where it is written, and what somebody wrote over it is none', () => {
    const form = trafficForm(EKS_SETTINGS, 'rain');
    const traffic = {
      backends: [
        { id: 'one', weight: 90 },
        { id: 'two', weight: 10 },
      ],
      movement: canary,
    };
    const object = form.object(traffic);
    expect(form.traffic(object)).toEqual(traffic);
    const annotations = { 'mlops/movement': '{"towards":"three"}' };
    const read = form.traffic({ ...object, metadata: { ...object.metadata, annotations } });
    expect(servingOf(read, 'rain')).toEqual({ state: 'serving' });
  });
});

describe('a deployment', () => {
  const available = (ready: number, generation = 1): DeploymentSight => ({
    deployment: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'two', generation },
      status: { observedGeneration: 1, updatedReplicas: 2, availableReplicas: ready },
    },
    slices: [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'two' },
        endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'], conditions: { ready: ready > 1 } }],
      },
    ],
    pods: [],
    events: [],
    now: NOW,
  });

  test('is ready with its pods and their addresses, and not by the status of what it was before', () => {
    expect(judgeReadiness(available(2), 2)).toEqual({ state: 'ready' });
    expect(judgeReadiness(available(1), 2)).toEqual({ state: 'waiting', detail: '1 of 2 pods are ready' });
    expect(judgeReadiness(available(2, 2), 2)).toMatchObject({ state: 'waiting' });
    expect(judgeReadiness({ ...available(2), slices: [] }, 2)).toMatchObject({ state: 'waiting' });
    expect(judgeReadiness({ ...available(2), deployment: undefined }, 2)).toMatchObject({ state: 'failed' });
  });

  test('answers with one pod, whatever an autoscaler has just written', () => {
    expect(inabilityOf(available(1, 2))).toBeUndefined();
    expect(inabilityOf(available(0))).toEqual({ detail: '0 of 1 pods are ready', lasts: false });
    expect(inabilityOf({ ...available(2), slices: [] })).toMatchObject({ detail: '0 of 1 pods are ready' });
    expect(inabilityOf({ ...available(2), deployment: undefined })).toMatchObject({ lasts: true });
  });

  test.each([
    [59, false],
    [60, true],
  ])('that has lacked pods for %d s lacks them for long: %j', (seconds, lasts) => {
    const sight = available(0);
    const condition = { type: 'Available', status: 'False', lastTransitionTime: NOW.toISOString() };
    const deployment = { ...sight.deployment, status: { conditions: [condition] } } as DeploymentSight['deployment'];
    expect(inabilityOf({ ...sight, deployment, now: later(seconds) })).toMatchObject({ lasts });
  });

  test('that did not progress fails with what its pods were told last', () => {
    const sight = available(0);
    const condition = {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: 'timed out',
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'two-a' } };
    const event = (name: string, message: string, lastTimestamp: string): EventObject => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      type: 'Warning',
      reason: 'Unhealthy',
      message,
      lastTimestamp,
      involvedObject: { kind: 'Pod', name: 'two-a' },
    });
    const events = [
      event('a', 'Startup probe failed: 503', later(20).toISOString()),
      event('b', 'Startup probe failed: connection refused', later(10).toISOString()),
    ];
    const deployment = { ...sight.deployment, status: { observedGeneration: 1, conditions: [condition] } };
    expect(
      judgeReadiness({ ...sight, deployment: deployment as DeploymentSight['deployment'], pods: [pod], events }, 2),
    ).toEqual({
      state: 'failed',
      detail: "ProgressDeadlineExceeded: timed out; Pod 'two-a': Unhealthy: Startup probe failed: 503",
    });
  });
});

describe('a prediction', () => {
  test('is asked for by tensors, with the id of the probe', () => {
    expect(JSON.parse(inferenceRequest({ id: 'mlops-probe-1', instance: { temp: 1.5, station: 'a' } }))).toEqual({
      id: 'mlops-probe-1',
      inputs: [
        { name: 'temp', shape: [1], datatype: 'FP64', data: [1.5] },
        { name: 'station', shape: [1], datatype: 'BYTES', data: ['a'] },
      ],
    });
  });

  test.each([
    ['no JSON', '<html>', /was no JSON: <html>/],
    ['another shape', '{"predictions":[]}', /does not have the agreed shape \('model_version'/],
    [
      'another version',
      '{"model_version":"2","outputs":[{"name":"prediction","data":[1]}]}',
      /version 2 answered a prediction, not version 3/,
    ],
    ['no prediction', '{"model_version":"3","outputs":[{"name":"score","data":[1]}]}', /no output 'prediction'/],
  ])('fails with %s', (_, body, detail) => {
    expect(judgeInference(body, '3')).toMatchObject({
      verified: false,
      detail: expect.stringMatching(detail) as string,
    });
  });

  test('proves the version that it names', () => {
    const body = '{"model_version":"3","outputs":[{"name":"prediction","data":[1]}]}';
    expect(judgeInference(body, '3')).toEqual({ verified: true, detail: 'version 3 answered a prediction with 1' });
  });
});
