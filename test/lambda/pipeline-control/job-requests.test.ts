import fc from 'fast-check';
import { jobName, jobRequests } from '../../../lambda/pipeline-control/job-requests';
import { planRun } from '../../../lambda/pipeline-control/run-inputs';
import { inputOf, SETTINGS, SNAPSHOT, SURROUNDINGS } from './fixtures';

const planned = planRun(inputOf(), SETTINGS, SNAPSHOT);
const plan = { ...SURROUNDINGS, settings: SETTINGS, planned, attempt: 2 };
const NAME = `mlops-test-rain-${planned.runId.slice(0, 16)}-2`;
const RUN = `s3://artifacts/rain/runs/${planned.runId}`;

describe('jobRequests', () => {
  test('trains from the snapshot alone and leaves the model in the folder of the run', () => {
    const { trainingJob, jobName: name, modelDataUri } = jobRequests(plan);

    expect(name).toBe(NAME);
    expect(modelDataUri).toBe(`${RUN}/training/${NAME}/output/model.tar.gz`);
    expect(trainingJob).toMatchObject({
      TrainingJobName: NAME,
      RoleArn: SETTINGS.roleArn,
      AlgorithmSpecification: { TrainingImage: SETTINGS.image, TrainingInputMode: 'File' },
      HyperParameters: { trees: '150', seed: '42' },
      OutputDataConfig: { S3OutputPath: `${RUN}/training`, KmsKeyId: SETTINGS.kmsKeyArn },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    });
    expect(
      trainingJob.InputDataConfig?.map(({ ChannelName, DataSource }) => [ChannelName, DataSource?.S3DataSource?.S3Uri]),
    ).toEqual([
      ['train', `s3://snapshots/rain/${SNAPSHOT}/train.csv`],
      ['schema', `s3://snapshots/rain/${SNAPSHOT}/schema.json`],
      ['code', 's3://assets/code.zip'],
    ]);
  });

  test('evaluates what was trained on the held-out rows', () => {
    const { processingJob, evaluationUri } = jobRequests(plan);

    expect(processingJob).toMatchObject({
      ProcessingJobName: NAME,
      AppSpecification: { ImageUri: SETTINGS.image, ContainerEntrypoint: ['evaluate'] },
      ProcessingOutputConfig: {
        Outputs: [{ S3Output: { S3Uri: evaluationUri, LocalPath: '/opt/ml/processing/output' } }],
      },
    });
    expect(processingJob.ProcessingInputs?.map(({ S3Input }) => [S3Input?.LocalPath, S3Input?.S3Uri])).toEqual([
      ['/opt/ml/processing/input/challenger', `${RUN}/training/${NAME}/output/model.tar.gz`],
      ['/opt/ml/processing/input/holdout', `s3://snapshots/rain/${SNAPSHOT}/holdout.csv`],
      ['/opt/ml/processing/input/train', `s3://snapshots/rain/${SNAPSHOT}/train.csv`],
      ['/opt/ml/processing/input/schema', `s3://snapshots/rain/${SNAPSHOT}/schema.json`],
    ]);
  });

  test('evaluates the champion beside it', () => {
    const { processingJob } = jobRequests({ ...plan, championModelUri: 's3://a/champion.tar.gz' });

    expect(processingJob.ProcessingInputs?.at(-1)).toMatchObject({
      InputName: 'champion',
      S3Input: { S3Uri: 's3://a/champion.tar.gz', LocalPath: '/opt/ml/processing/input/champion' },
    });
  });

  test.each([
    ['ml.m5.large', SETTINGS.kmsKeyArn],
    ['ml.g5.xlarge', undefined],
    ['ml.dl1.24xlarge', undefined],
    ['ml.g7e.2xlarge', undefined],
    ['ml.p6-b300.48xlarge', undefined],
    ['ml.m5d.large', undefined],
    ['ml.m6gd.large', undefined],
  ])('encrypts the disk of %s under %p', (instanceType, key) => {
    const settings = { ...SETTINGS, instanceType };
    const { trainingJob } = jobRequests({ ...plan, settings, planned: planRun(inputOf(), settings, SNAPSHOT) });

    expect(trainingJob.ResourceConfig?.VolumeKmsKeyId).toBe(key);
  });

  test('puts both jobs where the settings say, and lets them reach nothing', () => {
    const vpc = { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] };
    const { trainingJob, processingJob } = jobRequests({
      ...plan,
      settings: { ...SETTINGS, vpc, networkIsolation: true },
    });

    const network = { VpcConfig: { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] }, EnableNetworkIsolation: true };
    expect(trainingJob).toMatchObject(network);
    expect(processingJob.NetworkConfig).toEqual(network);
  });

  test('leaves them in no network of ours otherwise', () => {
    const { trainingJob, processingJob } = jobRequests({ ...plan, settings: { ...SETTINGS, networkIsolation: false } });

    expect(JSON.stringify([trainingJob, processingJob])).not.toMatch(/VpcConfig|NetworkIsolation|NetworkConfig/);
  });

  test('names no key when there is none', () => {
    const { trainingJob, processingJob } = jobRequests({ ...plan, settings: { ...SETTINGS, kmsKeyArn: '' } });

    expect(JSON.stringify([trainingJob, processingJob])).not.toContain('KmsKeyId');
  });
});

describe('jobName', () => {
  test('fits for every name that the constructs allow', () => {
    const word = (max: number) => fc.stringMatching(new RegExp(`^[a-z][a-z0-9]{0,${max - 1}}$`));
    fc.assert(
      fc.property(word(12), word(27), fc.integer({ min: 1, max: 999 }), (environment, model, attempt) => {
        const name = jobName(environment, model, planned.runId, attempt);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/);
        expect(name.endsWith(`-${attempt}`)).toBe(true);
      }),
    );
  });

  test('fails for a name that leaves no room', () => {
    expect(() => jobName('test', 'a'.repeat(50), planned.runId, 1)).toThrow(/has too long a name/);
  });
});
