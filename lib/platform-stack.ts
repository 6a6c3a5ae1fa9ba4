import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  type IDataLake,
  type IMonitorController,
  type IPipelineController,
  type IReactionController,
  type IReleaseController,
  MonitorController,
  PipelineController,
  ReactionController,
  ReleaseController,
} from '../constructs';
import type { Environment } from './config/environment';
import { dataRemoval } from './data-removal';
import { optional } from './optional';
import { addOutputs } from './outputs';

/** Settings of the platform stack. */
export interface PlatformStackProps extends StackProps {
  readonly environment: Environment;
  readonly lake: IDataLake;
}

/** The machinery that all models of an environment share: adding a model adds nothing here. */
export class PlatformStack extends Stack {
  public readonly release: IReleaseController;
  public readonly pipeline: IPipelineController;
  public readonly monitor: IMonitorController;
  public readonly reaction: IReactionController;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    const { environment, lake } = props;
    const environmentName = environment.name;
    const lookInterval = optional(environment.releases.reconcileMinutes, minutes => Duration.minutes(minutes));

    this.release = new ReleaseController(this, 'Release', {
      ...dataRemoval(environment),
      environmentName,
      artifactBucket: lake.artifactBucket,
      // it reads inference logs only where some model's versions shadow
      shadowDataLake: environment.models.some(({ serving }) => serving.shadow !== undefined) ? lake : undefined,
      encryptionKey: lake.encryptionKey,
      emailAddresses: environment.notifications.emails,
      slackChannels: environment.notifications.slack,
      teamsChannels: environment.notifications.teams,
      pollInterval: optional(environment.releases.pollSeconds, seconds => Duration.seconds(seconds)),
      reconcileInterval: lookInterval,
    });
    const { ledgerTable, notificationTopic } = this.release;

    this.pipeline = new PipelineController(this, 'Pipeline', {
      ...dataRemoval(environment),
      environmentName,
      dataLake: lake,
      ledgerTable,
      notificationTopic,
    });
    this.monitor = new MonitorController(this, 'Monitor', {
      environmentName,
      dataLake: lake,
      ledgerTable,
      notificationTopic,
    });
    this.reaction = new ReactionController(this, 'Reaction', {
      environmentName,
      ledgerTable,
      notificationTopic,
      releaseStateMachine: this.release.stateMachine,
      pipelineStateMachine: this.pipeline.stateMachine,
      sweepInterval: lookInterval,
    });
    addOutputs(this, {
      LedgerTableName: ledgerTable.tableName,
      NotificationTopicArn: notificationTopic.topicArn,
      PipelineStateMachineArn: this.pipeline.stateMachine.stateMachineArn,
      ReleaseStateMachineArn: this.release.stateMachine.stateMachineArn,
      MonitorStateMachineArn: this.monitor.stateMachine.stateMachineArn,
    });
  }
}
