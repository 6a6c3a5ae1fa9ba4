import { releaseInput } from '../../../lambda/shared/contracts';
import { Commands } from '../../../lambda/shared/release-commands';

const EXECUTION = 'arn:aws:states:eu-west-1:123456789012:execution:releases:approval-1';
const commands = Commands.ofExecution(EXECUTION, 'prod');

test.each([
  [commands.release('rain', '3'), 'release rain 3', { action: 'release', version: '3' }],
  [commands.rollback('rain', '1', '2'), 'rollback rain --to 1', { action: 'rollback', version: '1', from: '2' }],
  [commands.liftQuarantine('rain', '2'), 'lift-quarantine rain 2', { action: 'lift-quarantine', version: '2' }],
  [commands.hold('rain'), 'hold rain', { action: 'hold' }],
  [commands.resume('rain'), 'resume rain', { action: 'resume' }],
])(
  'what a person may ask for stands there by mlops and by the AWS CLI, in the words of the contract',
  (text, words, request) => {
    const [, mlops, , aws] = text.split('\n');
    expect(mlops).toBe(`    npx mlops ${words} --environment prod --reason 'WHY'`);
    const [, machine, input = ''] =
      /^ {4}aws stepfunctions start-execution --state-machine-arn (\S+) --input '(.*)'$/.exec(aws ?? '') ?? [];
    expect(machine).toBe('arn:aws:states:eu-west-1:123456789012:stateMachine:releases');
    expect(releaseInput.parse(JSON.parse(input))).toMatchObject({ model: 'rain', ...request });
  },
);

test('looking needs no reason', () => {
  expect(commands.status('rain')).toBe('\n    npx mlops status rain --environment prod');
  expect(commands.explain('approval-1', EXECUTION)).toBe(
    `\n    npx mlops explain approval-1 --environment prod\n  or\n    aws stepfunctions describe-execution --execution-arn ${EXECUTION}`,
  );
});
