import { jobRequests } from '../../../lambda/pipeline-control/job-requests';
import type { RunRecord } from '../../../lambda/pipeline-control/records';
import { planRun } from '../../../lambda/pipeline-control/run-inputs';
import { digestOf } from '../../../lambda/shared/canonical-json';
import { EXECUTION, inputOf, NOW, SETTINGS, SNAPSHOT, SURROUNDINGS } from './fixtures';

/** A run as the claim leaves it. */
export function runOf(change: Partial<RunRecord> = {}): RunRecord {
  const planned = planRun(inputOf(), SETTINGS, SNAPSHOT);
  const { jobName, modelDataUri, evaluationUri } = jobRequests({
    ...SURROUNDINGS,
    settings: SETTINGS,
    planned,
    attempt: 1,
  });
  return {
    runId: planned.runId,
    status: 'running',
    attempt: 1,
    execution: EXECUTION,
    trigger: 'manual t',
    inputs: planned.inputs,
    startedAt: NOW.toISOString(),
    jobName,
    modelDataUri,
    evaluationUri,
    schemaDigest: digestOf(SETTINGS.schema),
    seenThrough: '2026-11-24T11:00:00.000Z#b',
    ...change,
  };
}
