import { Names, RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

const MAX_UNIQUE_PART = 200;

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
  }
}
