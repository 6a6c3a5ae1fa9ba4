import { batch } from '../../../cli/commands/batch';
import { NotThereError } from '../../../cli/errors';
import type { BatchLine } from '../../../cli/commands/batch';
import type { Batch } from '../../../lambda/shared/batch-contract';
import { MemoryPlatform } from '../support/memory-platform';

const COMMON = { command: 'batch', environmentName: 'prod', stackName: 'mlops-prod-platform', json: false } as const;
const BEGIN = { input: 's3://lake/rain/in/', output: 's3://lake/rain/out/' };
const KNOWN: Batch = {
  job: 'rain-batch-0123456789ab',
  namespace: 'mlops-prod-rain',
  model: 'rain',
  version: '2',
  inputUri: BEGIN.input,
  outputUri: BEGIN.output,
  requestedBy: 'ann',
  state: 'active',
  detail: '1 of 4 parts done, 3 at work',
  startedAt: '2026-11-27T03:20:00.000Z',
};

let platform: MemoryPlatform;
beforeEach(() => {
  platform = new MemoryPlatform({ rain: {} });
});

function ask(asked: BatchLine['asked'], model = 'rain') {
  return batch(platform, { ...COMMON, model, asked });
}

describe('a batch that begins', () => {
  test('is asked for in the name of the caller, each time as another one', async () => {
    platform.batchAnswer = { outcome: 'started', batch: KNOWN };

    const { text, done, data } = await ask({ ...BEGIN, version: '2' });
    await ask(BEGIN);

    expect(platform.batchesAsked).toMatchObject([
      {
        action: 'start',
        model: 'rain',
        inputUri: 's3://lake/rain/in/',
        outputUri: 's3://lake/rain/out/',
        version: '2',
        requestedBy: 'arn:aws:sts::123456789012:assumed-role/OnCall/ann',
      },
      { version: undefined },
    ]);
    const ids = platform.batchesAsked.map(request => (request.action === 'start' ? request.requestId : ''));
    expect(new Set(ids).size).toBe(2);
    expect(done).toBe(true);
    expect(data).toEqual({ outcome: 'started', ...KNOWN });
    expect(text).toContain('the batch begins');
    expect(text).toContain('how it goes: npx mlops batch rain --job rain-batch-0123456789ab --environment prod');
  });

  test('has the id that was given, and says when it is no new one', async () => {
    platform.batchAnswer = { outcome: 'exists', batch: KNOWN };

    const { text } = await ask({ ...BEGIN, requestId: 'monday' });

    expect(platform.batchesAsked).toMatchObject([{ requestId: 'monday' }]);
    expect(text).toContain('the same request has begun this batch before');
  });

  test('that is refused tells why, and what one may do', async () => {
    platform.batchAnswer = { outcome: 'refused', reason: 'no version serves', youMay: ['Release one first.'] };

    const { text, done, data } = await ask(BEGIN);

    expect(text).toBe('refused: no version serves\nyou may:\n  - Release one first.');
    expect(data).toEqual(platform.batchAnswer);
    expect(done).toBe(false);
  });

  test('fails with a model that is not there', async () => {
    await expect(ask(BEGIN, 'snow')).rejects.toThrow(NotThereError);
    expect(platform.batchesAsked).toEqual([]);
  });
});

test('how one goes is told in a table', async () => {
  platform.batchAnswer = { outcome: 'seen', batch: KNOWN };

  const { text, done } = await ask({ job: KNOWN.job });

  expect(platform.batchesAsked).toEqual([{ action: 'look', model: 'rain', job: KNOWN.job }]);
  expect(text).toBe(
    [
      '  job        rain-batch-0123456789ab',
      '  namespace  mlops-prod-rain',
      '  model      rain, version 2',
      '  state      active: 1 of 4 parts done, 3 at work',
      '  input      s3://lake/rain/in/',
      '  output     s3://lake/rain/out/',
      '  asked by   ann',
      '  began      2026-11-27 03:20:00Z (10 min ago)',
      '  ended      not yet',
    ].join('\n'),
  );
  expect(done).toBe(true);
});
