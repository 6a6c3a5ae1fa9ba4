import { Duration } from 'aws-cdk-lib';
import { type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { releaseMetric, servingInstancesMetric } from '../private/release-metrics';
import { type DashboardModel, ServingTarget } from './dashboard-model';
import type { EnvironmentDashboardProps } from './environment-dashboard-props';
import { graph } from './widgets';

const PERIOD = Duration.minutes(5);
/** Billing tells a few times a day. */
const CHARGES_PERIOD = Duration.hours(6);
/** Where the billing metrics of all regions are. */
const CHARGES_REGION = 'us-east-1';

/** What the shared state machines do, how long they take, and whether what looks at all models does so. */
export function machines(props: EnvironmentDashboardProps): IWidget[][] {
  const { releaseStateMachine: releases, pipelineStateMachine: pipelines, monitorStateMachine: monitors } = props;
  return [
    [outcomes('Releases and rollbacks', releases), durations('Time of a release', releases), looks(props)],
    [
      outcomes('Training pipelines', pipelines),
      durations('Time of a training', pipelines),
      outcomes('Monitors', monitors),
    ],
  ];
}

/** What could not be worked off after all retries. */
export function lostEvents(queues: Record<string, IQueue> = {}): IWidget[] {
  const metrics = Object.entries(queues).map(([label, queue]) =>
    queue.metricApproximateNumberOfMessagesVisible({ label, statistic: Stats.MAXIMUM, period: PERIOD }),
  );
  return metrics.length === 0 ? [] : [graph({ title: 'Lost events', unit: 'messages in the queue', min: 0, metrics })];
}

/** What of the bill is a metric: how much runs and is scanned. Of money by model CloudWatch has none. */
export function costs(props: EnvironmentDashboardProps): IWidget[] {
  const { workgroupName, accountCharges } = props;
  const onInstances = props.models.filter(({ target }) => target !== ServingTarget.EKS);
  return [
    ...(onInstances.length === 0 ? [] : [instances(props.environmentName, onInstances)]),
    ...(workgroupName === undefined ? [] : [scanned(workgroupName)]),
    ...(accountCharges === true ? [charges()] : []),
  ];
}

function outcomes(title: string, machine: IStateMachine): IWidget {
  const options = { statistic: Stats.SUM, period: PERIOD };
  return graph({
    title,
    unit: 'executions',
    min: 0,
    metrics: [
      machine.metricStarted({ ...options, label: 'started' }),
      machine.metricSucceeded({ ...options, label: 'ended well or refused' }),
      machine.metricFailed({ ...options, label: 'failed' }),
      machine.metricTimedOut({ ...options, label: 'timed out' }),
      machine.metricAborted({ ...options, label: 'aborted' }),
    ],
  });
}

function durations(title: string, machine: IStateMachine): IWidget {
  return graph({
    title,
    unit: 'milliseconds',
    min: 0,
    metrics: [
      machine.metricTime({ statistic: Stats.AVERAGE, period: PERIOD, label: 'average' }),
      machine.metricTime({ statistic: Stats.MAXIMUM, period: PERIOD, label: 'longest' }),
    ],
  });
}

function looks({ environmentName, models }: EnvironmentDashboardProps): IWidget {
  const metric = (metricName: string, statistic: string, label: string): Metric =>
    releaseMetric({ environmentName, metricName, statistic, period: PERIOD }).with({ label });
  return graph({
    title: 'Looks at all models',
    unit: 'looks',
    min: 0,
    metrics: [
      metric('ReconcilerHeartbeat', Stats.SUM, 'reconciler'),
      metric('SweepHeartbeat', Stats.SUM, 'sweep of red alarms'),
      ...(models.some(({ target }) => target === ServingTarget.EKS)
        ? [metric('CollectorHeartbeat', Stats.SUM, 'collector of versions')]
        : []),
    ],
    right: {
      unit: 'models that serve something else than was released',
      metrics: [metric('DriftedModels', Stats.MAXIMUM, 'models off the ledger')],
    },
  });
}

function instances(environmentName: string, models: DashboardModel[]): IWidget {
  return graph({
    title: 'Instances that run',
    unit: 'instances, each billed by the hour',
    min: 0,
    metrics: models.map(({ modelName }) => servingInstancesMetric(environmentName, modelName, { label: modelName })),
  });
}

function scanned(workgroupName: string): IWidget {
  return graph({
    title: 'Scanned by queries, which is what Athena bills',
    unit: 'bytes',
    min: 0,
    metrics: [
      new Metric({
        namespace: 'AWS/Athena',
        metricName: 'ProcessedBytes',
        dimensionsMap: { WorkGroup: workgroupName, QueryType: 'DML', QueryState: 'SUCCEEDED' },
        statistic: Stats.SUM,
        period: PERIOD,
        label: 'scanned',
      }),
    ],
  });
}

function charges(): IWidget {
  const metric = (label: string, dimensions: Record<string, string>): Metric =>
    new Metric({
      namespace: 'AWS/Billing',
      metricName: 'EstimatedCharges',
      dimensionsMap: { Currency: 'USD', ...dimensions },
      region: CHARGES_REGION,
      statistic: Stats.MAXIMUM,
      period: CHARGES_PERIOD,
      label,
    });
  return graph({
    title: 'Charges of this account since the first of the month, all environments in it',
    unit: 'US dollars',
    min: 0,
    metrics: [metric('all services', {}), metric('SageMaker', { ServiceName: 'AmazonSageMaker' })],
  });
}
