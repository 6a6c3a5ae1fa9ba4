import { Duration, Stack, type TimeZone } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from '../../private/dead-letter-queue';
import type { NodeHours } from './node-hours';

/** While EKS cannot be reached or asks for patience; shorter than any night, or nodes would go when it is over. */
const RETRIED_FOR = Duration.minutes(30);
/**
 * The least that EKS takes: should the Cluster Autoscaler start a node for pods that lost theirs before it loses its own, it
 * is one.
 *
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html
 */
const LEAST_MAX_SIZE = 1;

/** A group and its sizes in the hours. */
export interface ScheduledGroup {
  /** Which of the groups it is. */
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** What is scaled, and when. */
export interface NodeSchedulesProps {
  readonly clusterName: string;
  readonly groups: ScheduledGroup[];
  readonly hours: NodeHours;
  readonly timeZone: TimeZone;
}

/**
 * Leaves a cluster's groups without a node outside of its models' hours. The schedules call EKS
 * themselves; what they could not do lies with its reason in a queue.
 */
export class NodeSchedules extends Construct {
  /** Where calls lie that could not be made. */
  public readonly deadLetterQueue: IQueue;

  constructor(scope: Construct, id: string, props: NodeSchedulesProps) {
    super(scope, id);
    const { clusterName, hours, timeZone } = props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue');
    for (const { id: groupId, name, arn, minNodes, maxNodes } of props.groups) {
      const resized = (event: string, cron: string, scaling: Scaling) =>
        new Schedule(this, `${groupId}${event}`, {
          description: `${event} of the hours in which models on ${clusterName} are up`,
          schedule: ScheduleExpression.expression(cron, timeZone),
          target: new Universal({
            service: 'eks',
            action: 'updateNodegroupConfig',
            // EventBridge Scheduler writes the names of an operation's members with a capital, whatever the operation does
            input: ScheduleTargetInput.fromObject({
              ClusterName: clusterName,
              NodegroupName: name,
              ScalingConfig: scaling,
            }),
            role,
            policyStatements: [new PolicyStatement({ actions: ['eks:UpdateNodegroupConfig'], resources: [arn] })],
            deadLetterQueue: this.deadLetterQueue,
            maxEventAge: RETRIED_FOR,
          }),
        });
      // the autoscaler starts nodes of the others when it is there again
      if (minNodes > 0) resized('Begin', hours.begin, { MinSize: minNodes, DesiredSize: minNodes, MaxSize: maxNodes });
      // and nobody ends them when it is gone
      resized('End', hours.end, { MinSize: 0, DesiredSize: 0, MaxSize: minNodes > 0 ? LEAST_MAX_SIZE : maxNodes });
    }
  }
}

/** `ScalingConfig` of the call. */
interface Scaling {
  readonly MinSize: number;
  readonly DesiredSize: number;
  readonly MaxSize: number;
}
