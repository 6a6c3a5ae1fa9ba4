import type { ResourceChange } from '../compare';
import type { Finding, Rule } from '../finding';
import { isRecord, valueAt } from '../values';
import { lowered, removed, switchedOff, watch } from './watch';

const ofProperties = watch('failures lost', [
  {
    type: 'AWS::Lambda::Function',
    property: 'DeadLetterConfig',
    level: 'danger',
    worse: removed('what fails for good is no longer put into its queue'),
  },
  {
    type: 'AWS::Lambda::EventInvokeConfig',
    property: 'DestinationConfig.OnFailure',
    level: 'danger',
    worse: removed('what fails for good is no longer sent to'),
  },
  {
    type: 'AWS::Lambda::EventInvokeConfig',
    property: 'MaximumRetryAttempts',
    level: 'look',
    worse: lowered('a failed event is tried again less often', 2),
  },
  {
    type: 'AWS::Events::Rule',
    property: 'Targets.*.DeadLetterConfig',
    level: 'danger',
    worse: removed('events that cannot be delivered are no longer kept in'),
  },
  {
    type: 'AWS::Events::Rule',
    property: 'State',
    level: 'danger',
    worse: ([before], [after]) =>
      after === 'DISABLED' && before !== after ? 'the rule is disabled: its events start nothing' : undefined,
  },
  {
    type: 'AWS::Scheduler::Schedule',
    property: 'State',
    level: 'danger',
    worse: ([before], [after]) =>
      after === 'DISABLED' && before !== after ? 'the schedule is disabled: it starts nothing' : undefined,
  },
  {
    type: 'AWS::Scheduler::Schedule',
    property: 'Target.DeadLetterConfig',
    level: 'danger',
    worse: removed('starts that cannot be delivered are no longer kept in'),
  },
  {
    type: /^AWS::(SNS::Subscription|SQS::Queue)$/,
    property: 'RedrivePolicy',
    level: 'danger',
    worse: removed('messages that cannot be delivered are no longer kept by'),
  },
  {
    type: 'AWS::SQS::Queue',
    property: 'MessageRetentionPeriod',
    level: 'look',
    worse: lowered('messages are kept for fewer seconds', 345600),
  },
  {
    type: 'AWS::Lambda::EventSourceMapping',
    property: 'Enabled',
    level: 'danger',
    worse: switchedOff('the function no longer reads its source'),
  },
]);

/** Failures and events that nobody gets any more: dead-letter queues, rules, schedules, and steps that forgive less. */
export const failures: Rule = change => [
  ...ofProperties(change),
  ...change.resources.flatMap(resource => [...lostTrigger(resource), ...bolderMachine(resource)]),
];

function lostTrigger({ type, impact, stack, logicalId }: ResourceChange): Finding[] {
  const says: Record<string, string> = {
    'AWS::Events::Rule': 'the rule is deleted: its events start nothing',
    'AWS::Scheduler::Schedule': 'the schedule is deleted: it starts nothing',
    'AWS::Lambda::EventInvokeConfig': 'what becomes of failed calls of the function is no longer said',
  };
  return impact === 'deleted' && type in says
    ? [{ topic: 'failures lost', level: 'danger', stack, logicalId, says: says[type] }]
    : [];
}

/** States of a machine that no longer try again, catch or end in time. */
function bolderMachine({ type, before, after, stack, logicalId }: ResourceChange): Finding[] {
  if (type !== 'AWS::StepFunctions::StateMachine' || before === undefined || after === undefined) {
    return [];
  }
  const old = statesOf(valueAt(before, 'DefinitionString') ?? valueAt(before, 'Definition'));
  const now = statesOf(valueAt(after, 'DefinitionString') ?? valueAt(after, 'Definition'));
  const finding = (level: Finding['level'], says: string): Finding => ({
    topic: 'release safety',
    level,
    stack,
    logicalId,
    says,
  });
  return [...old].flatMap(([name, state]) => {
    const next = now.get(name);
    if (next === undefined) {
      return [finding('look', `state '${name}' of the machine is gone`)];
    }
    return ['Catch', 'Retry', 'TimeoutSeconds', 'TimeoutSecondsPath', 'HeartbeatSeconds']
      .filter(guard => state[guard] !== undefined && next[guard] === undefined)
      .map(guard => finding('danger', `state '${name}' of the machine loses its \`${guard}\``));
  });
}

/** States by name, with those inside of maps and branches. */
function statesOf(definition: unknown): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isRecord(value)) {
      if (isRecord(value.States)) {
        for (const [name, state] of Object.entries(value.States)) {
          if (isRecord(state)) found.set(name, state);
        }
      }
      Object.values(value).forEach(visit);
    }
  };
  visit(definition);
  return found;
}
