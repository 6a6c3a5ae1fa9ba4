import { type Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { Problems } from './validation';
import { explainWildcards } from './wildcards';

/** Less often would leave half a release, or a red alarm, for longer than anybody wants to find it. */
const MAX_MINUTES = 60;

/** Settings of a schedule of a function. */
export interface FunctionScheduleProps {
  readonly description: string;
  readonly interval: Duration;
  readonly function: IFunction;
  /** Event that the function gets. */
  readonly event: object;
}

/** Calls a function again and again; a call that fails is not repeated, since the next one sees the same. */
export class FunctionSchedule extends Construct {
  constructor(scope: Construct, id: string, props: FunctionScheduleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    explainWildcards(role, {
      wildcard: ':*',
      actions: ['lambda:InvokeFunction'],
      reason: 'versions and aliases of this one function',
    });
    new Schedule(this, 'Resource', {
      description: props.description,
      schedule: ScheduleExpression.rate(props.interval),
      target: new LambdaInvoke(props.function, {
        role,
        input: ScheduleTargetInput.fromObject(props.event),
        retryAttempts: 0,
      }),
    });
  }
}

/** Notes an interval at which no schedule should look at all models. */
export function requireScheduleInterval(problems: Problems, property: string, interval: Duration): void {
  if (interval.isUnresolved()) return;
  const minutes = interval.toMinutes({ integral: false });
  problems.require(
    Number.isInteger(minutes) && minutes >= 1 && minutes <= MAX_MINUTES,
    `'${property}' is ${interval.toSeconds()} seconds, must be whole minutes, 1 to ${MAX_MINUTES}`,
  );
}
