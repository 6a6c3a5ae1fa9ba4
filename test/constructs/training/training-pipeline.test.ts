import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Size, Stack, TimeZone } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  ColumnType,
  DataLake,
  ModelImage,
  ModelRegistry,
  PipelineController,
  TrainingPipeline,
  type TrainingPipelineProps,
} from '../../../constructs';
import { trainingSettings, type TrainingSettings } from '../../../lambda/shared/contracts';
import { actionsOf, CODE, flat, statementsOf, withTraining } from './fixtures';

// synthesised once: most tests only look
const DEFAULT = withTraining().model;

function settingsOf(props?: Partial<TrainingPipelineProps>): TrainingSettings {
  const template = Template.fromStack(props === undefined ? DEFAULT : withTraining(props).model);
  const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter'));
  const { Properties } = parameter as { Properties: { Name: string; Value: unknown } };
  expect(Properties.Name).toBe('/mlops/dev/rain/training');
  return trainingSettings.parse(JSON.parse(String(flat(Properties.Value))));
}

describe('the settings', () => {
  test('are what the functions agree on, with every default', () => {
    expect(settingsOf()).toMatchObject({
      schema: { features: [{ name: 'pressure', type: 'double', min: 900, nullable: false }], label: 'rain' },
      code: { uri: expect.stringMatching(/^s3:\/\/.*\.zip$/) as string, digest: expect.any(String) as string },
      instanceType: 'ml.m5.large',
      instanceCount: 1,
      volumeSizeInGb: 30,
      maxRuntimeSeconds: 3600,
      hyperparameters: {},
      seed: 1,
      modelPackageGroupName: 'mlops-dev-rain',
      holdoutShare: 0.2,
      maxRows: 1_000_000,
      gate: { minAuc: 0.5, minImprovement: 0 },
      guard: {
        minIntervalSeconds: 21_600,
        maxRunsPerDay: 4,
        minNewRowsOnNewData: 1000,
        minNewRowsOnRetrain: 1,
        maxLostChallengers: 2,
      },
    });
  });

  test('take a zero at its word', () => {
    expect(
      settingsOf({
        seed: 0,
        gate: { minAuc: 0, minImprovement: -1 },
        guard: { minInterval: Duration.seconds(0), minNewRowsOnNewData: 0, minNewRowsOnRetrain: 0 },
      }),
    ).toMatchObject({
      seed: 0,
      gate: { minAuc: 0, minImprovement: -1 },
      guard: { minIntervalSeconds: 0, minNewRowsOnNewData: 0, minNewRowsOnRetrain: 0 },
    });
  });

  test('carry what was given', () => {
    expect(
      settingsOf({
        hyperparameters: { trees: '150' },
        volumeSize: Size.gibibytes(5),
        maxRuntime: Duration.minutes(10),
        holdoutShare: 0.25,
        maxRows: 4000,
      }),
    ).toMatchObject({
      hyperparameters: { trees: '150' },
      volumeSizeInGb: 5,
      maxRuntimeSeconds: 600,
      holdoutShare: 0.25,
      maxRows: 4000,
    });
  });

  test.each([
    [
      { subject: 'customer', fields: undefined },
      { subject: 'customer', fields: [] },
    ],
    [
      { subject: 'customer', fields: ['pressure'], acceptedInSnapshots: ['pressure'] },
      { subject: 'customer', fields: ['pressure'] },
    ],
  ])('tell an erasure of %j', (personalData, told) => {
    expect(settingsOf({ personalData }).personalData).toEqual(told);
  });

  test('appear once everything that a training needs is there', () => {
    Template.fromStack(DEFAULT).hasResource('AWS::SSM::Parameter', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^Registry'), Match.stringLikeRegexp('^TrainingJobRole')]),
    });
  });
});

