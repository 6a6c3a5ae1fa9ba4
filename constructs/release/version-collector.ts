import { Duration, Stack } from 'aws-cdk-lib';
import { type IAlarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { FunctionSchedule } from '../private/function-schedule';
import { resourcePrefix, settingsParameterName } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { allowReleaseMetrics, releaseMetric } from '../private/release-metrics';
import { SILENT_LOOKS, SilentAlarm } from '../private/silent-alarm';
import { explainWildcards } from '../private/wildcards';
import { ClusterAccessPurpose } from '../serving/kubernetes/cluster-access';
import type { IServingCluster } from '../serving/kubernetes/serving-cluster-props';
import { ClusterNetwork } from './cluster-network';

/** A hundred models take seconds; more take longer, and the next look does what is left. */
const TIMEOUT = Duration.minutes(4);

/** Settings of the collector. */
export interface VersionCollectorProps {
  readonly environmentName: string;
  readonly ledgerTable: ITableV2;
  readonly cluster: IServingCluster;
  readonly notificationTopic: ITopic;
  readonly interval: Duration;
}

/**
 * Removes from a cluster what releases gave up. A function of its own, because it is the only one that may delete there,
 * and may make nothing.
 */
export class VersionCollector extends Construct {
  public readonly function: IFunction;
  public readonly silentAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: VersionCollectorProps) {
    super(scope, id);
    const { environmentName, ledgerTable, cluster, notificationTopic, interval } = props;
    const description = `Removes versions that are no longer needed from ${resourcePrefix(environmentName)}`;
    const network = new ClusterNetwork(this, 'Network', { cluster, description });
    const collector = new PlatformFunction(this, 'Function', {
      handler: 'version-collector',
      description,
      timeout: TIMEOUT,
      network,
      environment: { ENVIRONMENT: environmentName, LEDGER_TABLE: ledgerTable.tableName },
    });
    this.function = collector;
    ledgerTable.grant(collector, 'dynamodb:GetItem', 'dynamodb:Query');
    ledgerTable.encryptionKey?.grantDecrypt(collector);
    collector.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [
          Stack.of(this).formatArn({
            service: 'ssm',
            resource: 'parameter',
            resourceName: settingsParameterName(environmentName, '*', 'serving').slice(1),
          }),
        ],
      }),
    );
    explainWildcards(collector, {
      wildcard: `/mlops/${environmentName}/*/`,
      reason: 'settings of the models, which other stacks make',
    });
    network.letIn(collector.executionRole, environmentName, ClusterAccessPurpose.COLLECTION);
    new FunctionSchedule(this, 'Schedule', {
      description,
      interval,
      function: collector,
      event: {},
    });
    collector.configureAsyncInvoke({ retryAttempts: 0 });
    allowReleaseMetrics(collector);
    this.silentAlarm = new SilentAlarm(this, 'SilentAlarm', {
      alarmDescription: `Versions that no release needs could not be removed from all models of ${resourcePrefix(environmentName)} on EKS in ${SILENT_LOOKS} looks: they keep their pods, until the quota of a model stops its next release; see the logs of the collector`,
      heartbeat: releaseMetric({
        environmentName,
        metricName: 'CollectorHeartbeat',
        statistic: Stats.SUM,
        period: interval,
      }),
      notificationTopic,
    });
  }
}
