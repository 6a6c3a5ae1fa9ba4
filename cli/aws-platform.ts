import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { placeOfArn } from '../lambda/shared/aws-place';
import type { BatchAnswer, BatchRequest } from '../lambda/shared/batch-contract';
import type { AnyServingSettings, PipelineInput, TrainingSettings } from '../lambda/shared/contracts';
import type { ErasureAnswer, ErasureRequest } from '../lambda/shared/erasure-contract';
import { Ledger } from '../lambda/shared/ledger';
import { Commands } from '../lambda/shared/release-commands';
import { Settings, SettingsError } from '../lambda/shared/settings';
import { executionOfMachine } from '../lambda/shared/state-machine-arn';
import { executionEvent } from './aws-events';
import { registeredVersions, trainingsOf } from './aws-audit';
import { askBatchFunction } from './aws-batch';
import { cardOf } from './aws-card';
import { askErasureFunction } from './aws-erasure';
import { startTraining } from './aws-training';
import { endpointNow, onCluster } from './aws-serving';
import type { PlatformPlaces } from './aws-stack';
import type {
  AlarmState,
  Execution,
  ExecutionEvent,
  Platform,
  RegisteredVersion,
  ServingNow,
  Training,
  TrainingStart,
  VersionCard,
} from './ports';

/** As many as CloudWatch takes in one request, and answers on one page. */
const ALARMS_A_REQUEST = 100;

/** A hundred models ask more in a second than AWS answers: then it is asked more slowly, and again. */
const PATIENT = { retryMode: 'adaptive', maxAttempts: 8 };

/** The platform on AWS, or in a local cloud: clients are configured as the SDK does it by itself. */
export class AwsPlatform implements Platform {
  readonly commands: Commands;
  readonly ledger: Ledger;
  private readonly cloudWatch = new CloudWatchClient(PATIENT);
  private readonly documents = DynamoDBDocumentClient.from(new DynamoDBClient());
  private readonly lambda = new LambdaClient();
  private readonly sagemaker = new SageMakerClient(PATIENT);
  private readonly settings: Settings;
  private readonly ssm = new SSMClient(PATIENT);
  private readonly stepFunctions = new SFNClient();
  private readonly sts = new STSClient();

  constructor(
    readonly environmentName: string,
    private readonly places: PlatformPlaces,
  ) {
    this.commands = new Commands(places.releaseMachineArn, environmentName);
    this.ledger = new Ledger(this.documents, places.ledgerTableName);
    this.settings = new Settings(this.ssm, environmentName);
  }

  async models(): Promise<string[]> {
    const path = `/mlops/${this.environmentName}/`;
    const names: string[] = [];
    for await (const page of paginateGetParametersByPath({ client: this.ssm }, { Path: path, Recursive: true })) {
      for (const { Name: name = '' } of page.Parameters ?? []) {
        const [model, part] = name.slice(path.length).split('/');
        if (part === 'serving') names.push(model);
      }
    }
    return names.sort();
  }

  serving(model: string): Promise<AnyServingSettings | undefined> {
    return ifThere(this.settings.serving(model));
  }

  training(model: string): Promise<TrainingSettings | undefined> {
    return ifThere(this.settings.training(model));
  }

  async servingNow(settings: AnyServingSettings): Promise<ServingNow> {
    return settings.target === 'sagemaker' ? await endpointNow(this.sagemaker, settings) : onCluster(settings);
  }

  async alarmNames(model: string): Promise<Readonly<Record<string, string>>> {
    return (await ifThere(this.settings.reaction(model)))?.alarms ?? {};
  }

  async alarms(names: readonly string[]): Promise<AlarmState[]> {
    const found: AlarmState[] = [];
    for (let first = 0; first < names.length; first += ALARMS_A_REQUEST) {
      const { MetricAlarms: page = [] } = await this.cloudWatch.send(
        new DescribeAlarmsCommand({
          AlarmNames: names.slice(first, first + ALARMS_A_REQUEST),
          AlarmTypes: ['MetricAlarm'],
          MaxRecords: ALARMS_A_REQUEST,
        }),
      );
      for (const { AlarmName: name = '', StateValue: state = 'UNKNOWN', ...alarm } of page) {
        const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
        if (since !== undefined) found.push({ name, state, since: since.toISOString() });
      }
    }
    return found;
  }

  async caller(): Promise<string> {
    const { Arn: arn } = await this.sts.send(new GetCallerIdentityCommand({}));
    if (arn === undefined) throw new Error('AWS must tell who asks (sts:GetCallerIdentity), got no ARN');
    return arn;
  }

  async ask(name: string, request: object): Promise<void> {
    await this.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: this.places.releaseMachineArn,
        name,
        input: JSON.stringify(request),
      }),
    );
  }

  train(name: string, input: PipelineInput): Promise<TrainingStart> {
    return startTraining(this.stepFunctions, this.places.pipelineMachineArn, name, input);
  }

  async execution(name: string): Promise<Execution | undefined> {
    try {
      const found = await this.stepFunctions.send(
        new DescribeExecutionCommand({ executionArn: executionOfMachine(this.places.releaseMachineArn, name) }),
      );
      return {
        status: found.status ?? 'UNKNOWN',
        startedAt: found.startDate?.toISOString() ?? '',
        endedAt: found.stopDate?.toISOString(),
        input: json(found.input) ?? {},
        output: found.status === 'SUCCEEDED' ? json(found.output) : undefined,
        error: found.error,
        cause: found.cause,
      };
    } catch (error) {
      // a name that no execution can have is none of its names either
      if (error instanceof Error && ['ExecutionDoesNotExist', 'InvalidArn'].includes(error.name)) return undefined;
      throw error;
    }
  }

  async events(name: string): Promise<ExecutionEvent[]> {
    const events: ExecutionEvent[] = [];
    const asked = { executionArn: executionOfMachine(this.places.releaseMachineArn, name), includeExecutionData: true };
    for await (const page of paginateGetExecutionHistory({ client: this.stepFunctions }, asked)) {
      events.push(...(page.events ?? []).map(executionEvent));
    }
    return events;
  }

  async trainings(model: string): Promise<Training[] | undefined> {
    const { runsTableName } = this.places;
    return runsTableName === undefined ? undefined : trainingsOf(this.documents, runsTableName, model);
  }

  registered(model: string): Promise<RegisteredVersion[]> {
    return registeredVersions(this.sagemaker, this.groupOf(model));
  }

  card(model: string, version: string): Promise<VersionCard | undefined> {
    return cardOf(this.sagemaker, placeOfArn(this.places.releaseMachineArn), this.groupOf(model), version);
  }

  batch(request: BatchRequest): Promise<BatchAnswer> {
    return askBatchFunction(this.lambda, this.places.batchFunctionName, this.environmentName, request);
  }

  erase(request: ErasureRequest): Promise<ErasureAnswer> {
    return askErasureFunction(this.lambda, this.places.erasureFunctionName, this.environmentName, request);
  }

  /** Name of a model's group in the registry. */
  private groupOf(model: string): string {
    return `mlops-${this.environmentName}-${model}`;
  }

  now(): Date {
    return new Date();
  }

  async pause(milliseconds: number): Promise<void> {
    await pause(milliseconds);
  }
}

/** Settings, or nothing if the model has no such part. */
async function ifThere<T>(settings: Promise<T>): Promise<T | undefined> {
  try {
    return await settings;
  } catch (error) {
    if (error instanceof SettingsError && error.missing) return undefined;
    throw error;
  }
}

function json(text: string | undefined): Record<string, unknown> | undefined {
  const parsed: unknown = JSON.parse(text ?? 'null');
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
}
