import { Duration } from 'aws-cdk-lib';
import { ShiftPolicy } from '../../../constructs/serving/shift-policy';

describe('ShiftPolicy', () => {
  test('all at once bakes five minutes by default, and ends half an hour after', () => {
    const policy = ShiftPolicy.allAtOnce();
    expect(policy.type).toBe('ALL_AT_ONCE');
    expect(policy.waitTime.toSeconds()).toBe(300);
    expect(policy.terminationWait.toSeconds()).toBe(0);
    expect(policy.maxExecution.toSeconds()).toBe(2100);
  });

  test('a canary waits twice, and the time limit knows it', () => {
    const policy = ShiftPolicy.canary({ percent: 10, bakeTime: Duration.minutes(30) });
    expect(policy).toMatchObject({ type: 'CANARY', stepPercent: 10 });
    expect(policy.maxExecution.toMinutes()).toBe(90);
  });

  test('linear steps wait after each', () => {
    const policy = ShiftPolicy.linear({ percent: 30, interval: Duration.minutes(10) });
    expect(policy).toMatchObject({ type: 'LINEAR', stepPercent: 30 });
    expect(policy.maxExecution.toMinutes()).toBe(70);
    expect(ShiftPolicy.linear()).toMatchObject({ stepPercent: 25 });
  });

  test.each([
    [
      'canary of more than half',
      () => ShiftPolicy.canary({ percent: 51 }),
      "'percent' is 51, must be a whole number from 1 to 50",
    ],
    ['canary of nothing', () => ShiftPolicy.canary({ percent: 0 }), "'percent' is 0, must be"],
    [
      'steps too small',
      () => ShiftPolicy.linear({ percent: 5 }),
      "'percent' is 5, must be a whole number from 10 to 50",
    ],
    ['a part of a percent', () => ShiftPolicy.canary({ percent: 2.5 }), "'percent' is 2.5, must be a whole number"],
    [
      'a wait that SageMaker does not take',
      () => ShiftPolicy.canary({ percent: 10, bakeTime: Duration.hours(2) }),
      'wait between steps is 2 hours, must be at most 1 hour',
    ],
    [
      'a termination wait that SageMaker does not take',
      () => ShiftPolicy.allAtOnce({ terminationWait: Duration.hours(2) }),
      "'terminationWait' is 2 hours, must be at most 1 hour",
    ],
    [
      'a time limit under ten minutes',
      () => ShiftPolicy.allAtOnce({ maxExecution: Duration.minutes(5) }),
      "'maxExecution' is 5 minutes, must be at least 10 minutes",
    ],
    [
      'a time limit over eight hours',
      () => ShiftPolicy.allAtOnce({ maxExecution: Duration.hours(9) }),
      "'maxExecution' is 9 hours, must be at most 8 hours",
    ],
    [
      'a time limit that the waits alone use up',
      () => ShiftPolicy.canary({ percent: 10, bakeTime: Duration.minutes(30), maxExecution: Duration.hours(1) }),
      "'maxExecution' (3600s) must be longer than all waits of the policy (3600s)",
    ],
    [
      'waits that no time limit has room for',
      () => ShiftPolicy.linear({ percent: 10, interval: Duration.hours(1) }),
      "'maxExecution' (28800s) must be longer than all waits of the policy (36000s)",
    ],
  ])('fails on a %s', (_case, make, message) => {
    expect(make).toThrow(message);
  });
});
