import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { executionEvent } from '../../cli/aws-events';
import { adviceGiven, stepsTaken } from '../../cli/steps';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 27, 3, 30, second));
let id = 0;
const event = (second: number, type: string, details: Partial<HistoryEvent>): HistoryEvent =>
  ({ timestamp: at(second), type, id: ++id, ...details }) as HistoryEvent;
const entered = (second: number, name: string) =>
  event(second, name.startsWith('Wait') ? 'WaitStateEntered' : 'TaskStateEntered', {
    stateEnteredEventDetails: { name },
  });
const exited = (second: number, name: string, output: object = {}) =>
  event(second, name.startsWith('Wait') ? 'WaitStateExited' : 'TaskStateExited', {
    stateExitedEventDetails: { name, output: JSON.stringify(output) },
  });

const HISTORY = [
  event(0, 'ExecutionStarted', {}),
  entered(0, 'Prepare'),
  event(1, 'LambdaFunctionFailed', {
    lambdaFunctionFailedEventDetails: {
      error: 'ThrottlingException',
      cause: JSON.stringify({ errorMessage: 'Rate exceeded', errorType: 'ThrottlingException' }),
    },
  }),
  exited(3, 'Prepare', { kind: 'prepared', journal: {} }),
  entered(3, 'AfterPrepare'),
  exited(3, 'AfterPrepare', {}),
  entered(3, 'Settle'),
  exited(4, 'Settle', { kind: 'shifting' }),
  entered(4, 'WaitForTraffic'),
  exited(9, 'WaitForTraffic'),
  entered(9, 'Settle'),
  exited(10, 'Settle', { kind: 'failed', journal: { ending: { youMay: ['Look at the alarm.'] } } }),
  entered(10, 'Undo'),
].map(executionEvent);

test('steps tell when they began, how they ended, how often they looked, and what they tried again', () => {
  expect(stepsTaken(HISTORY)).toEqual([
    {
      step: 'Prepare',
      began: at(0).toISOString(),
      ended: at(3).toISOString(),
      result: 'prepared',
      looks: 1,
      problems: ['ThrottlingException: Rate exceeded'],
    },
    {
      step: 'Settle',
      began: at(3).toISOString(),
      ended: at(10).toISOString(),
      result: 'failed',
      looks: 2,
      problems: [],
    },
    { step: 'Undo', began: at(10).toISOString(), looks: 1, problems: [] },
  ]);
});

test('what the release said that a person may do is what it said last', () => {
  expect(adviceGiven(HISTORY)).toEqual(['Look at the alarm.']);
  expect(adviceGiven([])).toEqual([]);
});
