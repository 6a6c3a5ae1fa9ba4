import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { PipelineController } from '../../../constructs';
import { TRAINING_METRIC_NAMESPACE } from '../../../lambda/shared/contracts';
import { actionsOf, stacks, statementsOf } from './fixtures';

// synthesised once: most tests only look
const DEFAULT = stacks().platform;
const template = (props?: Parameters<typeof stacks>[0]): Template =>
  Template.fromStack(props === undefined ? DEFAULT : stacks(props).platform);

describe('the runs table', () => {
  test('is kept, encrypted under the key of the lake, and recoverable', () => {
    template().hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      },
    });
  });

  test('is kept although told once that it may go, with a warning', () => {
    const { platform } = stacks({ removalPolicy: RemovalPolicy.DESTROY });

    Template.fromStack(platform).hasResource('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' });
    Annotations.fromStack(platform).hasWarning(
      '/Platform/Pipeline',
      Match.stringLikeRegexp("set 'deleteData' to true"),
    );
  });

  test('goes when told twice', () => {
    template({ removalPolicy: RemovalPolicy.DESTROY, deleteData: true }).hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
  });
});

describe('the state machine', () => {
  test('is traced, logged in full, and ends', () => {
    template().hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
      DefinitionString: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('"TimeoutSeconds":604800')])] },
    });
  });

  test('may run jobs of its environment only, and tag them, since the integration does', () => {
    const jobs = statementsOf(DEFAULT, 'PipelineRole').filter(({ Action }) =>
      [Action].flat().some(action => action.startsWith('sagemaker:')),
    );

    expect(jobs.map(({ Resource }) => Resource)).toEqual([
      expect.stringMatching(/:training-job\/mlops-dev-\*$/),
      expect.stringMatching(/:processing-job\/mlops-dev-\*$/),
    ]);
    expect(actionsOf(jobs)).toEqual(
      expect.arrayContaining([
        'sagemaker:CreateTrainingJob',
        'sagemaker:StopTrainingJob',
        'sagemaker:CreateProcessingJob',
        'sagemaker:AddTags',
      ]),
    );
  });

  test('passes roles of the environment to SageMaker only', () => {
    const [pass] = statementsOf(DEFAULT, 'PipelineRole').filter(({ Action }) => Action === 'iam:PassRole');

    expect(pass).toMatchObject({
      Resource: expect.stringMatching(/:role\/mlops\/dev\/\*$/) as string,
      Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    });
  });

  test('may keep the rules by which it learns of the end of a job', () => {
    const [rules] = statementsOf(DEFAULT, 'PipelineRole').filter(({ Action }) =>
      [Action].flat().includes('events:PutRule'),
    );

    expect(rules.Resource).toEqual([
      expect.stringMatching(/:rule\/StepFunctionsGetEventsForSageMakerTrainingJobsRule$/),
      expect.stringMatching(/:rule\/StepFunctionsGetEventsForSageMakerProcessingJobsRule$/),
    ]);
  });

  test('may be started by whom it is granted', () => {
    const { platform, controller } = stacks();

    controller.grantStart(new Role(platform, 'Ada', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));

    expect(actionsOf(statementsOf(platform, 'Ada'))).toEqual(['states:StartExecution']);
  });
});

describe('the control function', () => {
  const statements = () => statementsOf(DEFAULT, 'PipelineControl');

  test('can register a version, and cannot approve one', () => {
    const sageMaker = statements().filter(({ Action }) =>
      [Action].flat().some(action => action.startsWith('sagemaker:')),
    );

    expect(actionsOf(sageMaker).sort()).toEqual([
      'sagemaker:CreateModelPackage',
      'sagemaker:DescribeModelPackage',
      'sagemaker:ListModelPackages',
    ]);
    expect(sageMaker[0]?.Condition).toEqual({
      StringEqualsIfExists: { 'sagemaker:ModelApprovalStatus': 'PendingManualApproval' },
    });
  });

  test('tells what became of trainings, in a namespace of its own', () => {
    const puts = statements().filter(({ Action }) => Action === 'cloudwatch:PutMetricData');

    expect(puts.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'cloudwatch:namespace': TRAINING_METRIC_NAMESPACE } },
    ]);
  });

  test('writes no row of data', () => {
    const written = statements().filter(({ Action }) => Action === 's3:PutObject');

    expect(written.map(({ Resource }) => Resource)).toEqual([expect.stringMatching(/\/\*\/runs\/\*\/run\.json$/)]);
  });

  test('may ask whether an execution lives, without the machine waiting for it in a circle', () => {
    expect(actionsOf(statementsOf(DEFAULT, 'PipelineReadExecutions'))).toEqual(['states:DescribeExecution']);
  });
});

describe('what starts it', () => {
  test('is a _READY in the raw zone', () => {
    template().hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { object: { key: [{ suffix: '/_READY' }] } },
      },
    });
  });

  test('loses no event: what cannot be started waits in a queue, and a person is paged', () => {
    const made = template();

    made.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: Match.anyValue() },
    });
    made.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      TreatMissingData: 'notBreaching',
      AlarmActions: [Match.anyValue()],
    });
  });

  test('a timeout, of which no step can tell, pages a person', () => {
    template().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ExecutionsTimedOut',
      AlarmActions: [Match.anyValue()],
    });
  });

  test('a failure that could not be recorded pages a person, one that was does not once more', () => {
    const made = template();

    made.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ ($.type = "ExecutionFailed") && ($.details.error != "PipelineFailed") }',
    });
    made.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: Match.stringLikeRegexp('^Platform-Pipeline-.*-UntoldFailures$'),
      AlarmActions: [Match.anyValue()],
    });
  });
});

test('makes three functions and one machine, however many models there are', () => {
  const made = template();

  made.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  const handlers = Object.keys(made.findResources('AWS::Lambda::Function')).filter(id => id.startsWith('Pipeline'));
  expect(handlers).toHaveLength(3);
});

test('the table and the machine have logical ids that stay', () => {
  const made = template();

  expect(Object.keys(made.findResources('AWS::DynamoDB::Table'))).toEqual(['PipelineRuns1176B429']);
  expect(Object.keys(made.findResources('AWS::StepFunctions::StateMachine'))).toEqual(['Pipeline8E4BFAC9']);
});

describe('fails', () => {
  test.each([
    ['environmentName', { environmentName: 'Dev' }, /Platform\/Pipeline: 'environmentName' is 'Dev', must be/],
    [
      'timeout',
      { timeout: Duration.days(1) },
      /'timeout' is 1 day, must be longer than a job may take, 5 days 6 hours/,
    ],
    [
      'timeout, longer than an execution lives',
      { timeout: Duration.days(366) },
      /'timeout' is 366 days, must be at most 365 days, as long as Step Functions keeps an execution/,
    ],
    ['deleteData', { deleteData: true }, /'deleteData' is true but 'removalPolicy' is not RemovalPolicy.DESTROY/],
  ])('on a wrong %s', (_property, props, message) => {
    expect(() => stacks(props)).toThrow(message);
  });
});

test('an imported controller can be started too', () => {
  const { controller, model } = stacks();
  const imported = PipelineController.fromPipelineControllerAttributes(model, 'Imported', controller);
  const person = new Role(model, 'Ada', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });

  imported.grantStart(person);

  expect(Stack.of(imported)).toBe(model);
  expect(actionsOf(statementsOf(model, 'Ada'))).toEqual(['states:StartExecution']);
});
