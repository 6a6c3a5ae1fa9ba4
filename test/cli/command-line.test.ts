import { readCommandLine } from '../../cli/command-line';
import { usage } from '../../cli/usage';

const NOW = new Date('2026-11-27T03:30:00.000Z');
const read = (line: string, variables: Record<string, string | undefined> = { MLOPS_ENVIRONMENT: 'prod' }) =>
  readCommandLine(line === '' ? [] : line.split(' '), variables, NOW);

describe('what was typed', () => {
  test('takes the environment from the variable, and the option before it', () => {
    expect(read('status')).toMatchObject({
      command: 'status',
      environmentName: 'prod',
      stackName: 'mlops-prod-platform',
    });
    expect(read('status rain --environment dev')).toMatchObject({
      model: 'rain',
      environmentName: 'dev',
      stackName: 'mlops-dev-platform',
    });
    expect(read('status --stack Platform')).toMatchObject({ stackName: 'Platform', json: false });
  });

  test('asks for what is written', () => {
    expect(read('release rain 3 --reason better --no-wait --json')).toMatchObject({
      command: 'release',
      model: 'rain',
      version: '3',
      reason: 'better',
      wait: false,
      json: true,
    });
    expect(read('release rain 3 --reason mends')).toMatchObject({ withoutShadow: false });
    expect(read('release rain 3 --reason mends --without-shadow')).toMatchObject({ withoutShadow: true });
    expect(read('rollback rain --reason wrong')).toMatchObject({ to: undefined, wait: true });
    expect(read('rollback rain --to 1 --reason wrong')).toMatchObject({ to: '1' });
    expect(read('resume rain --reason over')).toMatchObject({ command: 'resume', model: 'rain' });
    expect(read('sleep rain --reason over')).toMatchObject({ command: 'sleep', model: 'rain', wait: true });
    expect(read('wake rain --reason morning')).toMatchObject({ command: 'wake', model: 'rain' });
    expect(read('lift-quarantine rain 2 --reason fine')).toMatchObject({ version: '2' });
    expect(read('history rain')).toMatchObject({ limit: 20 });
    expect(read('history rain --limit 5')).toMatchObject({ limit: 5 });
    expect(read('history rain --all')).toMatchObject({ limit: 'all' });
    expect(read('audit rain')).toMatchObject({ command: 'audit', model: 'rain', since: undefined });
    expect(read('audit rain --since 30d')).toMatchObject({ since: '2026-10-28T03:30:00.000Z' });
    expect(read('audit rain --since 2026-11-01T00:00:00Z')).toMatchObject({ since: '2026-11-01T00:00:00.000Z' });
    expect(() => read('audit rain --since yesterday')).toThrow(/'--since' must be a length such as .* got 'yesterday'/);
    expect(read('explain approval-1 --model rain')).toMatchObject({ id: 'approval-1', model: 'rain' });
    expect(read('batch rain --input s3://a/in/ --output s3://a/out/ --version 2 --request-id one')).toMatchObject({
      command: 'batch',
      model: 'rain',
      asked: { input: 's3://a/in/', output: 's3://a/out/', version: '2', requestId: 'one' },
    });
    const commit = '0123456789abcdef0123456789abcdef01234567';
    expect(read(`train rain --commit ${commit}`)).toMatchObject({ command: 'train', model: 'rain', commit });
    expect(read('train rain --reason labels')).toMatchObject({ commit: undefined, reason: 'labels' });
    expect(read('erase rain --subject ada --requests ids.txt --dry-run')).toMatchObject({
      command: 'erase',
      subject: 'ada',
      requestsFile: 'ids.txt',
      reason: undefined,
      dryRun: true,
    });
    expect(read('erase rain --subject - --reason request-17')).toMatchObject({ subject: '-', dryRun: false });
    expect(read('batch rain --job rain-batch-0123456789ab')).toMatchObject({
      asked: { job: 'rain-batch-0123456789ab' },
    });
  });

  test.each([
    ['8h', '2026-11-27T11:30:00.000Z'],
    ['30m', '2026-11-27T04:00:00.000Z'],
    ['2d', '2026-11-29T03:30:00.000Z'],
    ['2026-12-01T08:00:00+01:00', '2026-12-01T07:00:00.000Z'],
    ['2026-12-01T08:00Z', '2026-12-01T08:00:00.000Z'],
  ])('holds until %s', (text, until) => {
    expect(read(`hold rain --reason season --until ${text}`)).toMatchObject({ until });
  });

  test.each(['', 'help', '--help', '-h'])("'%s' asks for help", line => {
    expect(read(line, {})).toEqual({ command: 'help' });
  });

  test('help about one command needs nothing else', () => {
    expect(read('rollback --help', {})).toEqual({ command: 'help', about: 'rollback' });
  });
});