describe('the role of the jobs', () => {
  const statements = () => statementsOf(DEFAULT, 'TrainingJobRole');
  const resourcesOf = (action: string): (string | string[])[] =>
    statements()
      .filter(({ Action }) => [Action].flat().includes(action))
      .map(({ Resource }) => Resource);

  test('is for SageMaker alone, under the path whose roles the pipeline may pass', () => {
    Template.fromStack(DEFAULT).hasResourceProperties('AWS::IAM::Role', {
      Path: '/mlops/dev/',
      AssumeRolePolicyDocument: {
        Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' } }],
      },
    });
  });

  test('reads the data and the runs of its model, and its own code', () => {
    expect(resourcesOf('s3:GetObject')).toEqual([
      expect.stringMatching(/Snapshots.*\/rain\/\*$/),
      expect.stringMatching(/Artifacts.*\/rain\/\*$/),
      expect.stringMatching(/\/[0-9a-f]{64}\.zip$/),
    ]);
  });

  test('writes nothing but the runs of its model', () => {
    expect(resourcesOf('s3:PutObject')).toEqual([expect.stringMatching(/Artifacts.*\/rain\/runs\/\*$/)]);
  });

  test('pulls the training image and no other', () => {
    expect(resourcesOf('ecr:BatchGetImage')).toEqual([expect.stringMatching(/:repository\/mlops\/trainer$/)]);
  });

  test('can neither register nor approve a version, nor touch the raw zone', () => {
    const all = JSON.stringify(statements());

    expect(actionsOf(statements()).filter(action => action.startsWith('sagemaker:'))).toEqual([]);
    expect(all).not.toMatch(/Raw|Curated/);
  });

  test('lets the key be used for disks only through SageMaker', () => {
    expect(statements().find(({ Action }) => Action === 'kms:CreateGrant')?.Condition).toEqual({
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
    });
  });
});

describe('the machinery', () => {
  test('is the one that was given: a model adds no function and no state machine', () => {
    const template = Template.fromStack(DEFAULT);

    template.resourceCountIs('AWS::Lambda::Function', 0);
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
  });

  test("is one of the model's own where none is given, which hears of this model's batches alone", () => {
    // GIVEN
    const stack = new Stack(new App(), 'Stack');
    const dataLake = new DataLake(stack, 'Lake', { environmentName: 'dev' });
    const notificationTopic = new Topic(stack, 'People');
    const ledgerTable = new TableV2(stack, 'Ledger', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    const image = ModelImage.fromUri('111122223333.dkr.ecr.eu-west-1.amazonaws.com/ml/trainer:1');

    // WHEN
    const [rain, snow] = ['rain', 'snow'].map(
      modelName =>
        new TrainingPipeline(stack, `Training-${modelName}`, {
          environmentName: 'dev',
          modelName,
          schema: { features: [{ name: 'pressure', type: ColumnType.DOUBLE }], label: 'rain' },
          dataLake,
          registry: new ModelRegistry(stack, `Registry-${modelName}`, { environmentName: 'dev', modelName }),
          notificationTopic,
          ledgerTable,
          codePath: CODE,
          image,
          inferenceImage: image,
          instanceType: 'ml.m5.large',
        }),
    );

    // THEN
    expect([rain?.controller, snow?.controller]).toEqual([
      expect.any(PipelineController),
      expect.any(PipelineController),
    ]);
    const template = Template.fromStack(stack);
    for (const model of ['rain', 'snow']) {
      template.hasResourceProperties('AWS::Events::Rule', {
        EventPattern: { detail: { object: { key: [{ wildcard: `${model}/*/_READY` }] } } },
      });
    }
    const logGroups = Object.values(template.findResources('AWS::Logs::LogGroup')) as {
      Properties: { LogGroupName?: string };
    }[];
    const names = logGroups.map(({ Properties }) => Properties.LogGroupName).filter(name => name?.includes('states'));
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(2);
  });
});

test('fails for a schema that its parameter cannot hold', () => {
  const features = Array.from({ length: 250 }, (_, index) => ({ name: `feature_${index}`, type: ColumnType.DOUBLE }));
  expect(() => withTraining({ schema: { features, label: 'rain' } })).toThrow(
    /Training: parameter '\/mlops\/dev\/rain\/training' has \d+ bytes or more, must have at most 8192, leave out or shorten some of its 'schema'/,
  );
});

test('a schedule starts it through the trigger, which knows a second delivery', () => {
  const template = Template.fromStack(withTraining({ schedule: ScheduleExpression.rate(Duration.days(7)) }).model);

  template.hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(7 days)',
    Target: {
      Arn: { 'Fn::ImportValue': Match.stringLikeRegexp('Trigger') },
      Input: '{"source":"mlops.schedule","model":"rain","time":"<aws.scheduler.scheduled-time>"}',
    },
  });
});

