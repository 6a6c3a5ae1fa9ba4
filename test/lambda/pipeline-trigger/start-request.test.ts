import { startRequest } from '../../../lambda/pipeline-trigger/start-request';
import { pipelineInput } from '../../../lambda/shared/contracts';

const landed = (key: string, etag = 'e', sequencer = '1') => ({
  version: '0',
  id: 'i',
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'raw' }, object: { key, size: 1, etag, sequencer }, reason: 'PutObject' },
});
const due = (time: string) => ({ source: 'mlops.schedule', model: 'rain', time });

function nameOf(event: unknown): string {
  const request = startRequest(event);
  if ('ignored' in request) throw new Error(request.ignored);
  return request.executionName;
}

describe('startRequest', () => {
  test('starts the model in whose folder a batch has landed', () => {
    const request = startRequest(landed('rain/2026-11-24/_READY'));

    expect(request).toMatchObject({
      executionName: expect.stringMatching(/^new-data-[0-9a-f]{32}$/) as string,
      input: { model: 'rain', trigger: { kind: 'new-data', reason: "batch '2026-11-24' has landed" } },
    });
    expect('input' in request && pipelineInput.parse(request.input)).toBeTruthy();
  });

  test('names a second delivery of the same event the same', () => {
    expect(nameOf(landed('rain/b/_READY'))).toBe(nameOf({ ...landed('rain/b/_READY'), id: 'another' }));
    expect(nameOf(due('2026-11-24T00:00:00Z'))).toBe(nameOf(due('2026-11-24T00:00:00Z')));
  });

  test('names a batch that was sent again, another batch, and the next schedule otherwise', () => {
    const names = [
      nameOf(landed('rain/b/_READY')),
      nameOf(landed('rain/b/_READY', 'f')),
      // the same declaration once more, after a file that was missing was landed
      nameOf(landed('rain/b/_READY', 'e', '2')),
      nameOf(landed('rain/c/_READY')),
      nameOf(due('2026-11-24T00:00:00Z')),
      nameOf(due('2026-11-25T00:00:00Z')),
    ];

    expect(new Set(names).size).toBe(names.length);
  });

  test('starts a model whose schedule is due', () => {
    expect(startRequest(due('2026-11-24T00:00:00Z'))).toMatchObject({
      input: { model: 'rain', trigger: { kind: 'schedule', reason: 'due at 2026-11-24T00:00:00Z' } },
    });
  });

  test.each([
    ['another object', landed('rain/b/part-0.csv'), /is no '<model>\/<batch>\/_READY'/],
    ['a folder too deep', landed('rain/a/b/_READY'), /is no/],
    ['another event', { source: 'aws.ec2' }, /neither an object created in S3 nor a schedule/],
    ['nothing', undefined, /neither/],
  ])('ignores %s, and says why', (_what, event, message) => {
    expect(startRequest(event)).toEqual({ ignored: expect.stringMatching(message) as string });
  });
});
