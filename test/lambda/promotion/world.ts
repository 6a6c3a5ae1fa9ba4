import type { CreateModelPackageCommandInput } from '@aws-sdk/client-sagemaker';
import type { SourceEnvironment } from '../../../lambda/promotion/event';
import type { Ports } from '../../../lambda/promotion/ports';
import type { Described } from '../../../lambda/promotion/source-version';
import { canonicalJson, digestOf, sha256 } from '../../../lambda/shared/canonical-json';
import type { LedgerState, PromotionRecord } from '../../../lambda/shared/ledger';
import type { Notification } from '../../../lambda/shared/notify';

export const FROM: SourceEnvironment = {
  environmentName: 'dev',
  partition: 'aws',
  account: '111111111111',
  region: 'eu-west-1',
};
export const SOURCE_ARN = 'arn:aws:sagemaker:eu-west-1:111111111111:model-package/mlops-dev-rain/3';
export const IMAGE_DIGEST = `sha256:${'a'.repeat(64)}`;
const INPUTS = {
  model: 'rain',
  codeDigest: 'c',
  snapshotDigest: 's',
  image: 'i',
  hyperparameters: {},
  seed: 1,
  instanceType: 'ml.m5.large',
  instanceCount: 1,
};
export const RUN_ID = digestOf(INPUTS);
const RECORDED = { codeUri: 'c', snapshotUri: 's', execution: 'e', trigger: 'manual', startedAt: 't' };
export const FOLDER = `s3://theirs/rain/runs/${RUN_ID}/`;

/** The account that gives, the one that receives, and what was done to the second. */
export class World implements Ports {
  readonly approvedAt = new Date('2026-11-27T10:00:00.000Z');
  readonly letters: Notification[] = [];
  readonly records: PromotionRecord[] = [];
  readonly made: (CreateModelPackageCommandInput & { arn: string })[] = [];
  /** All objects of both accounts, by URI. */
  readonly objects = new Map<string, string>();
  readonly copies: string[] = [];
  readonly images: string[] = [];
  described: Described;
  current: Partial<LedgerState> = {};
  groups = new Map([['rain', 'mlops-prod-rain']]);
  /** After so many calls that change something, the function dies. */
  diesAfter = Infinity;
  private changes = 0;

  constructor() {
    const put = (file: string, text: string): { ContentType: string; S3Uri: string; ContentDigest: string } => {
      this.objects.set(`${FOLDER}${file}`, text);
      const ContentDigest = `sha256:${sha256(text)}`;
      return { ContentType: 'application/json', S3Uri: `${FOLDER}${file}`, ContentDigest };
    };
    put('run.json', canonicalJson({ runId: RUN_ID, inputs: INPUTS, recorded: RECORDED }));
    const model = put('training/job/output/model.tar.gz', 'a model');
    const Statistics = put('evaluation/job/evaluation.json', '{"auc":0.8}');
    const baseline = put('evaluation/job/baseline.json', '{"rows":3}');
    this.described = {
      ModelPackageArn: SOURCE_ARN,
      ModelPackageName: 'mlops-dev-rain',
      ModelPackageGroupName: 'mlops-dev-rain',
      ModelPackageVersion: 3,
      ModelPackageStatus: 'Completed',
      ModelPackageStatusDetails: { ValidationStatuses: [] },
      CreationTime: new Date('2026-11-27T09:00:00.000Z'),
      LastModifiedTime: this.approvedAt,
      LastModifiedBy: { UserProfileName: 'ann' },
      ModelApprovalStatus: 'Approved',
      ApprovalDescription: 'looked at it',
      InferenceSpecification: {
        Containers: [
          {
            Image: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/mlops/model-server:1',
            ImageDigest: IMAGE_DIGEST,
            ModelDataUrl: model.S3Uri,
            ModelDataETag: 'theirs',
            Environment: { THREADS: '2' },
          },
        ],
        SupportedContentTypes: ['application/json'],
        SupportedResponseMIMETypes: ['application/json'],
      },
      ModelMetrics: { ModelQuality: { Statistics } },
      DriftCheckBaselines: { ModelQuality: { Statistics }, ModelDataQuality: { Statistics: baseline } },
      CustomerMetadataProperties: {
        runId: RUN_ID,
        modelDataSha256: sha256('a model'),
        auc: '0.8',
        champion: '2',
        championAuc: '0.7',
      },
    };
  }

  now(): Date {
    return new Date('2026-11-27T10:01:00.000Z');
  }

  group(model: string): Promise<string | undefined> {
    return Promise.resolve(this.groups.get(model));
  }

  readonly source = {
    describe: (arn: string): Promise<Described | undefined> =>
      Promise.resolve(arn === this.described.ModelPackageArn ? this.described : undefined),
  };

  readonly registry = {
    madeSince: () =>
      Promise.resolve(
        this.made.map(({ arn, CustomerMetadataProperties }) => ({
          modelPackageArn: arn,
          properties: CustomerMetadataProperties ?? {},
        })),
      ),
    create: (request: CreateModelPackageCommandInput): Promise<string> => {
      this.change();
      const arn = `arn:aws:sagemaker:eu-west-1:222222222222:model-package/mlops-prod-rain/${this.made.length + 1}`;
      this.made.push({ ...request, arn });
      return Promise.resolve(arn);
    },
  };

  readonly files = {
    copy: (from: string, to: string): Promise<void> => {
      this.change();
      const text = this.objects.get(from);
      if (text === undefined) return Promise.reject(new Error(`'${from}' could not be copied`));
      this.objects.set(to, text);
      this.copies.push(from);
      return Promise.resolve();
    },
    digest: (uri: string) => {
      const text = this.objects.get(uri);
      return Promise.resolve(text === undefined ? undefined : { sha256: sha256(text), etag: `etag-${text}` });
    },
    text: (uri: string) => Promise.resolve(this.objects.get(uri)),
  };

  bringImage(image: string): Promise<string> {
    this.change();
    this.images.push(image);
    return Promise.resolve(`222222222222.dkr.ecr.eu-west-1.amazonaws.com/served@${image.split('@')[1]}`);
  }

  readonly ledger = {
    promotion: (_model: string, environment: string, version: string): Promise<PromotionRecord | undefined> =>
      Promise.resolve(
        this.records.find(record => record.from.environment === environment && record.from.version === version),
      ),
    appendPromotion: (_model: string, record: PromotionRecord): Promise<void> => {
      this.change();
      this.records.push(record);
      return Promise.resolve();
    },
    state: (model: string): Promise<LedgerState> =>
      Promise.resolve({ model, healthy: [], generation: 1, ...this.current }),
  };

  tell(notification: Notification): Promise<void> {
    this.change();
    this.letters.push(notification);
    return Promise.resolve();
  }

  private change(): void {
    if (this.changes++ >= this.diesAfter) throw new Error('died');
  }
}
