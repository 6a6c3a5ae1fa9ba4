import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, type IAlarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { tellOn } from '../private/alarm-topic';
import { FunctionSchedule } from '../private/function-schedule';
import { resourcePrefix, settingsParameterName } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { allowReleaseMetrics, releaseMetric } from '../private/release-metrics';
import { SILENT_LOOKS, SilentAlarm } from '../private/silent-alarm';
import { explainWildcards } from '../private/wildcards';
import { ClusterAccessPurpose } from '../serving/kubernetes/cluster-access';
import type { IServingCluster } from '../serving/kubernetes/serving-cluster-props';
import { AT_ONCE } from '../private/alarm-at-once';
import { ClusterNetwork } from './cluster-network';
import { allowScaling } from './scaling-permissions';

/** A hundred models take seconds; more take longer, and the next look does what is left. */
const TIMEOUT = Duration.minutes(4);

/** Settings of the reconciler. */
export interface ReleaseReconcilerProps {
  readonly environmentName: string;
  readonly ledgerTable: ITableV2;
  readonly stateMachine: IStateMachine;
  readonly notificationTopic: ITopic;
  readonly interval: Duration;
  /** @default - no model serves on Kubernetes */
  readonly cluster?: IServingCluster;
}

/**
 * Looks at all models of an environment once in a while. What an execution that died left, it hands to the release
 * machine; what serves although no release made it, it tells to people and moves not.
 */
export class ReleaseReconciler extends Construct {
  public readonly function: IFunction;
  public readonly executionRole: IRole;
  public readonly driftAlarm: IAlarm;
  public readonly silentAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: ReleaseReconcilerProps) {
    super(scope, id);
    const { environmentName, ledgerTable, stateMachine, notificationTopic, interval, cluster } = props;
    const description = `Finishes what died, and finds what no release moved, in ${resourcePrefix(environmentName)}`;
    const network = cluster === undefined ? undefined : new ClusterNetwork(this, 'Network', { cluster, description });
    const reconciler = new PlatformFunction(this, 'Function', {
      handler: 'release-reconciler',
      description,
      timeout: TIMEOUT,
      network,
      environment: {
        ENVIRONMENT: environmentName,
        LEDGER_TABLE: ledgerTable.tableName,
        NOTIFICATION_TOPIC_ARN: notificationTopic.topicArn,
        RELEASE_MACHINE_ARN: stateMachine.stateMachineArn,
      },
    });
    this.function = reconciler;
    this.executionRole = reconciler.executionRole;
    network?.letIn(this.executionRole, environmentName, ClusterAccessPurpose.RELEASE);
    this.allow(reconciler, props);
    new FunctionSchedule(this, 'Schedule', {
      description: `Looks at all models of ${resourcePrefix(environmentName)}`,
      interval,
      function: reconciler,
      event: {},
    });
    reconciler.configureAsyncInvoke({ retryAttempts: 0 });

    const looks = { environmentName, period: interval };
    const driftAlarm = new Alarm(this, 'DriftAlarm', {
      ...AT_ONCE,
      alarmDescription: `A model of ${resourcePrefix(environmentName)} serves something else than was released: see the letter that names it, or the ledger's records`,
      metric: releaseMetric({ ...looks, metricName: 'DriftedModels', statistic: Stats.MAXIMUM }),
    });
    driftAlarm.addAlarmAction(tellOn(notificationTopic));
    this.driftAlarm = driftAlarm;
    this.silentAlarm = new SilentAlarm(this, 'SilentAlarm', {
      alarmDescription: `Not all models of ${resourcePrefix(environmentName)} could be looked at in ${SILENT_LOOKS} looks: what a release that dies leaves stays, and nobody is told of what no release moved; see the logs of the reconciler`,
      heartbeat: releaseMetric({ ...looks, metricName: 'ReconcilerHeartbeat', statistic: Stats.SUM }),
      notificationTopic,
    });
  }

  private allow(reconciler: PlatformFunction, props: ReleaseReconcilerProps): void {
    const { environmentName, ledgerTable, stateMachine, notificationTopic } = props;
    const stack = Stack.of(this);
    ledgerTable.grant(reconciler, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem');
    ledgerTable.encryptionKey?.grantEncryptDecrypt(reconciler);
    notificationTopic.grantPublish(reconciler);
    stateMachine.grantStartExecution(reconciler);
    const allowed = (action: string, resource: string): PolicyStatement =>
      new PolicyStatement({
        actions: [action],
        resources: [
          stack.formatArn({
            service: 'sagemaker',
            resource,
            resourceName: `${resourcePrefix(environmentName)}-*`,
          }),
        ],
      });
    reconciler.addToRolePolicy(allowed('sagemaker:DescribeEndpoint', 'endpoint'));
    reconciler.addToRolePolicy(allowed('sagemaker:DescribeEndpointConfig', 'endpoint-config'));
    // the end of a warm standby, and scaling by the settings of today
    reconciler.addToRolePolicy(allowed('sagemaker:UpdateEndpointWeightsAndCapacities', 'endpoint'));
    allowScaling(reconciler, environmentName);
    reconciler.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [
          stack.formatArn({
            service: 'ssm',
            resource: 'parameter',
            resourceName: settingsParameterName(environmentName, '*', 'serving').slice(1),
          }),
        ],
      }),
    );
    allowReleaseMetrics(reconciler);
    explainWildcards(
      reconciler,
      {
        wildcard: `/${resourcePrefix(environmentName)}-*`,
        reason: "names of this environment's endpoints and configs; they are made while it runs",
      },
      { wildcard: `/mlops/${environmentName}/*/`, reason: 'settings of the models, which other stacks make' },
    );
  }
}
