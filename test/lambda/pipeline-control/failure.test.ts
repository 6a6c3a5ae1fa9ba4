import fc from 'fast-check';
import { failureReason, MAX_REASON } from '../../../lambda/pipeline-control/failure';

describe('failureReason', () => {
  test("tells a job's last lines", () => {
    const cause = JSON.stringify({ TrainingJobName: 'j', FailureReason: 'AlgorithmError: ValueError: no rows' });

    expect(failureReason('States.TaskFailed', cause)).toBe('States.TaskFailed: AlgorithmError: ValueError: no rows');
  });

  test("tells a function's error", () => {
    const cause = JSON.stringify({ errorType: 'Error', errorMessage: 'no such bucket', trace: [] });

    expect(failureReason('Error', cause)).toBe('Error: no such bucket');
  });

  test('tells the exit message of a processing job without a failure reason', () => {
    expect(failureReason(undefined, JSON.stringify({ FailureReason: '', ExitMessage: 'exit 1' }))).toBe('exit 1');
  });

  test.each(['plain words', '["x"]', 'null', '{"other":1}'])('tells %p as it is', cause => {
    expect(failureReason(undefined, cause)).toBe(cause);
  });

  test('says so when nothing is told', () => {
    expect(failureReason('States.Timeout', undefined)).toBe('States.Timeout: no cause was given');
  });

  test('keeps the end of a long cause, which tells more than its beginning', () => {
    fc.assert(
      fc.property(fc.string({ minLength: MAX_REASON, maxLength: MAX_REASON * 2 }), text => {
        const reason = failureReason('E', `${text}the end`);
        expect(reason.length).toBeLessThanOrEqual(MAX_REASON);
        expect(reason.endsWith('the end')).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
