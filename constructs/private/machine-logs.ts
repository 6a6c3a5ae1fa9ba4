import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, LogGroup, MetricFilter, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

const MAX_UNIQUE_PART = 200;
/** Not the models' namespace: nothing reacts to these but people. */
const METRIC_NAMESPACE = 'MLOps/Machines';

/** Settings of the log group of a state machine. */
export interface MachineLogsProps {
  readonly retention: RetentionDays;
}

/**
 * Log group of a state machine.
 *
 * Under its prefix the service needs no entry of its own in a resource policy of CloudWatch Logs, of which an account
 * has ten with 5,120 characters each.
 */
export class MachineLogs extends LogGroup {
  private readonly uniqueName: string;

  constructor(scope: Construct, id: string, props: MachineLogsProps) {
    const name = Names.uniqueResourceName(scope, {
      maxLength: MAX_UNIQUE_PART,
      separator: '-',
      allowedSpecialCharacters: '-_',
    });
    super(scope, id, {
      logGroupName: `/aws/vendedlogs/states/${name}`,
      retention: props.retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.uniqueName = name;
  }

  /**
   * Executions that failed by any other error than these, which end them once people were told. Counted from the log:
   * the service's own metric counts what was told as well.
   */
  public metricUntoldFailures(toldErrors: string[]): Metric {
    const filter = new MetricFilter(this, 'UntoldFailures', {
      logGroup: this,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.type', '=', 'ExecutionFailed'),
        ...toldErrors.map(error => FilterPattern.stringValue('$.details.error', '!=', error)),
      ),
      metricNamespace: METRIC_NAMESPACE,
      // without dimensions, so that the name has to tell one machine from another
      metricName: `${this.uniqueName}-UntoldFailures`,
    });
    return filter.metric({ statistic: Stats.SUM, period: Duration.minutes(5) });
  }
}
