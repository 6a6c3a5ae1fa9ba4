import { sha256 } from '../../../lambda/shared/canonical-json';
import type { BatchPorts } from '../../../lambda/batch-inference/batches';
import type { BatchEvent, BatchPod, JobObject } from '../../../lambda/batch-inference/job-state';
import type { PackagedVersion } from '../../../lambda/release-step/ports';
import type { StartBatch } from '../../../lambda/shared/batch-contract';
import type { AnyServingSettings, EksServingSettings } from '../../../lambda/shared/contracts';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import type { LedgerState, VersionRecord } from '../../../lambda/shared/ledger';
import { renderBatchChart } from '../../../constructs/serving/kubernetes/batch-chart';
import { EKS_SETTINGS } from '../release-step/support/kubernetes-world';

/** The Job of a batch as the constructs leave it. */
export function batchTemplate(namespace: string, parallelism = 2): string {
  return JSON.stringify(
    renderBatchChart({
      modelName: 'rain',
      namespace,
      resources: { cpuMillis: 100, memoryMebibytes: 64, gpus: 0, modelMebibytes: 64 },
      loadSeconds: 300,
      imageVolume: false,
      spot: false,
      parallelism,
      timeoutSeconds: 3600,
    }),
  );
}

/** Settings of a model that predicts files. */
export function batchSettings(namespace: string): EksServingSettings {
  return {
    ...EKS_SETTINGS,
    namespace,
    batch: {
      template: { bucket: 'assets', key: 'batch.json', digest: sha256(batchTemplate(namespace)) },
      inputUri: 's3://lake/rain/in/',
      outputUri: 's3://lake/rain/out/',
    },
  };
}

/** A request to begin a batch. */
export const REQUEST: StartBatch = {
  action: 'start',
  model: 'rain',
  inputUri: 's3://lake/rain/in/monday/',
  outputUri: 's3://lake/rain/out/monday/',
  requestId: 'one',
  requestedBy: 'ann',
};

/** A version that is registered. */
export function packaged(version: string, given: Partial<PackagedVersion> = {}): PackagedVersion {
  return {
    model: 'rain',
    version,
    arn: `arn:aws:sagemaker:eu-west-1:000000000000:model-package/mlops-dev-rain/${version}`,
    approval: 'Approved',
    image: 'registry/server@sha256:1',
    artifactUri: `s3://artifacts/rain/${version}/model.tar.gz`,
    artifactSha256: 'ab'.repeat(32),
    environment: {},
    ...given,
  };
}

/** What batches see of a world in which version 2 serves; each part may be another. */
export class BatchWorld implements BatchPorts {
  given: AnyServingSettings | undefined = batchSettings('mlops-dev-rain');
  ledger: Partial<LedgerState> = { current: '2' };
  records: VersionRecord[] = ['1', '2'].map(version => ({ version, status: 'healthy', reason: '', at: '', by: '' }));
  packages: PackagedVersion[] = [packaged('1'), packaged('2')];
  readonly jobs = new Map<string, JobObject>();
  pods: BatchPod[] = [];
  events: BatchEvent[] = [];
  applied = 0;

  settings(): Promise<AnyServingSettings | undefined> {
    return Promise.resolve(this.given);
  }
  state(model: string): Promise<LedgerState> {
    return Promise.resolve({ model, healthy: [], generation: 1, ...this.ledger });
  }
  record(_: string, version: string): Promise<VersionRecord | undefined> {
    return Promise.resolve(this.records.find(record => record.version === version));
  }
  packaged(_: string, version: string): Promise<PackagedVersion | undefined> {
    return Promise.resolve(this.packages.find(found => found.version === version));
  }
  template({ namespace }: EksServingSettings): Promise<string> {
    return Promise.resolve(batchTemplate(namespace));
  }
  cluster(): ReturnType<BatchPorts['cluster']> {
    const cluster = {
      apply: (object: KubernetesObject) => {
        this.applied++;
        this.jobs.set(object.metadata.name, object as JobObject);
        return Promise.resolve(object);
      },
      get: ({ metadata }: KubernetesObject) => Promise.resolve(this.jobs.get(metadata.name)),
      list: ({ kind }: { kind: string }) => Promise.resolve(kind === 'Pod' ? this.pods : this.events),
    };
    return cluster as unknown as ReturnType<BatchPorts['cluster']>;
  }
}
