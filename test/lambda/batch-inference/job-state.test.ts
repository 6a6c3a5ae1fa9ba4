import { type BatchEvent, type BatchPod, type JobObject, judgeJob } from '../../../lambda/batch-inference/job-state';

const NAME = 'rain-batch-0123456789ab';

function job(status: JobObject['status']): JobObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: NAME, namespace: 'mlops-dev-rain', labels: { 'mlops/model-version': '2' } },
    spec: { completions: 3 },
    status,
  };
}

function pod(name: string, status: BatchPod['status']): BatchPod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, status };
}

function ended(name: string, exitCode: number, message: string, finishedAt: string): BatchPod {
  const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', message, finishedAt };
  return pod(name, { containerStatuses: [{ name: 'batch', state: { terminated } }] });
}

const judged = (status: JobObject['status'], pods: BatchPod[] = [], events: BatchEvent[] = []) =>
  judgeJob('rain', { job: job(status), pods, events });

describe('a Job', () => {
  test('is active while no condition ends it, and tells how far it is', () => {
    expect(judged({ active: 2, succeeded: 1 })).toMatchObject({
      state: 'active',
      version: '2',
      detail: '1 of 3 parts done, 2 at work',
    });
    // what is decided is not yet done: pods still end
    expect(judged({ conditions: [{ type: 'FailureTarget', status: 'True' }] }).state).toBe('active');
    expect(judged({ conditions: [{ type: 'Complete', status: 'False' }] }).state).toBe('active');
  });

  test('that is complete succeeded, though a pod of it failed', () => {
    const status = {
      conditions: [{ type: 'Complete', status: 'True' }],
      succeeded: 3,
      completionTime: '2026-11-27T10:00:00Z',
    };
    expect(judged(status, [ended('one', 1, 'lost', '2026-11-27T09:00:00Z')])).toMatchObject({
      state: 'succeeded',
      detail: '3 of 3 parts done',
      endedAt: '2026-11-27T10:00:00Z',
    });
  });

  test('that failed tells why, with the words of the container that failed last', () => {
    const status = {
      conditions: [{ type: 'Failed', status: 'True', reason: 'FailedIndexes', message: 'Job has failed indexes' }],
    };
    const pods = [
      ended('first', 1, 'network', '2026-11-27T09:00:00Z'),
      ended('last', 42, "'s3://lake/a.csv', of the lines after 1: bad", '2026-11-27T09:30:00Z'),
      ended('good', 0, 'done', '2026-11-27T09:40:00Z'),
    ];
    expect(judged(status, pods)).toMatchObject({
      state: 'failed',
      detail:
        "FailedIndexes: Job has failed indexes; Pod 'last', container 'batch', ended with exit code 42 (Error): 's3://lake/a.csv', of the lines after 1: bad",
    });
    expect(judged(status).detail).toBe('FailedIndexes: Job has failed indexes');
  });
});

describe('what holds up a Job is told', () => {
  test('of an image that cannot be pulled', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    const pods = [pod('one', { initContainerStatuses: [{ name: 'fetch-model', state: { waiting } }] })];
    expect(judged({ active: 1 }, pods).detail).toContain(
      "Pod 'one', container 'fetch-model': ImagePullBackOff: no such image",
    );
    const usual = { reason: 'PodInitializing' };
    const beginning = [pod('one', { containerStatuses: [{ name: 'batch', state: { waiting: usual } }] })];
    expect(judged({ active: 1 }, beginning).detail).toBe('0 of 3 parts done, 1 at work');
  });

  test('of a pod without a node', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available' },
    ];
    expect(judged({ active: 1 }, [pod('one', { conditions })]).detail).toContain(
      "Pod 'one' finds no node (Unschedulable): 0/2 nodes are available",
    );
  });

  test('of pods that are refused, while there is none', () => {
    const event = (name: string, message: string, lastTimestamp: string): BatchEvent => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: message },
      reason: 'FailedCreate',
      message,
      lastTimestamp,
      involvedObject: { kind: 'Job', name },
    });
    const events = [
      event(NAME, 'exceeded quota: batch', '2026-11-27T09:01:00Z'),
      event(NAME, 'exceeded quota: model', '2026-11-27T09:00:00Z'),
      event('another', 'is forbidden', '2026-11-27T09:02:00Z'),
    ];
    expect(judged({ active: 0 }, [], events).detail).toBe(
      '0 of 3 parts done; its pods are refused (FailedCreate): exceeded quota: batch',
    );
    expect(judged({ active: 1 }, [], events).detail).toBe('0 of 3 parts done, 1 at work');
  });
});
