import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../../lambda/shared/canonical-json';
import type { EksServingSettings } from '../../../lambda/shared/contracts';
import type { KubernetesClient } from '../../../lambda/shared/kubernetes-client';
import { KubernetesTarget, type KubernetesTools } from '../../../lambda/release-step/kubernetes-target';
import type { KubernetesVerbs } from '../../../lambda/release-step/kubernetes-cluster';
import type { PackagedVersion } from '../../../lambda/release-step/ports';
import type { StepResult } from '../../../lambda/release-step/journal';
import type { KubernetesModelServiceProps } from '../../../constructs/serving/kubernetes/kubernetes-model-service-props';
import { renderModelChart, type ModelChartProps } from '../../../constructs/serving/kubernetes/model-chart';
import {
  namespacedObjects,
  namespaceLabels,
  type ModelNamespaceProps,
} from '../../../constructs/serving/kubernetes/model-namespace';
import { manifests, modelService } from '../../constructs/serving/kubernetes/fixture';
import type { Execution } from '../../support/state-machine';
import { request, start } from '../../lambda/release-step/support/machine';
import { MODEL, World } from '../../lambda/release-step/support/world';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { clientAs, deployment, eventually, newNamespace } from './cluster';
import { takeRoute } from './gateway-controller';

/** What the CDK's `kubectl apply` writes as. */
export const KUBECTL = { fieldManager: 'kubectl-client-side-apply' };

const RESOURCES = { cpuMillis: 100, memoryMebibytes: 64, gpus: 0, modelMebibytes: 64 };
/** Between two looks at a cluster that needs real time. */
const LOOK_MS = 50;

/** How a model differs from the usual one. */
export interface ModelOptions {
  readonly gateway?: boolean;
  readonly chart?: Partial<ModelChartProps>;
  readonly shift?: Partial<EksServingSettings['shift']>;
  /**
   * A namespace that is there, and in which nothing of ours is made.
   *
   * @default - one of its own, with all that the CDK makes in it
   */
  readonly namespace?: string;
}

/** A model with all that the CDK makes for it, and releases of it by the real machine and target as the release function. */
export class ReleasedModel {
  readonly world: World;
  readonly administrator = clientAs();
  readonly release = clientAs({ name: 'release-function', groups: ['mlops-dev-release'] });
  readonly collector = clientAs({ name: 'collector-function', groups: ['mlops-dev-collector'] });
  /** Alarms that are red. */
  readonly red = new Set<string>();
  /** Versions that answer a prediction with an error. */
  readonly mute = new Set<string>();
  /** Every answer that a probe got, by the version that gave it. */
  readonly answered: string[] = [];
  readonly target: KubernetesTarget;
  /** Whether there is a gateway that takes the route. */
  isHeard = true;
  /** Stands between the target and the cluster. */
  between: (verbs: KubernetesVerbs) => KubernetesVerbs = verbs => verbs;

  private constructor(
    readonly namespace: string,
    readonly settings: EksServingSettings,
    private template: string,
  ) {
    this.target = new KubernetesTarget(this.tools(), MODEL, settings);
    this.world = new World(ports => ({ ...ports, target: () => this.target }));
    // conditions in the cluster have real times
    this.world.now = Date.now();
    this.world.settings = settings;
  }

  static async begin({ gateway = true, chart = {}, shift = {}, ...given }: ModelOptions = {}): Promise<ReleasedModel> {
    const namespace = given.namespace ?? (await namespaceOfModel());
    const template = templateOf(namespace, chart);
    return new ReleasedModel(
      namespace,
      {
        target: 'eks',
        modelPackageGroupName: 'mlops-dev-rain',
        cluster: { name: 'models', endpoint: 'https://127.0.0.1', certificateAuthorityData: '' },
        namespace,
        template: { bucket: 'assets', key: 'template.json', digest: sha256(template) },
        environment: { AWS_REGION: 'eu-west-1' },
        port: 8080,
        traffic: gateway
          ? {
              type: 'gateway',
              routeName: MODEL,
              gatewayName: 'mlops',
              gatewayNamespace: 'mlops-gateway',
              pathPrefix: `/v2/models/${MODEL}`,
            }
          : { type: 'selector', serviceName: MODEL },
        minReplicas: chart.replicas ?? 2,
        readyTimeoutSeconds: 900,
        shift: {
          type: gateway ? 'CANARY' : 'ALL_AT_ONCE',
          stepPercent: gateway ? 10 : 100,
          waitSeconds: 300,
          terminationWaitSeconds: 0,
          maxExecutionSeconds: 3600,
          ...shift,
        },
        guardrailAlarmNames: ['errors'],
      },
      template,
    );
  }

