import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarm, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
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
import { explainWildcards } from '../private/wildcards';
import { ClusterAccessPurpose } from '../serving/kubernetes/cluster-access';
import type { IServingCluster } from '../serving/kubernetes/serving-cluster-props';
import { AT_ONCE } from './alarm-at-once';
import { ClusterNetwork } from './cluster-network';
import { allowScaling } from './scaling-permissions';

/** Namespace of the release machinery's metrics; `RELEASE_METRIC_NAMESPACE` of `lambda/shared/contracts.ts`, as a test holds. */
export const RELEASE_METRIC_NAMESPACE = 'MLOps/Release';

/** A hundred models take seconds; more take longer, and the next look does what is left. */
const TIMEOUT = Duration.minutes(4);

/** Looks without a heartbeat after which people are told. */
const SILENT_LOOKS = 3;

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

    const metric = (metricName: string, statistic: string): Metric =>
      new Metric({
        namespace: RELEASE_METRIC_NAMESPACE,
        metricName,
        statistic,
        period: interval,
        dimensionsMap: { Environment: environmentName },
      });
    const driftAlarm = new Alarm(this, 'DriftAlarm', {
      ...AT_ONCE,
      alarmDescription: `A model of ${resourcePrefix(environmentName)} serves something else than was released: see the letter that names it, or the ledger's records`,
      metric: metric('DriftedModels', Stats.MAXIMUM),
    });
    const silentAlarm = new Alarm(this, 'SilentAlarm', {
      threshold: 1,
      alarmDescription: `Not all models of ${resourcePrefix(environmentName)} could be looked at in ${SILENT_LOOKS} looks: what a release that dies leaves stays, and nobody is told of what no release moved; see the logs of the reconciler`,
      metric: metric('ReconcilerHeartbeat', Stats.SUM),
      evaluationPeriods: SILENT_LOOKS,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
    for (const alarm of [driftAlarm, silentAlarm]) alarm.addAlarmAction(tellOn(notificationTopic));
    this.driftAlarm = driftAlarm;
    this.silentAlarm = silentAlarm;
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
    reconciler.addToRolePolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': RELEASE_METRIC_NAMESPACE } },
      }),
    );
    explainWildcards(
      reconciler,
      {
        wildcard: `/${resourcePrefix(environmentName)}-*`,
        reason: "names of this environment's endpoints and configs; they are made while it runs",
      },
      { wildcard: `/mlops/${environmentName}/*/`, reason: 'settings of the models, which other stacks make' },
      {
        wildcard: '*',
        actions: ['cloudwatch:PutMetricData'],
        reason: 'a metric is no resource; the namespace is named',
      },
    );
  }
}
