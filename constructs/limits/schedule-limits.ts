import { scheduleProblem, timeZoneProblem } from '../private/schedule-rules';
import { type Finding, type Limit, resourcesOf, type Template } from './template';

/** Schedules that EventBridge Scheduler would refuse. */
export const scheduleLimits: readonly Limit[] = [{ name: 'schedule-expression', findings: badSchedules }];

function badSchedules(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Scheduler::Schedule').flatMap(([logicalId, properties]) => [
    ...finding(logicalId, 'ScheduleExpression', properties.ScheduleExpression, scheduleProblem),
    ...finding(logicalId, 'ScheduleExpressionTimezone', properties.ScheduleExpressionTimezone, timeZoneProblem),
  ]);
}

function finding(
  logicalId: string,
  property: string,
  value: unknown,
  problem: (text: string) => string | undefined,
): Finding[] {
  const found = typeof value === 'string' ? problem(value) : undefined;
  return found === undefined
    ? []
    : [{ logicalId, location: `Properties/${property}`, message: `'${property}' is '${value as string}', ${found}` }];
}
