import { decideClaim, type ClaimFacts } from '../../../lambda/pipeline-control/claim';
import type { RunRecord } from '../../../lambda/pipeline-control/records';
import { EXECUTION, OTHER_EXECUTION } from './fixtures';
import { runOf } from './run-fixture';

const facts = (change: Partial<RunRecord> | undefined, rest: Partial<ClaimFacts> = {}): ClaimFacts => ({
  execution: EXECUTION,
  ownerRunning: false,
  versionExists: false,
  mightWinNow: false,
  ...(change === undefined ? {} : { run: runOf(change) }),
  ...rest,
});

describe('decideClaim', () => {
  test('trains new inputs as the first attempt', () => {
    expect(decideClaim(facts(undefined))).toEqual({ kind: 'train', attempt: 1 });
  });

  test('names the version that the inputs have become', () => {
    expect(decideClaim(facts({ status: 'succeeded' }, { versionExists: true }))).toMatchObject({ kind: 'exists' });
  });

  test('trains again when a person has deleted the version', () => {
    expect(decideClaim(facts({ status: 'succeeded' }))).toEqual({ kind: 'train', attempt: 2 });
  });

  test('retries a failed run under the next attempt', () => {
    expect(decideClaim(facts({ status: 'failed', attempt: 4 }))).toEqual({ kind: 'train', attempt: 5 });
  });

  test('does not train again what lost at the gate', () => {
    expect(decideClaim(facts({ status: 'not-better' }))).toMatchObject({ kind: 'lost-before' });
  });

  test('trains again what lost, once it might win', () => {
    expect(decideClaim(facts({ status: 'not-better' }, { mightWinNow: true }))).toEqual({ kind: 'train', attempt: 2 });
  });

  test('leaves a run to the execution that trains it', () => {
    expect(decideClaim(facts({ execution: OTHER_EXECUTION }, { ownerRunning: true }))).toMatchObject({
      kind: 'in-progress',
    });
  });

  test('takes a run over from an execution that is no longer there', () => {
    expect(decideClaim(facts({ execution: OTHER_EXECUTION }))).toEqual({ kind: 'train', attempt: 2 });
  });

  test('goes on with what this execution has claimed already', () => {
    expect(decideClaim(facts({ execution: EXECUTION }))).toMatchObject({ kind: 'resume' });
  });
});