describe('what is wrong', () => {
  test.each([
    ['stat', "command must be one of 'status', 'history'"],
    ['history', "arguments of 'history' must be MODEL, got none"],
    ['release rain', "arguments of 'release' must be MODEL VERSION, got 'rain'"],
    ['status rain churn', "arguments of 'status' must be [MODEL], got 'rain', 'churn'"],
    ['release rain v3 --reason x', "'VERSION' must be the whole number of a version in the registry, e.g. 2, got 'v3'"],
    ['rollback rain --to 0 --reason x', "'--to' must be the whole number"],
    ['release rain 3', "'--reason' must be given to 'release', got none"],
    ['resume rain', "'--reason' must be given to 'resume', got none"],
    ['release rain 3 --reason=', "'--reason' must not be empty"],
    ['hold rain --untill 8h --reason x', "unknown option '--untill'; 'hold' takes '--environment'"],
    ['hold rain --until tomorrow --reason x', "'--until' must be a length such as '30m'"],
    ['hold rain --until 2026-12-01T08:00:00 --reason x', 'or a time with its zone'],
    ['hold rain --until 2026-13-41T08:00:00Z --reason x', "'--until' must be a length"],
    ['hold rain --until 2026-11-27T03:00:00Z --reason x', "'--until' must be in the future"],
    ['batch rain', "'--input' and '--output' must be given to begin a batch, got none"],
    ['batch rain --input s3://a/in/', "'--input' and '--output' must be given to begin a batch, got only 's3://a/in/'"],
    ['batch rain --job rain-batch-1 --version 2', "'--job' tells how a batch goes and takes nothing beside it"],
    ['batch rain --input s3://a/in/ --output s3://a/out/ --version x', "'--version' must be the whole number"],
    ['erase rain', "'--subject' must be given to 'erase', got none"],
    ['train rain', "'--commit' or '--reason' must be given to 'train', got none"],
    ['train rain --commit 0123abc', "'--commit' must be the whole hash of a commit in lower case"],
    ['history rain --limit 0', "'--limit' must be a whole number from 1 to 9999, got '0'"],
    ['history rain --all --limit 5', "'--all' and '--limit' exclude each other, leave one out"],
    ['status --no-wait', "unknown option '--no-wait'"],
  ])("'%s' is refused by name, value and what is allowed", (line, message) => {
    expect(() => read(line)).toThrow(message);
  });

  test('no environment is refused with both ways to name one', () => {
    for (const variables of [{}, { MLOPS_ENVIRONMENT: '' }]) {
      expect(() => read('status', variables)).toThrow(
        "environment must be named, got none: give '--environment NAME' or set MLOPS_ENVIRONMENT",
      );
    }
  });
});

test('help tells every command, its options and the exit codes', () => {
  expect(usage()).toMatch(/status \[MODEL\].*history MODEL.*explain RELEASE-ID.*exit codes: 0 done, 1 .*, 2 /s);
  expect(usage('hold')).toMatch(/^usage: npx mlops hold MODEL \[options\]\n\n.*--until WHEN.*--reason 'TEXT'/s);
});