test('there is no schedule unless one is asked for', () => {
  expect(
    withTraining()
      .training.node.findAll()
      .filter(child => child instanceof Schedule),
  ).toEqual([]);
});

test('what Python leaves beside code is no part of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'code-'));
  try {
    writeFileSync(join(folder, 'train.py'), 'print(1)');
    const before = settingsOf({ codePath: folder }).code.digest;
    mkdirSync(join(folder, '__pycache__'));
    writeFileSync(join(folder, '__pycache__', 'train.cpython-311.pyc'), 'compiled');

    expect(settingsOf({ codePath: folder }).code.digest).toBe(before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('fails', () => {
  test.each([
    ['modelName', { modelName: 'Rain' }, /Model\/Training: 'modelName' is 'Rain', must be/],
    ['instanceType', { instanceType: 'm5.large' }, /'instanceType' is 'm5.large', must be a SageMaker instance type/],
    ['instanceCount', { instanceCount: 0 }, /'instanceCount' is 0, must be from 1 to 100/],
    ['holdoutShare', { holdoutShare: 1 }, /'holdoutShare' is 1, must be more than 0 and less than 1/],
    ['maxRuntime', { maxRuntime: Duration.days(6) }, /'maxRuntime' is 518400, must be from 1 to 432000/],
    ['seed', { hyperparameters: { seed: '1' } }, /'hyperparameters' has 'seed', set the property 'seed' instead/],
    ['gate', { gate: { minAuc: 1.1 } }, /'gate.minAuc' is 1.1, must be from 0 to 1/],
    ['guard', { guard: { maxRunsPerDay: 0 } }, /'guard.maxRunsPerDay' is 0, must be from 1/],
    ['schema', { schema: { features: [], label: 'rain' } }, /'schema.features' is empty/],
    [
      'personalData',
      { personalData: { subject: 'customer', fields: ['pressure'] } },
      /Model\/Training: 'personalData.fields' has 'pressure', must be without it/,
    ],
    [
      'controller',
      { controller: undefined },
      /'controller' is missing, give one, or both 'notificationTopic' and 'ledgerTable'/,
    ],
  ])('on a wrong %s', (_property, props: Partial<TrainingPipelineProps>, message) => {
    expect(() => withTraining(props)).toThrow(message);
  });

  test('on a schedule that EventBridge Scheduler would refuse', () => {
    expect(() => withTraining({ schedule: ScheduleExpression.expression('cron(0 3 * * * *)') })).toThrow(
      "Model/Training: 'schedule' is 'cron(0 3 * * * *)', must have '?' as its day of the month or as its day of the week, and something else as the other",
    );
  });

  test('on a schedule in a time zone that there is not', () => {
    const schedule = ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.of('Europe/Berln') });
    expect(() => withTraining({ schedule })).toThrow(
      "the time zone of 'schedule' is 'Europe/Berln', must be the name of a zone in the IANA database, such as 'Europe/Berlin'",
    );
  });

  test('on an instance type on which nothing can be evaluated', () => {
    expect(() => withTraining({ instanceType: 'ml.p4d.24xlarge' })).toThrow(
      "'instanceType' is 'ml.p4d.24xlarge', which SageMaker has for hosting and training but not for processing, must be one for training and processing, since what was trained is evaluated on the same type, such as 'ml.m5.large'",
    );
  });

  test('once, with everything that is wrong', () => {
    expect(() => withTraining({ instanceCount: 0, maxRows: 0 })).toThrow(/'instanceCount' is 0.*; 'maxRows' is 0/);
  });
});
