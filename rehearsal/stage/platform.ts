import { createHash } from 'node:crypto';
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand, GetMetricStatisticsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import {
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  paginateListExecutions,
} from '@aws-sdk/client-sfn';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Aws } from './aws';
import { expectThat, until } from './expectation';

/** The stacks of the rehearsed environment by their part in the platform. */
export interface StackNames {
  readonly data: string;
  readonly platform: string;
  readonly model: string;
  /** Where there is one. */
  readonly cluster?: string;
}

/** An execution of a state machine that has ended. */
export interface EndedExecution {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly input: Record<string, unknown>;
  readonly output: Record<string, unknown>;
  readonly error: string;
}

/** What a person sees of a model package. */
export interface RegisteredVersion {
  readonly version: string;
  readonly status: string;
  readonly arn: string;
  readonly metadata: Record<string, string>;
  readonly baselineUri: string;
  readonly metricsUri: string;
  readonly modelDataUri: string;
  /** SHA-256 of the baseline, as it was registered. */
  readonly baselineDigest: string;
  /** Of the image in which it serves. */
  readonly imageDigest: string;
  readonly approvalDescription: string;
}

/** A ledger item as it lies in the table. */
export type LedgerItem = Record<string, unknown>;

/** The deployed platform seen from outside: it is found by its stacks' outputs and asked through AWS's APIs. */
export class DeployedPlatform {
  private readonly outputs = new Map<string, string>();

  constructor(
    private readonly aws: Aws,
    readonly model: string,
  ) {}

  /** Reads the outputs of the stacks, as a user would. */
  async discover(stacks: StackNames): Promise<void> {
    for (const stackName of [stacks.data, stacks.platform, stacks.model]) {
      const { Stacks } = await this.aws.cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
      for (const output of Stacks?.[0]?.Outputs ?? []) {
        this.outputs.set(output.OutputKey ?? '', output.OutputValue ?? '');
      }
    }
  }

  /** Value of a stack output. */
  output(key: string): string {
    const value = this.outputs.get(key);
    expectThat(value !== undefined, `a stack output '${key}'`, [...this.outputs.keys()].join(', '));
    return value;
  }

  /** Those of the stacks that still stand. */
  async stacksLeft(names: readonly string[]): Promise<string[]> {
    const { StackSummaries } = await this.aws.cloudFormation.send(new ListStacksCommand({}));
    return (StackSummaries ?? [])
      .filter(({ StackName, StackStatus }) => names.includes(StackName ?? '') && StackStatus !== 'DELETE_COMPLETE')
      .map(({ StackName, StackStatus }) => `${StackName} ${StackStatus}`);
  }

  /** Number of resources in a stack. */
  async resourceCount(stackName: string): Promise<number> {
    let count = 0;
    for await (const page of paginateListStackResources(
      { client: this.aws.cloudFormation },
      { StackName: stackName },
    )) {
      count += page.StackResourceSummaries?.length ?? 0;
    }
    return count;
  }

  /** A stack's template as it is deployed. */
  async template(stackName: string): Promise<string> {
    const { TemplateBody } = await this.aws.cloudFormation.send(new GetTemplateCommand({ StackName: stackName }));
    return TemplateBody ?? '';
  }

  /** Settings that one construct of the model has left for the shared machinery. */
  async settings(environment: string, part: string): Promise<Record<string, unknown>> {
    const { Parameter } = await this.aws.ssm.send(
      new GetParameterCommand({ Name: `/mlops/${environment}/${this.model}/${part}` }),
    );
    return JSON.parse(Parameter?.Value ?? '{}') as Record<string, unknown>;
  }

  // ------------------------------------------------------------------------------------------------ state machines

