import { CfnResource, type Stack, Validations } from 'aws-cdk-lib';
import { app, border, refusals, resource } from './refusals';

/** A statement that is this many bytes long in a policy, which has 39 more. */
function policy(bytes: number): Record<string, unknown> {
  const document = (resource: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: resource }],
  });
  return document('x'.repeat(bytes - JSON.stringify(document('')).length));
}

const TRUST = policy(200);
const TARGET = { Arn: 'arn:aws:lambda:eu-west-1:000000000000:function:f', RoleArn: 'arn:aws:iam::000000000000:role/r' };
const ALARM = { ComparisonOperator: 'GreaterThanThreshold', Threshold: 1, MetricName: 'm', Namespace: 'n' };

function environment(bytes: number): Record<string, unknown> {
  return { Environment: { Variables: { SETTINGS: 'x'.repeat(bytes - 'SETTINGS'.length) } } };
}

function inlinePolicies(bytes: number): (stack: Stack) => void {
  return stack => {
    const role = new CfnResource(stack, 'It', {
      type: 'AWS::IAM::Role',
      properties: {
        AssumeRolePolicyDocument: TRUST,
        Policies: [{ PolicyName: 'own', PolicyDocument: policy(5000) }],
      },
    });
    new CfnResource(stack, 'Beside', {
      type: 'AWS::IAM::Policy',
      properties: { PolicyName: 'beside', Roles: [role.ref], PolicyDocument: policy(bytes - 5000) },
    });
  };
}

function permissions(count: number): (stack: Stack) => void {
  return stack => {
    const called = new CfnResource(stack, 'It', { type: 'AWS::Lambda::Function' });
    for (let index = 0; index < count; index++) {
      new CfnResource(stack, `Permission${index}`, {
        type: 'AWS::Lambda::Permission',
        properties: {
          FunctionName: called.ref,
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
          SourceArn: 'arn:aws:events:eu-west-1:000000000000:rule/a-rule-of-a-model',
        },
      });
    }
  };
}

test('fails the synth of whoever adds it', () => {
  expect(() => app(resource('AWS::Logs::LogGroup', { RetentionInDays: 100 })).synth()).toThrow(
    'ServiceLimits::log-retention',
  );
  expect(() => app(resource('AWS::Logs::LogGroup', { RetentionInDays: 90 })).synth()).not.toThrow();
});

test('a quota that was raised is acknowledged where it matters', () => {
  const made = app(stack => {
    const role = new CfnResource(stack, 'It', {
      type: 'AWS::IAM::Role',
      properties: { AssumeRolePolicyDocument: policy(2049) },
    });
    Validations.of(role).acknowledge({ id: 'ServiceLimits::policy-size', reason: 'the quota is 4,096 here' });
  });

  expect(() => made.synth()).not.toThrow();
});

