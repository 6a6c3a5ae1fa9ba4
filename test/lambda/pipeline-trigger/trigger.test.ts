import type { StartRequest } from '../../../lambda/pipeline-trigger/start-request';
import { trigger, type TriggerPorts } from '../../../lambda/pipeline-trigger/trigger';

const EVENT = { source: 'mlops.schedule', model: 'rain', time: '2026-11-24T00:00:00Z' };

function portsOf(exists: boolean, answer: 'started' | 'already-started' = 'started') {
  const starts: StartRequest[] = [];
  const ports: TriggerPorts = {
    modelExists: () => Promise.resolve(exists),
    isByErasure: ({ etag }) => Promise.resolve(etag === 'erased'),
    start: request => {
      starts.push(request);
      return Promise.resolve(answer);
    },
  };
  return { ports, starts };
}

describe('trigger', () => {
  test('starts the pipeline of a model that there is', async () => {
    const { ports, starts } = portsOf(true);

    expect(await trigger(EVENT, ports)).toMatchObject({ outcome: 'started', model: 'rain' });
    expect(starts).toHaveLength(1);
  });

  test('is content when the start was made before', async () => {
    expect(await trigger(EVENT, portsOf(true, 'already-started').ports)).toMatchObject({ outcome: 'already-started' });
  });

  test('starts upon a batch that has landed, and not upon one from which somebody was erased', async () => {
    const { ports, starts } = portsOf(true);
    const landed = (etag: string) => ({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: 'raw' }, object: { key: 'rain/b1/_READY', etag } },
    });

    expect(await trigger(landed('erased'), ports)).toEqual({
      outcome: 'ignored',
      model: 'rain',
      reason: "a person was erased from 'rain/b1/_READY', nothing has landed",
    });
    expect(starts).toEqual([]);
    expect(await trigger(landed('landed'), ports)).toMatchObject({ outcome: 'started' });
  });

  test('says so, and throws nothing, for a model that there is not', async () => {
    const { ports, starts } = portsOf(false);

    expect(await trigger(EVENT, ports)).toMatchObject({
      outcome: 'ignored',
      reason: expect.stringMatching(/model 'rain' has no training pipeline here/) as string,
    });
    expect(starts).toEqual([]);
  });

  test('ignores an event that asks for nothing', async () => {
    expect(await trigger({}, portsOf(true).ports)).toMatchObject({ outcome: 'ignored' });
  });

  test('lets a fault through, so that the event comes again', async () => {
    const ports = { ...portsOf(true).ports, start: () => Promise.reject(new Error('throttled')) };

    await expect(trigger(EVENT, ports)).rejects.toThrow('throttled');
  });
});
