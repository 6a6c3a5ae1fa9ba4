import { TargetBusyError, TargetRefusedError } from '../release-step/errors';
import { refusable } from '../release-step/kubernetes-cluster';
import { EVENT_KIND, POD_KIND } from '../release-step/kubernetes-names';
import { artifactDigest } from '../release-step/kubernetes-target';
import { fillTemplate } from '../release-step/kubernetes-template';
import type { PackagedVersion } from '../release-step/ports';
import type { BatchAnswer, BatchRequest, StartBatch } from '../shared/batch-contract';
import type { AnyServingSettings, EksServingSettings } from '../shared/contracts';
import type { KubernetesClient } from '../shared/kubernetes-client';
import type { KubernetesObject } from '../shared/kubernetes-object';
import type { LedgerState, VersionRecord } from '../shared/ledger';
import { eligible, versionFor } from './eligible-version';
import { ANNOTATIONS, BATCH_FIELD_MANAGER, isJobName, JOB_KIND, JOB_NAME_LABEL, jobName } from './job-names';
import { type BatchEvent, type BatchPod, type JobObject, judgeJob } from './job-state';
import { checkPlaces } from './places';
import { BatchRefusedError } from './refused';

/** What batches need of the world. */
export interface BatchPorts {
  /** Nothing: the environment has no such model. */
  settings(model: string): Promise<AnyServingSettings | undefined>;
  state(model: string): Promise<LedgerState>;
  record(model: string, version: string): Promise<VersionRecord | undefined>;
  packaged(model: string, version: string): Promise<PackagedVersion | undefined>;
  template(settings: EksServingSettings, place: EksServingSettings['template']): Promise<string>;
  cluster(settings: EksServingSettings): Pick<KubernetesClient, 'apply' | 'get' | 'list'>;
}

type BatchSettings = EksServingSettings & { readonly batch: NonNullable<EksServingSettings['batch']> };

/** Starts batches on the cluster, and tells how they go. */
export class Batches {
  constructor(private readonly ports: BatchPorts) {}

  async answer(request: BatchRequest): Promise<BatchAnswer> {
    try {
      const settings = await this.settings(request.model);
      return request.action === 'start' ? await this.start(request, settings) : await this.look(request, settings);
    } catch (error) {
      if (error instanceof BatchRefusedError)
        return { outcome: 'refused', reason: error.message, youMay: error.youMay };
      // the cluster does not take it, and would not the next time either
      if (error instanceof TargetRefusedError || error instanceof TargetBusyError) {
        return { outcome: 'refused', reason: error.message, youMay: [] };
      }
      throw error;
    }
  }

  private async start(request: StartBatch, settings: BatchSettings): Promise<BatchAnswer> {
    const { model } = request;
    checkPlaces(request, settings.batch);
    const name = jobName(request);
    const before = await this.job(settings, name);
    if (before !== undefined) return { outcome: 'exists', batch: await this.judged(model, settings, before) };
    const version = versionFor(request.version, await this.ports.state(model));
    const packaged = eligible({
      model,
      version,
      record: await this.ports.record(model, version),
      packaged: await this.ports.packaged(model, version),
    });
    const job = await this.filled(request, settings, packaged, name);
    const applied = await refusable(
      this.ports.cluster(settings).apply(job, { fieldManager: BATCH_FIELD_MANAGER }) as Promise<JobObject>,
    );
    return { outcome: 'started', batch: judgeJob(model, { job: applied, pods: [], events: [] }) };
  }

  private async look(
    { model, job: name }: { model: string; job: string },
    settings: BatchSettings,
  ): Promise<BatchAnswer> {
    if (!isJobName(model, name)) {
      throw new BatchRefusedError(
        `'job' is '${name}', must be the name of a batch of '${model}', such as '${model}-batch-0123456789ab'`,
      );
    }
    const job = await this.job(settings, name);
    if (job === undefined) {
      throw new BatchRefusedError(
        `there is no batch '${name}' of '${model}', perhaps not any more: one that ended stays for three days`,
      );
    }
    return { outcome: 'seen', batch: await this.judged(model, settings, job) };
  }

  private async settings(model: string): Promise<BatchSettings> {
    const settings = await this.ports.settings(model);
    if (settings === undefined) throw new BatchRefusedError(`there is no model '${model}' in this environment`);
    if (settings.target !== 'eks') {
      throw new BatchRefusedError(`'${model}' serves on SageMaker, only a model on EKS predicts files by a Job`);
    }
    const { batch } = settings;
    if (batch !== undefined) return { ...settings, batch };
    throw new BatchRefusedError(`'${model}' predicts no files: its serving settings have no 'batch'`, [
      "Give its serving settings 'batch', with the places of its files, and deploy.",
    ]);
  }

  private async filled(
    { inputUri, outputUri, requestedBy }: StartBatch,
    settings: BatchSettings,
    version: PackagedVersion,
    name: string,
  ): Promise<KubernetesObject> {
    const [job] = fillTemplate(await this.ports.template(settings, settings.batch.template), {
      version: version.version,
      name,
      image: version.image,
      artifactUri: version.artifactUri,
      artifactDigest: artifactDigest(version),
      environment: { ...version.environment, ...settings.environment },
      batch: { inputUri, outputUri },
    });
    const asked = {
      [ANNOTATIONS.inputUri]: inputUri,
      [ANNOTATIONS.outputUri]: outputUri,
      [ANNOTATIONS.requestedBy]: requestedBy,
    };
    return { ...job, metadata: { ...job.metadata, annotations: { ...job.metadata.annotations, ...asked } } };
  }

  private job(settings: BatchSettings, name: string): Promise<JobObject | undefined> {
    const { namespace } = settings;
    return refusable(this.ports.cluster(settings).get<JobObject>({ ...JOB_KIND, metadata: { name, namespace } }));
  }

  private async judged(model: string, settings: BatchSettings, job: JobObject) {
    const { namespace } = settings;
    const cluster = this.ports.cluster(settings);
    const [pods, events] = await Promise.all([
      refusable(cluster.list<BatchPod>(POD_KIND, { namespace, labels: { [JOB_NAME_LABEL]: job.metadata.name } })),
      refusable(cluster.list<BatchEvent>(EVENT_KIND, { namespace })),
    ]);
    return judgeJob(model, { job, pods, events });
  }
}