  /** Starts an execution by hand. */
  async start(machineOutput: string, name: string, input: unknown): Promise<string> {
    const { executionArn } = await this.aws.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: this.output(machineOutput), name, input: JSON.stringify(input) }),
    );
    return executionArn ?? '';
  }

  /** ARNs of all executions of a machine, newest first. */
  async executions(machineOutput: string): Promise<string[]> {
    const arns: string[] = [];
    const pages = paginateListExecutions(
      { client: this.aws.stepFunctions },
      { stateMachineArn: this.output(machineOutput) },
    );
    for await (const page of pages) {
      arns.push(...(page.executions ?? []).map(execution => execution.executionArn ?? ''));
    }
    return arns;
  }

  /** What an execution was started with. */
  async inputOf(executionArn: string): Promise<Record<string, unknown>> {
    const { input } = await this.aws.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return JSON.parse(input ?? '{}') as Record<string, unknown>;
  }

  /** Waits until an execution has ended, well or badly. */
  async ended(executionArn: string, timeoutSeconds?: number): Promise<EndedExecution> {
    const describe = () => this.aws.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const execution = await until(
      `the execution '${executionArn.split(':').pop()}' to end`,
      async () => {
        const description = await describe();
        return description.status === 'RUNNING' ? undefined : description;
      },
      async () => (await describe()).status,
      timeoutSeconds,
    );
    return {
      arn: executionArn,
      name: execution.name ?? '',
      status: execution.status ?? '',
      input: JSON.parse(execution.input ?? '{}') as Record<string, unknown>,
      output: JSON.parse(execution.output ?? '{}') as Record<string, unknown>,
      error: execution.status === 'SUCCEEDED' ? '' : await this.lastError(executionArn),
    };
  }

  /** What went wrong in an execution, in the words of the step that failed and not of the state that reported it. */
  private async lastError(executionArn: string): Promise<string> {
    const { events } = await this.aws.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
    return (events ?? [])
      .map(
        event =>
          event.taskFailedEventDetails ??
          event.lambdaFunctionFailedEventDetails ??
          event.evaluationFailedEventDetails ??
          event.executionFailedEventDetails,
      )
      .filter(details => details !== undefined)
      .map(details => `${details.error}: ${firstLine(details.cause ?? '')}`)
      .filter((words, index, all) => all.indexOf(words) === index)
      .join('; ');
  }

  /** Status of an execution as it is now. */
  async execution(executionArn: string): Promise<unknown> {
    const { name, status, output, error, cause } = await this.aws.stepFunctions.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    return { name, status, output, error, cause };
  }

  /** Waits until an execution has ended and asserts that it succeeded. */
  async succeeded(executionArn: string, timeoutSeconds?: number): Promise<EndedExecution> {
    const execution = await this.ended(executionArn, timeoutSeconds);
    expectThat(
      execution.status === 'SUCCEEDED',
      `execution '${execution.name}' to succeed`,
      `${execution.status} ${execution.error}`,
    );
    return execution;
  }

  // -------------------------------------------------------------------------------------------------------- registry

  /** A registered version of the model. */
  async registered(version: string): Promise<RegisteredVersion> {
    const arn = `${this.output('ModelPackageGroupArn').replace(':model-package-group/', ':model-package/')}/${version}`;
    const description = await this.aws.sageMaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
    return {
      version,
      arn,
      status: description.ModelApprovalStatus ?? '',
      metadata: description.CustomerMetadataProperties ?? {},
      baselineUri: description.DriftCheckBaselines?.ModelDataQuality?.Statistics?.S3Uri ?? '',
      imageDigest: description.InferenceSpecification?.Containers?.[0]?.ImageDigest ?? '',
      metricsUri: description.ModelMetrics?.ModelQuality?.Statistics?.S3Uri ?? '',
      modelDataUri: description.InferenceSpecification?.Containers?.[0]?.ModelDataUrl ?? '',
      baselineDigest: description.DriftCheckBaselines?.ModelDataQuality?.Statistics?.ContentDigest ?? '',
      approvalDescription: description.ApprovalDescription ?? '',
    };
  }

  /** Numbers of all registered versions. */
  async versionNumbers(): Promise<string[]> {
    const { ModelPackageSummaryList } = await this.aws.sageMaker.send(
      new ListModelPackagesCommand({ ModelPackageGroupName: this.output('ModelPackageGroupName') }),
    );
    return (ModelPackageSummaryList ?? []).map(summary => String(summary.ModelPackageVersion)).sort();
  }

  /** Approves a version, as a person would. */
  async approve(version: string, why: string): Promise<void> {
    const { arn } = await this.registered(version);
    await this.aws.sageMaker.send(
      new UpdateModelPackageCommand({
        ModelPackageArn: arn,
        ModelApprovalStatus: 'Approved',
        ApprovalDescription: why,
      }),
    );
  }

  // ---------------------------------------------------------------------------------------------------------- ledger

  /** The ledger's word on what serves. */
  async ledgerState(): Promise<LedgerItem> {
    const { Item } = await this.aws.documents.send(
      new GetCommand({
        TableName: this.output('LedgerTableName'),
        Key: { pk: this.model, sk: 'STATE' },
        ConsistentRead: true,
      }),
    );
    return Item ?? {};
  }

  /** Ledger items of one kind, oldest first. */
  async ledgerItems(kind: 'RELEASE' | 'REACTION' | 'VERSION' | 'PROMOTION'): Promise<LedgerItem[]> {
    const { Items } = await this.aws.documents.send(
      new QueryCommand({
        TableName: this.output('LedgerTableName'),
        KeyConditionExpression: 'pk = :model AND begins_with(sk, :kind)',
        ExpressionAttributeValues: { ':model': this.model, ':kind': `${kind}#` },
        ConsistentRead: true,
      }),
    );
    return Items ?? [];
  }

  /** Waits until the ledger says that a version serves, and its release has let go of the lock. */
  async serves(version: string, timeoutSeconds?: number): Promise<LedgerItem> {
    return until(
      `version ${version} to serve by the ledger's word`,
      async () => {
        const state = await this.ledgerState();
        return state['current'] === version && state['lockOwner'] === undefined ? state : undefined;
      },
      async () => ({ state: await this.ledgerState(), releases: await this.ledgerItems('RELEASE') }),
      timeoutSeconds,
    );
  }

  // ---------------------------------------------------------------------------------------------------------- alarms

  /** The alarms of this model. */
  async alarms(): Promise<MetricAlarm[]> {
    const { MetricAlarms } = await this.aws.cloudWatch.send(new DescribeAlarmsCommand({}));
    const ours = (MetricAlarms ?? []).filter(alarm =>
      [...(alarm.Dimensions ?? []), ...(alarm.Metrics ?? []).flatMap(m => m.MetricStat?.Metric?.Dimensions ?? [])].some(
        dimension => dimension.Value === this.model || dimension.Value === this.outputs.get('EndpointName'),
      ),
    );
    expectThat(
      ours.length > 0,
      `alarms of model '${this.model}'`,
      (MetricAlarms ?? []).map(a => a.AlarmName ?? ''),
    );
    return ours;
  }

  /** How often the reconciler has looked at all models between two times. */
  async reconcilerHeartbeats(environment: string, from: Date, to: Date): Promise<number> {
    const { Datapoints = [] } = await this.aws.cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'MLOps/Release',
        MetricName: 'ReconcilerHeartbeat',
        Dimensions: [{ Name: 'Environment', Value: environment }],
        StartTime: from,
        EndTime: to,
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
  }

  // ------------------------------------------------------------------------------------------------------------- lake

  async putObject(bucket: string, key: string, body: string | Buffer): Promise<void> {
    await this.aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  }

  async getJson(bucket: string, key: string): Promise<Record<string, unknown>> {
    const { Body } = await this.aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return JSON.parse((await Body?.transformToString()) ?? '{}') as Record<string, unknown>;
  }

  /** SHA-256 of an object's bytes, in hex. */
  async sha256(uri: string): Promise<string> {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    const { Body } = await this.aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return createHash('sha256')
      .update((await Body?.transformToByteArray()) ?? '')
      .digest('hex');
  }

  /** Keys under a prefix. */
  async keys(bucket: string, prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client: this.aws.s3 }, { Bucket: bucket, Prefix: prefix })) {
      keys.push(...(page.Contents ?? []).map(object => object.Key ?? ''));
    }
    return keys;
  }
}

/** The message of a Lambda function's error without its stack; any other cause as it is. */
function firstLine(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: string };
    return errorMessage ?? cause;
  } catch {
    return cause;
  }
}