describe('refuses', () => {
  test("a role's inline policies over 10,240 bytes together", () => {
    border(
      'inline-policies-size',
      'the inline policies of the role have 10241 bytes or more together, must have at most 10240: move some to a managed policy, or name fewer resources by a common prefix',
      inlinePolicies(10241),
      inlinePolicies(10240),
    );
  });

  test('a managed policy over 6,144 bytes', () => {
    border(
      'policy-size',
      "'PolicyDocument' has 6145 bytes or more, must have at most 6144: make two policies of it, or name fewer resources by a common prefix",
      resource('AWS::IAM::ManagedPolicy', { PolicyDocument: policy(6145) }),
      resource('AWS::IAM::ManagedPolicy', { PolicyDocument: policy(6144) }),
    );
  });

  test('a trust policy over 2,048 bytes', () => {
    border(
      'policy-size',
      "'AssumeRolePolicyDocument' has 2049 bytes or more, must have at most 2048: trust fewer principals, or trust an account and choose by a condition; where the quota was raised, acknowledge this",
      resource('AWS::IAM::Role', { AssumeRolePolicyDocument: policy(2049) }),
      resource('AWS::IAM::Role', { AssumeRolePolicyDocument: policy(2048) }),
    );
  });

  test('a bucket policy over 20 KB', () => {
    border(
      'policy-size',
      "'PolicyDocument' has 20481 bytes or more, must have at most 20480: grant by the roles of this account, and name other accounts instead of each of their roles",
      resource('AWS::S3::BucketPolicy', { PolicyDocument: policy(20481) }),
      resource('AWS::S3::BucketPolicy', { PolicyDocument: policy(20480) }),
    );
  });

  test('a key policy over 32 KB', () => {
    border(
      'policy-size',
      "'KeyPolicy' has 32769 bytes or more, must have at most 32768: let the key's account decide by IAM policies, and name other accounts instead of each of their roles",
      resource('AWS::KMS::Key', { KeyPolicy: policy(32769) }),
      resource('AWS::KMS::Key', { KeyPolicy: policy(32768) }),
    );
  });

  test('a topic policy over 30 KB', () => {
    border(
      'policy-size',
      "'PolicyDocument' has 30721 bytes or more, must have at most 30720: name accounts instead of each of their roles",
      resource('AWS::SNS::TopicPolicy', { PolicyDocument: policy(30721) }),
      resource('AWS::SNS::TopicPolicy', { PolicyDocument: policy(30720) }),
    );
  });

  test("a function's permissions over 20 KB together", () => {
    expect(Object.keys(refusals(permissions(150)))).toEqual(['function-policy-size']);
    expect(refusals(permissions(60))).toEqual({});
  });

  test('more than ten managed policies of a role', () => {
    const role = (count: number) =>
      resource('AWS::IAM::Role', {
        AssumeRolePolicyDocument: TRUST,
        ManagedPolicyArns: Array.from({ length: count }, (_, index) => `arn:aws:iam::aws:policy/P${index}`),
      });
    border(
      'managed-policies-of-role',
      'the role has 11 managed policies, must have at most 10: join some of them; where the quota was raised, acknowledge this',
      role(11),
      role(10),
    );
  });

  test('a parameter over the 4 KB of its tier', () => {
    border(
      'parameter-size',
      "'Value' has 4097 bytes or more, must have at most 4096 in the tier 'Standard': give it the tier 'Intelligent-Tiering', which takes 8192",
      resource('AWS::SSM::Parameter', { Value: 'x'.repeat(4097) }),
      resource('AWS::SSM::Parameter', { Value: 'x'.repeat(4096) }),
    );
  });

  test('a parameter over 8 KB in whatever tier', () => {
    border(
      'parameter-size',
      "'Value' has 8193 bytes or more, must have at most 8192 in the tier 'Intelligent-Tiering': make two parameters of it",
      resource('AWS::SSM::Parameter', { Tier: 'Intelligent-Tiering', Value: 'x'.repeat(8193) }),
      resource('AWS::SSM::Parameter', { Tier: 'Intelligent-Tiering', Value: 'x'.repeat(8192) }),
    );
  });

  test("a function's environment over 4 KB", () => {
    border(
      'function-environment-size',
      "'Environment' has 4097 bytes or more, must have at most 4096: put 'SETTINGS', which takes 4097 of them, into an SSM parameter or a file",
      resource('AWS::Lambda::Function', environment(4097)),
      resource('AWS::Lambda::Function', environment(4096)),
    );
  });

  test("a state machine's definition over 1 MB", () => {
    const machine = (bytes: number) => (stack: Stack) => {
      // in one line, and in parts, as the CDK writes what holds a reference
      const half = 'x'.repeat(bytes / 2);
      resource('AWS::StepFunctions::StateMachine', { DefinitionString: { 'Fn::Join': ['', [half, half]] } })(stack);
    };
    expect(refusals(machine(1_048_578))).toMatchObject({
      'state-machine-definition-size': expect.stringContaining('must have at most 1048576') as string,
    });
    expect(refusals(machine(900_000))).toEqual({});
  });

  test('a template over 1 MB', () => {
    const stack = (bytes: number) => (made: Stack) => {
      new CfnResource(made, 'It', {
        type: 'AWS::CloudFormation::WaitConditionHandle',
        properties: { X: 'x'.repeat(bytes) },
      });
    };
    expect(refusals(stack(1_000_000))).toEqual({
      'template-size': expect.stringMatching(
        /^Stack: the template has 100\d{4} bytes, must have at most 1000000: make two stacks of it/,
      ) as string,
    });
    expect(refusals(stack(990_000))).toEqual({});
  });

  test('a log retention that CloudWatch does not have', () => {
    border(
      'log-retention',
      "'RetentionInDays' is 100, must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653: 120 is the next longer",
      resource('AWS::Logs::LogGroup', { RetentionInDays: 100 }),
      resource('AWS::Logs::LogGroup', { RetentionInDays: 120 }),
    );
  });

  test('a custom resource that may take longer than an hour', () => {
    border(
      'custom-resource-timeout',
      "'ServiceTimeout' is 3601 seconds, must be from 1 to 3600: what takes longer belongs in a state machine",
      resource('Custom::It', { ServiceTimeout: 3601 }),
      resource('Custom::It', { ServiceTimeout: '3600' }),
    );
  });

  test('an event pattern over 4 KB', () => {
    const rule = (bytes: number) =>
      resource('AWS::Events::Rule', { EventPattern: { source: ['x'.repeat(bytes - '{"source":[""]}'.length)] } });
    border(
      'event-pattern-size',
      "'EventPattern' has 4097 bytes, must have at most 4096: match a common prefix instead of each name",
      rule(4097),
      rule(4096),
    );
  });

  test('a Firehose stream that converts less than 64 MB at a time', () => {
    const stream = (size: number, converts: boolean) =>
      resource('AWS::KinesisFirehose::DeliveryStream', {
        ExtendedS3DestinationConfiguration: {
          BufferingHints: { SizeInMBs: size },
          DataFormatConversionConfiguration: { Enabled: converts },
        },
      });
    border(
      'firehose-buffering',
      "'SizeInMBs' is 63, must be at least 64 where the format is converted: buffer for a shorter time instead",
      stream(63, true),
      stream(64, true),
    );
    expect(refusals(stream(1, false))).toEqual({});
  });

  test('an alarm that wants more datapoints than it has', () => {
    border(
      'alarm-datapoints',
      "'DatapointsToAlarm' is 3, must be at most 'EvaluationPeriods', which is 2",
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 60, EvaluationPeriods: 2, DatapointsToAlarm: 3 }),
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: 3 }),
    );
  });

  test('an alarm of short periods that looks back longer than a day', () => {
    border(
      'alarm-evaluation',
      "'EvaluationPeriods' is 289 of 300 seconds each, must be at most 288: an alarm looks back a day at most, or seven where its period is an hour or longer",
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 300, EvaluationPeriods: 289 }),
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 300, EvaluationPeriods: 288 }),
    );
  });

  test('an alarm that looks back longer than seven days', () => {
    border(
      'alarm-evaluation',
      "'EvaluationPeriods' is 169 of 3600 seconds each, must be at most 168: an alarm looks back seven days at most",
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 3600, EvaluationPeriods: 169 }),
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 3600, EvaluationPeriods: 168 }),
    );
  });

  test('an alarm with a period that CloudWatch does not have', () => {
    border(
      'alarm-period',
      "'Period' is 90 seconds, must be 10, 20, 30 or a multiple of 60 up to a day: count longer times by 'EvaluationPeriods'",
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 90, EvaluationPeriods: 1 }),
      resource('AWS::CloudWatch::Alarm', { ...ALARM, Period: 30, EvaluationPeriods: 1 }),
    );
  });

  test('an alarm over more than ten metrics', () => {
    const alarm = (count: number) =>
      resource('AWS::CloudWatch::Alarm', {
        EvaluationPeriods: 1,
        Metrics: [
          { Id: 'e', Expression: 'm0 + m1' },
          ...Array.from({ length: count }, (_, index) => ({ Id: `m${index}`, MetricStat: { Period: 60 } })),
        ],
      });
    border(
      'alarm-metrics',
      "'Metrics' has 11 metrics, must have at most 10: make several alarms, and one composite alarm of them",
      alarm(11),
      alarm(10),
    );
  });

  test('an alarm with more than five actions', () => {
    const alarm = (count: number) =>
      resource('AWS::CloudWatch::Alarm', {
        ...ALARM,
        Period: 60,
        EvaluationPeriods: 1,
        OKActions: Array.from({ length: count }, (_, index) => `arn:aws:sns:eu-west-1:000000000000:t${index}`),
      });
    border(
      'alarm-actions',
      "'OKActions' has 6 actions, must have at most 5: let one topic tell them all",
      alarm(6),
      alarm(5),
    );
  });

  test('a schedule more often than once a minute', () => {
    border(
      'schedule-expression',
      "'ScheduleExpression' is 'rate(30 seconds)', must be a whole number of minutes, hours or days, at least one minute, such as 'rate(15 minutes)'",
      resource('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(30 seconds)', Target: TARGET }),
      resource('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(1 minute)', Target: TARGET }),
    );
  });

  test('a time zone that there is not', () => {
    const schedule = (zone: string) =>
      resource('AWS::Scheduler::Schedule', {
        ScheduleExpression: 'cron(0 3 ? * MON *)',
        ScheduleExpressionTimezone: zone,
        Target: TARGET,
      });
    border(
      'schedule-expression',
      "'ScheduleExpressionTimezone' is 'Europe/Berln', must be the name of a zone in the IANA database, such as 'Europe/Berlin'",
      schedule('Europe/Berln'),
      schedule('Europe/Berlin'),
    );
  });

  test('more than 50 tags', () => {
    const bucket = (count: number) =>
      resource('AWS::S3::Bucket', {
        Tags: Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: 'v' })),
      });
    border('tags', "'Tags' has 51 tags, must have at most 50", bucket(51), bucket(50));
  });

  test("a tag that is AWS's own, too long, or of other characters", () => {
    const bucket = (Key: string, Value: string) => resource('AWS::S3::Bucket', { Tags: [{ Key, Value }] });
    border(
      'tags',
      "the key of the tag 'aws:team' must be 1 to 128 letters, digits, spaces and _ . : / = + - @ that do not begin with 'aws:', which is AWS's own",
      bucket('aws:team', 'ml'),
      bucket('team', 'ml'),
    );
    border(
      'tags',
      "the value of the tag 'team' is 'ml;ops', must be at most 256 letters, digits, spaces and _ . : / = + - @",
      bucket('team', 'ml;ops'),
      bucket('team', 'Größe 1: a/b_c+d=e@f-g.h'),
    );
    border(
      'tags',
      `the value of the tag 'team' is '${'x'.repeat(257)}', must be at most 256 letters, digits, spaces and _ . : / = + - @`,
      bucket('team', 'x'.repeat(257)),
      bucket('team', 'x'.repeat(256)),
    );
    border(
      'tags',
      `the key of the tag '${'x'.repeat(129)}' must be 1 to 128 letters, digits, spaces and _ . : / = + - @ that do not begin with 'aws:', which is AWS's own`,
      bucket('x'.repeat(129), ''),
      bucket('x'.repeat(128), ''),
    );
  });
});
