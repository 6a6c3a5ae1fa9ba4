import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { stringify } from 'yaml';
import { renderBatchChart } from '../../../../constructs/serving/kubernetes/batch-chart';
import type { BatchInference } from '../../../../constructs/serving/kubernetes/batch-inference';
import { eksServingSettings } from '../../../../lambda/shared/contracts';
import { type Manifest, manifests, modelService, object, text, updating } from './fixture';

const CHART = {
  modelName: 'rain',
  namespace: 'mlops-dev-rain',
  resources: { cpuMillis: 1000, memoryMebibytes: 2048, gpus: 0, modelMebibytes: 1024 },
  loadSeconds: 300,
  imageVolume: false,
  spot: true,
  parallelism: 4,
  timeoutSeconds: 3600,
};

function job(props: Partial<typeof CHART> = {}): Manifest {
  return object(renderBatchChart({ ...CHART, ...props }) as Manifest[], 'Job');
}

/** A service whose files to predict lie in a bucket of somebody else. */
function withBatch(batch: Partial<BatchInference> = {}) {
  const { stack } = modelService();
  const bucket = Bucket.fromBucketName(stack, 'Lake', 'lake');
  return modelService({ batch: { bucket, inputPrefix: 'rain/in/', outputPrefix: 'rain/out/', ...batch } }).template();
}

describe('the job of a batch', () => {
  test('is read by people here', () => {
    const yaml = stringify(job(), { lineWidth: 0 });
    const file = join(__dirname, 'batch-chart.yaml');
    if (updating()) writeFileSync(file, yaml);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(yaml);
  });

  test('shares its files among its pods, and tries again what another try may mend', () => {
    const { spec } = job();
    expect(spec).toMatchObject({ completionMode: 'Indexed', completions: 4, parallelism: 4, backoffLimitPerIndex: 3 });
    expect(spec.template.spec.containers[0].env).toContainEqual({ name: 'BATCH_PARTS', value: '4' });
    expect(spec.podFailurePolicy.rules).toEqual([
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      // `IN_VAIN` of images/model-server/model_server/__main__.py
      { action: 'FailIndex', onExitCodes: { containerName: 'batch', operator: 'In', values: [42] } },
    ]);
  });

  test('has the image, the model and the locks of the server, and no probe', () => {
    const { spec } = job().spec.template as Manifest;
    expect(spec.restartPolicy).toBe('Never');
    expect(spec.initContainers[0].command).toEqual(['python', '-m', 'model_server', 'fetch']);
    const [container] = spec.containers as Manifest[];
    expect(container).toMatchObject({
      image: '${mlops:image}',
      command: ['python', '-m', 'model_server', 'batch'],
      securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    });
    expect(container).not.toHaveProperty('readinessProbe');
  });

  test('is taken for a server by no Service and no budget', () => {
    const { metadata, spec } = job();
    for (const labels of [metadata.labels, spec.template.metadata.labels] as Record<string, string>[]) {
      expect(labels).toMatchObject({ 'mlops/model': 'rain', 'mlops/model-version': '${mlops:version}' });
      expect(labels).not.toHaveProperty('mlops/deployment');
    }
  });

  test('gets the model as an image as well', () => {
    const { volumes } = job({ imageVolume: true }).spec.template.spec as Manifest;
    expect(volumes).toContainEqual({
      name: 'model',
      image: { reference: '${mlops:model-image}', pullPolicy: 'IfNotPresent' },
    });
  });
});

describe('a model that predicts files', () => {
  test('says in its settings how', () => {
    const [parameter] = Object.values(withBatch().findResources('AWS::SSM::Parameter'));
    const { batch, template } = eksServingSettings.parse(JSON.parse(text((parameter as Manifest).Properties.Value)));
    expect(batch).toMatchObject({ inputUri: 's3://lake/rain/in/', outputUri: 's3://lake/rain/out/' });
    expect(batch?.template.digest).not.toBe(template.digest);
  });

  test('reads and writes below its two prefixes, and nowhere else', () => {
    withBatch().hasResourceProperties('AWS::IAM::Role', {
      Policies: [
        {
          PolicyDocument: {
            Statement: Match.arrayWith([
              Match.objectLike({
                Action: 's3:GetObject',
                Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::lake/rain/in/*']] },
              }),
              Match.objectLike({
                Action: 's3:PutObject',
                Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::lake/rain/out/*']] },
              }),
              Match.objectLike({ Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': 'rain/in/*' } } }),
            ]),
          },
        },
      ],
    });
  });

  test('lets one group start jobs, and has room for them; another model does neither', () => {
    const jobs = (all: Manifest[]) =>
      all
        .filter(({ kind }) => kind === 'Role')
        .flatMap(({ metadata, rules }) =>
          (rules as Manifest[]).map(rule => ({ role: metadata.name as string, ...rule })),
        )
        .filter(rule => ((rule as Manifest).resources as string[]).includes('jobs'));
    const pods = (all: Manifest[]) => Number(object(all, 'ResourceQuota', 'model').spec.hard.pods);
    const [one, other] = [manifests(withBatch({ parallelism: 4 })), manifests(modelService().template())];
    expect(jobs(one)).toEqual([
      { role: 'batch', apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'create', 'patch'] },
    ]);
    expect(object(one, 'RoleBinding', 'batch').subjects).toMatchObject([{ kind: 'Group', name: 'mlops-dev-batch' }]);
    expect(jobs(other)).toEqual([]);
    expect(pods(one) - pods(other)).toBe(4);
    // those with a deadline are a batch's
    expect(object(one, 'ResourceQuota', 'batch').spec).toEqual({ hard: { pods: '4' }, scopes: ['Terminating'] });
    expect(job().spec.template.spec.activeDeadlineSeconds).toBe(3600);
    expect(other.filter(({ metadata }) => metadata.name === 'batch')).toEqual([]);
  });

  test.each<[Partial<BatchInference>, string]>([
    [
      { outputPrefix: 'rain/' },
      "'batch.inputPrefix' is 'rain/in/' in 'batch.outputPrefix' 'rain/', where predictions could overwrite it, must be another prefix",
    ],
    [{ inputPrefix: 'rain/in' }, "'batch.inputPrefix' is 'rain/in', must be a prefix that ends with a slash"],
    [{ outputPrefix: '/rain/out/' }, "'batch.outputPrefix' is '/rain/out/', must be a prefix that ends with a slash"],
    [
      { outputPrefix: 'rain/in/out/' },
      "'batch.outputPrefix' is 'rain/in/out/' in 'batch.inputPrefix' 'rain/in/', whose files are predicted, must be another prefix",
    ],
    [{ inputPrefix: 'rain/*/' }, "'batch.inputPrefix' is 'rain/*/', must be a prefix"],
    [{ parallelism: 0 }, "'batch.parallelism' is 0, must be a whole number from 1 to 100"],
  ])('fails with %j', (batch, message) => {
    expect(() => withBatch(batch)).toThrow(message);
  });
});