  /** Registers a version and approves it. */
  register(version: string): void {
    this.world.register(version);
    this.world.setApproval(version, 'Approved');
  }

  /** Asks for something, and lives through it; `look` sees each state before it is entered. */
  async ask(
    input: { action?: 'release' | 'rollback' | 'reconcile'; version?: string; from?: string },
    look: (state: string, execution: Execution) => void | Promise<void> = () => undefined,
  ): Promise<Execution> {
    const name = `${input.action ?? 'release'}-${input.version ?? 'any'}-${this.world.releases.length}`;
    const { version = '', ...asked } = input;
    const whole = request({ version, ...asked } as Parameters<typeof request>[0]);
    const execution = start(this.world, name, version === '' ? { ...whole, version: undefined } : whole);
    while (execution.status === 'RUNNING') {
      await look(execution.state, execution);
      const isWait = execution.state.startsWith('Wait');
      await execution.advance();
      // pods become ready in real time
      if (isWait) await sleep(LOOK_MS);
    }
    return execution;
  }

  /** One more deployment of the CDK: its template of versions is another. */
  deploy(chart: Partial<ModelChartProps>): void {
    this.template = templateOf(this.namespace, chart);
  }

  /** The CDK's next deploy: all that a stack with the model gives to `kubectl apply`, and what is put beside it. */
  async applyCdk(changed: Partial<KubernetesModelServiceProps> = {}, beside: KubernetesObject[] = []): Promise<void> {
    const stack = JSON.stringify(manifests(modelService({ modelName: MODEL, ...changed }).template()));
    const objects = JSON.parse(stack.replaceAll(`mlops-dev-${MODEL}`, this.namespace)) as KubernetesObject[];
    for (const object of [...objects, ...beside]) {
      const exists = (await this.administrator.get(object)) !== undefined;
      // what `kubectl apply` sends to what exists
      await (exists
        ? this.administrator.mergePatch(object, object, KUBECTL)
        : this.administrator.apply(object, KUBECTL));
    }
  }

