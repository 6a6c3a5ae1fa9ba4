import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  type IDataLake,
  type IMonitorController,
  type IReactionController,
  type IReleaseController,
  type IServingCluster,
  MonitorController,
  PersonalDataErasure,
  PipelineController,
  type PromotionSource,
  ReactionController,
  ReleaseController,
} from '../constructs';
import type { Environment } from './config/environment';
import { dataRemoval } from './data-removal';
import { keepExports } from './keep-exports';
import { mergeRole } from './merge-role';
import { optional } from './optional';
import { addOutputs } from './outputs';
import { promotionSource, promotionTarget } from './promotions';

/** Settings of the platform stack. */
export interface PlatformStackProps extends StackProps {
  readonly environment: Environment;
  readonly lake: IDataLake;
  /**
   * Cluster of the environment.
   *
   * @default - none
   */
  readonly cluster?: IServingCluster;
}

/** The machinery that all models of an environment share: adding a model adds nothing here. */
export class PlatformStack extends Stack {
  public readonly release: IReleaseController;
  public readonly pipeline: PipelineController;
  public readonly monitor: IMonitorController;
  public readonly reaction: IReactionController;
  /** Of the machinery, for a dashboard. */
  public readonly alarms: IAlarm[];
  /** What could not be worked off, by what it is. */
  public readonly deadLetterQueues: Readonly<Record<string, IQueue>>;
  /** Where its versions go on to other environments. */
  public readonly promotion?: PromotionSource;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    const { environment, lake, cluster } = props;
    const environmentName = environment.name;
    const lookInterval = optional(environment.releases.reconcileMinutes, minutes => Duration.minutes(minutes));
    const servings = environment.models.map(({ serving }) => serving);

    const release = new ReleaseController(this, 'Release', {
      ...dataRemoval(environment),
      environmentName,
      artifactBucket: lake.artifactBucket,
      // it reads inference logs only where some model's versions shadow
      shadowDataLake: servings.some(serving => serving.target !== 'eks' && serving.shadow !== undefined)
        ? lake
        : undefined,
      // and goes into the cluster's network only where some model serves there
      servingCluster: servings.some(({ target }) => target === 'eks') ? cluster : undefined,
      encryptionKey: lake.encryptionKey,
      emailAddresses: environment.notifications.emails,
      slackChannels: environment.notifications.slack,
      teamsChannels: environment.notifications.teams,
      pollInterval: optional(environment.releases.pollSeconds, seconds => Duration.seconds(seconds)),
      reconcileInterval: lookInterval,
    });
    this.release = release;
    const { ledgerTable, notificationTopic } = release;

    const pipeline = new PipelineController(this, 'Pipeline', {
      ...dataRemoval(environment),
      environmentName,
      dataLake: lake,
      ledgerTable,
      notificationTopic,
    });
    this.pipeline = pipeline;
    this.monitor = new MonitorController(this, 'Monitor', {
      environmentName,
      dataLake: lake,
      ledgerTable,
      notificationTopic,
    });
    const reaction = new ReactionController(this, 'Reaction', {
      environmentName,
      ledgerTable,
      notificationTopic,
      releaseStateMachine: this.release.stateMachine,
      pipelineStateMachine: this.pipeline.stateMachine,
      sweepInterval: lookInterval,
    });
    this.reaction = reaction;
    mergeRole(this, environment, pipeline);
    this.promotion = promotionSource(this, environment, lake, notificationTopic);
    // who may touch rows of persons is there only where some model's rows are of persons
    const erasure = environment.models.some(({ definition }) => definition.subject !== undefined)
      ? new PersonalDataErasure(this, 'Erasure', { environmentName, dataLake: lake, ledgerTable })
      : undefined;
    const target = promotionTarget(this, environment, lake, release);
    const promotionAlarms = [this.promotion, target].flatMap(end => (end === undefined ? [] : [end.lostAlarm]));
    this.alarms = [
      ...release.alarms,
      ...pipeline.alarms,
      reaction.alarmLostAlarm,
      reaction.sweepSilentAlarm,
      ...promotionAlarms,
    ];
    const nodeCalls = cluster?.nodeScheduleDeadLetterQueue;
    this.deadLetterQueues = {
      approvals: release.approvalDeadLetterQueue,
      'starts of trainings': pipeline.lostStartsQueue,
      'red alarms': reaction.deadLetterQueue,
      ...(this.promotion === undefined ? {} : { 'versions to promote': this.promotion.deadLetterQueue }),
      ...(target === undefined ? {} : { 'promoted versions': target.deadLetterQueue }),
      ...(nodeCalls === undefined ? {} : { 'calls that scale nodes': nodeCalls }),
    };
    keepExports(this, [
      release.cleanupServiceToken,
      this.pipeline.triggerFunction.functionArn,
      this.monitor.stateMachine.stateMachineArn,
      this.monitor.scheduleRole?.roleArn,
      this.reaction.alarmTopic.topicArn,
    ]);
    addOutputs(this, {
      LedgerTableName: ledgerTable.tableName,
      RunsTableName: this.pipeline.runsTable.tableName,
      NotificationTopicArn: notificationTopic.topicArn,
      PipelineStateMachineArn: this.pipeline.stateMachine.stateMachineArn,
      ReleaseStateMachineArn: this.release.stateMachine.stateMachineArn,
      MonitorStateMachineArn: this.monitor.stateMachine.stateMachineArn,
      ...(release.batchFunction === undefined ? {} : { BatchFunctionName: release.batchFunction.functionName }),
      ...(erasure === undefined ? {} : { ErasureFunctionName: erasure.function.functionName }),
    });
  }
}
