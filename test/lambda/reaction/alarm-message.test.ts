import { parseAlarmMessage } from '../../../lambda/reaction/alarm-message';

const MESSAGE = {
  AlarmName: 'rain-quality',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:rain-quality',
  NewStateValue: 'ALARM',
  OldStateValue: 'OK',
  StateChangeTime: '2026-11-24T03:04:05.678+0000',
  Trigger: {
    MetricName: 'QualityDelta',
    Dimensions: [
      { value: 'rain', name: 'Model' },
      { value: 'dev', name: 'Environment' },
    ],
  },
};
const parse = (changes: object = {}): ReturnType<typeof parseAlarmMessage> =>
  parseAlarmMessage(JSON.stringify({ ...MESSAGE, ...changes }));

test('reads what CloudWatch writes', () => {
  expect(parse()).toMatchObject({
    alarmName: 'rain-quality',
    model: 'rain',
    state: 'ALARM',
    at: '2026-11-24T03:04:05.678Z',
  });
});

test('the id is that of the transition, and fits the name of an execution', () => {
  expect(parse().id).toMatch(/^alarm-[0-9a-f]{32}$/);
  expect(parse({ NewStateReason: 'told in other words' }).id).toBe(parse().id);
  expect(parse({ StateChangeTime: '2026-11-24T03:04:05.679+0000' }).id).not.toBe(parse().id);
  expect(parse({ AlarmArn: `${MESSAGE.AlarmArn}-2` }).id).not.toBe(parse().id);
});

test('fails for an alarm of something else', () => {
  expect(() => parse({ Trigger: { Dimensions: [] } })).toThrow("alarm 'rain-quality' has no dimension 'Model'");
});