  /** Room for pods that ask for more than there is. */
  async widenQuota(): Promise<void> {
    const quota = inNamespace({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'model' } }, this.namespace);
    await this.administrator.mergePatch(quota, { spec: { hard: { 'requests.cpu': '9000' } } }, KUBECTL);
  }

  /** Lets no Deployment of a version into the namespace any more. */
  async deny(version: string, message: string): Promise<void> {
    const name = `deny-${this.namespace}`;
    const group = { apiVersion: 'admissionregistration.k8s.io/v1' };
    const only = { matchLabels: { 'kubernetes.io/metadata.name': this.namespace } };
    await this.administrator.apply(
      {
        ...group,
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name },
        spec: {
          matchConstraints: {
            namespaceSelector: only,
            resourceRules: [
              {
                apiGroups: ['apps'],
                apiVersions: ['v1'],
                operations: ['CREATE', 'UPDATE'],
                resources: ['deployments'],
              },
            ],
          },
          validations: [{ expression: `object.metadata.labels['mlops/model-version'] != '${version}'`, message }],
        },
      } as KubernetesObject,
      KUBECTL,
    );
    await this.administrator.apply(
      {
        ...group,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: { policyName: name, validationActions: ['Deny'] },
      } as KubernetesObject,
      KUBECTL,
    );
    // the API server learns of a policy a little later
    const probe = inNamespace(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'probe', labels: { 'mlops/model-version': version } },
        spec: (deployment(this.namespace, 'probe', 0) as { spec?: object }).spec,
      },
      this.namespace,
    );
    await eventually(
      () =>
        this.administrator.apply(probe, KUBECTL).then(
          () => '',
          (error: unknown) => String(error),
        ),
      answer => answer.includes(message),
    );
  }

  /** A registered version. */
  async packaged(version: string): Promise<PackagedVersion> {
    const found = this.world.packages.get(version);
    if (found === undefined) throw new Error(`version ${version} is not registered`);
    return Promise.resolve(found);
  }

  /** The object that carries the traffic. */
  async traffic(): Promise<KubernetesObject> {
    const { traffic } = this.settings;
    const reference =
      traffic.type === 'gateway'
        ? { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: traffic.routeName } }
        : { apiVersion: 'v1', kind: 'Service', metadata: { name: traffic.serviceName } };
    const found = await this.administrator.get<KubernetesObject>(inNamespace(reference, this.namespace));
    if (found === undefined) throw new Error('nothing carries the traffic');
    return found;
  }

  /** Percent of the traffic by version, as a gateway would read it. */
  async weights(): Promise<Record<string, number>> {
    const { spec } = (await this.traffic()) as unknown as {
      spec: { rules: { backendRefs?: { name: string; weight: number }[] }[] };
    };
    return Object.fromEntries(
      (spec.rules[0]?.backendRefs ?? []).map(({ name, weight }) => [/-v(\d+)-/.exec(name)?.[1] ?? name, weight]),
    );
  }

  /** Names of a kind's objects of versions, by version. */
  async versions(kind: { apiVersion: string; kind: string }): Promise<string[]> {
    const found = await this.administrator.list(kind, { namespace: this.namespace, labels: { 'mlops/model': MODEL } });
    return found
      .filter(({ metadata }) => metadata.labels?.['mlops/deployment'] !== undefined)
      .map(({ metadata }) => metadata.labels?.['mlops/model-version'] ?? '')
      .sort();
  }

  private tools(): KubernetesTools {
    const verbs = (): KubernetesVerbs => this.between(this.release);
    return {
      cluster: {
        apply: async (...given: Parameters<KubernetesClient['apply']>) => {
          try {
            return await verbs().apply(...given);
          } finally {
            // the gateway sees the route, whether or not the release hears that it was written
            const route =
              given[0].kind === 'HTTPRoute' && this.isHeard ? await this.administrator.get(given[0]) : undefined;
            if (route !== undefined) await takeRoute(this.administrator, route);
          }
        },
        get: (...given: Parameters<KubernetesClient['get']>) => verbs().get(...given),
        list: (...given: Parameters<KubernetesClient['list']>) => verbs().list(...given),
        mergePatch: (...given: Parameters<KubernetesClient['mergePatch']>) => verbs().mergePatch(...given),
      } as KubernetesVerbs,
      template: () => Promise.resolve(this.template),
      alarms: names =>
        Promise.resolve({
          red: names.filter(name => this.red.has(name)).map(name => `alarm '${name}' went off`),
          missing: [],
        }),
      post: (url, body) => this.answer(url, body),
      now: () => new Date(this.world.now),
      sleep: ms => {
        this.world.now += ms;
        return sleep(LOOK_MS);
      },
    };
  }

  /** kwok's pods run nothing: what a pod's model server would answer is answered for the pod that has the address. */
  private async answer(url: string, body: string): Promise<{ status: number; body: string }> {
    const { hostname } = new URL(url);
    const pods = await this.administrator.list<KubernetesObject>(
      { apiVersion: 'v1', kind: 'Pod' },
      { namespace: this.namespace },
    );
    const pod = pods.find(({ status }) => (status as { podIP?: string } | undefined)?.podIP === hostname);
    const version = pod?.metadata.labels?.['mlops/model-version'] ?? 'unknown';
    this.answered.push(version);
    if (this.mute.has(version)) return { status: 500, body: 'no' };
    const { id } = JSON.parse(body) as { id: string };
    const outputs = [{ name: 'prediction', datatype: 'INT64', shape: [1], data: [1] }];
    return { status: 200, body: JSON.stringify({ id, model_name: MODEL, model_version: version, outputs }) };
  }
}

const NAMESPACE_PROPS = {
  environmentName: 'dev',
  modelName: MODEL,
  cluster: { kubernetesVersion: '1.36', callerCidrs: ['10.0.0.0/16'] },
  resources: RESOURCES,
  maxReplicas: 4,
  batchPods: 0,
  clientNamespaces: [],
} as unknown as ModelNamespaceProps;

/** A namespace with all that the CDK makes in a model's. */
async function namespaceOfModel(): Promise<string> {
  const namespace = await newNamespace(namespaceLabels(NAMESPACE_PROPS));
  for (const object of Object.values(namespacedObjects(NAMESPACE_PROPS))) {
    await clientAs().apply(inNamespace(object, namespace), KUBECTL);
  }
  return namespace;
}

function templateOf(namespace: string, chart: Partial<ModelChartProps>): string {
  return JSON.stringify(
    renderModelChart({
      modelName: MODEL,
      namespace,
      resources: RESOURCES,
      loadSeconds: 300,
      imageVolume: false,
      spot: false,
      replicas: 2,
      ...chart,
    }),
  );
}

/** An object in the namespace of a test. */
export function inNamespace(object: object, namespace: string): KubernetesObject {
  const { metadata } = object as KubernetesObject;
  return { ...object, metadata: { ...metadata, namespace } } as KubernetesObject;
}

/** For messages of failed tests: what an execution came to. */
export function came(execution: Execution): string {
  return `${execution.status} ${execution.cause ?? JSON.stringify((execution.output as StepResult | undefined) ?? '')}`;
}
