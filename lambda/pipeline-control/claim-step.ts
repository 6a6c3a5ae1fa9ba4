import type { CreateProcessingJobRequest, CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { canonicalJson, digestOf } from '../shared/canonical-json';
import type { PipelineOutput, Run, TrainingSettings } from '../shared/contracts';
import { decideClaim, type ClaimDecision } from './claim';
import { mightWinNow } from './gate';
import { trainingRefusal, trainingsOfTheLastDay } from './guard';
import { jobRequests, type JobRequests } from './job-requests';
import { codeFolder, runUri, snapshotUri, type Buckets } from './places';
import type { Ports } from './ports';
import type { PipelineState, RunRecord } from './records';
import { planRun, type PlannedRun } from './run-inputs';
import { endExecution, executionRecord, type Failed, type StepContext } from './step-context';

/** What was frozen for this execution. */
export interface Frozen {
  snapshotDigest: string;
  seenThrough: string;
}

/** Where the platform is, which no step can know by itself. */
export interface Surroundings {
  environmentName: string;
  buckets: Buckets;
}

/** What the claim answers: both jobs' requests, or how the execution ends. */
export type ClaimAnswer =
  | {
      outcome: 'continue';
      runId: string;
      attempt: number;
      trainingJob: CreateTrainingJobRequest;
      processingJob: CreateProcessingJobRequest;
    }
  | PipelineOutput
  | Failed;

/** Tries to write before the step gives up to the state machine's own retry. */
const MAX_TRIES = 8;

/** Takes the run for this execution, or finds that it need not, or must not, be trained. */
export async function claimStep(
  context: StepContext,
  frozen: Frozen,
  surroundings: Surroundings,
  ports: Ports,
): Promise<ClaimAnswer> {
  const { input, execution, settings } = context;
  const problem = await codeProblem(context, surroundings.buckets, ports);
  if (problem !== undefined) return { outcome: 'failed', reason: problem };

  const planned = planRun(input, settings, frozen.snapshotDigest);
  const { runId } = planned;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    // the state first: whoever changes the run after this also changes the state, and our write is refused
    const state = await ports.runs.state(input.model);
    const run = await ports.runs.run(input.model, runId);
    const decision = decideClaim({
      execution,
      run,
      ownerRunning: run?.status === 'running' && run.execution !== execution && (await ports.running(run.execution)),
      versionExists: run?.status === 'succeeded' && (await versionExists(context, run, ports)),
      mightWinNow: run?.status === 'not-better' && (await mightWin(context, run, ports)),
    });
    if (decision.kind !== 'train' && decision.kind !== 'resume') {
      return endExecution(context, ports, endingOf(input.model, runId, decision));
    }
    if (decision.kind === 'resume') {
      const { requests } = await plan(
        context,
        planned,
        decision.run.attempt,
        decision.run.champion,
        surroundings,
        ports,
      );
      await writeRun(context, planned, decision.run, surroundings.buckets, ports);
      return answer(runId, decision.run.attempt, requests);
    }

    const now = ports.now();
    // asked again on the state that is about to be changed: two executions may have passed the guard together
    const refusal = trainingRefusal(settings.guard, input.trigger.kind, state, now);
    if (refusal !== undefined) {
      return endExecution(context, ports, { outcome: 'skipped', model: input.model, runId, reason: refusal });
    }
    const champion = await ports.champion(input.model);
    const { requests, champion: compared } = await plan(
      context,
      planned,
      decision.attempt,
      champion,
      surroundings,
      ports,
    );
    const claimed = claimedRun(context, frozen, planned, decision.attempt, requests, compared, now);
    const won = await ports.runs.commit(input.model, {
      seen: state.generation,
      state: stateAfterClaim(state, now),
      run: claimed,
      execution: executionRecord(context, now, 'claimed', `attempt ${decision.attempt}`, runId),
    });
    if (won) {
      await writeRun(context, planned, claimed, surroundings.buckets, ports);
      return answer(runId, decision.attempt, requests);
    }
  }
  throw new Error(`run '${runId}' could not be claimed, ${MAX_TRIES} times another writer was faster`);
}

/** A start with other code than the deployed one must say truly which: its digest goes into the run's name. */
async function codeProblem({ input }: StepContext, buckets: Buckets, ports: Ports): Promise<string | undefined> {
  if (input.code === undefined) return undefined;
  const { uri, digest } = input.code;
  const folder = codeFolder(buckets, input.model);
  if (!uri.startsWith(folder)) {
    return `'code.uri' is '${uri}', must lie under '${folder}'`;
  }
  const found = (await ports.objects.digest(uri))?.sha256;
  if (found === undefined) {
    return `'code.uri' is '${uri}', which is not there, upload the code first`;
  }
  return found === digest ? undefined : `'code.digest' is '${digest}', but '${uri}' has the digest '${found}'`;
}

async function versionExists({ settings }: StepContext, run: RunRecord, ports: Ports): Promise<boolean> {
  return (
    run.version !== undefined &&
    (await ports.registry.version(settings.modelPackageGroupName, run.version)) !== undefined
  );
}

async function mightWin({ input, settings }: StepContext, run: RunRecord, ports: Ports): Promise<boolean> {
  const champion = await ports.champion(input.model);
  const comparable = (await comparableModel(settings, champion, ports)) !== undefined;
  return mightWinNow(settings.gate, run, comparable ? champion : undefined);
}

/** Where the champion's model lies, if the champion can be evaluated on the same rows as the challenger. */
async function comparableModel(
  settings: TrainingSettings,
  championVersion: string | undefined,
  ports: Ports,
): Promise<string | undefined> {
  if (championVersion === undefined) return undefined;
  const champion = await ports.registry.version(settings.modelPackageGroupName, championVersion);
  // a champion that reads other columns cannot score these rows
  return champion?.properties.schemaDigest === digestOf(settings.schema) ? champion.modelDataUri : undefined;
}

/** The jobs' requests, and the champion if it can be evaluated on the same rows. */
async function plan(
  { settings }: StepContext,
  planned: PlannedRun,
  attempt: number,
  championVersion: string | undefined,
  { environmentName, buckets }: Surroundings,
  ports: Ports,
): Promise<{ requests: JobRequests; champion?: string }> {
  const championModelUri = await comparableModel(settings, championVersion, ports);
  const requests = jobRequests({
    environmentName,
    buckets,
    settings,
    planned,
    attempt,
    ...(championModelUri === undefined ? {} : { championModelUri }),
  });
  return championModelUri === undefined ? { requests } : { requests, champion: championVersion };
}

function claimedRun(
  { input, execution, settings }: StepContext,
  frozen: Frozen,
  planned: PlannedRun,
  attempt: number,
  requests: JobRequests,
  champion: string | undefined,
  now: Date,
): RunRecord {
  return {
    runId: planned.runId,
    status: 'running',
    attempt,
    execution,
    trigger: `${input.trigger.kind} ${input.trigger.id}`,
    inputs: planned.inputs,
    startedAt: now.toISOString(),
    jobName: requests.jobName,
    modelDataUri: requests.modelDataUri,
    evaluationUri: requests.evaluationUri,
    schemaDigest: digestOf(settings.schema),
    seenThrough: frozen.seenThrough,
    ...(champion === undefined ? {} : { champion }),
  };
}

function stateAfterClaim(state: PipelineState, now: Date): PipelineState {
  return {
    ...state,
    generation: state.generation + 1,
    trainings: [...trainingsOfTheLastDay(state, now), now.toISOString()],
    lastTrainingAt: now.toISOString(),
  };
}

async function writeRun(
  { input, execution }: StepContext,
  planned: PlannedRun,
  run: RunRecord,
  buckets: Buckets,
  ports: Ports,
): Promise<void> {
  const commit = input.code?.commit ?? input.trigger.commit;
  const record: Run = {
    runId: planned.runId,
    inputs: planned.inputs,
    recorded: {
      codeUri: planned.codeUri,
      ...(commit === undefined ? {} : { commit }),
      snapshotUri: snapshotUri(buckets, input.model, planned.inputs.snapshotDigest),
      execution,
      trigger: run.trigger,
      startedAt: run.startedAt,
    },
  };
  await ports.objects.write(`${runUri(buckets, input.model, planned.runId)}/run.json`, canonicalJson(record));
}

function answer(runId: string, attempt: number, { trainingJob, processingJob }: JobRequests): ClaimAnswer {
  return { outcome: 'continue', runId, attempt, trainingJob, processingJob };
}

function endingOf(
  model: string,
  runId: string,
  { kind, run }: Exclude<ClaimDecision, { kind: 'train' } | { kind: 'resume' }>,
): PipelineOutput {
  const known = {
    model,
    runId,
    snapshotDigest: run.inputs.snapshotDigest,
    ...(run.auc === undefined ? {} : { auc: run.auc }),
  };
  switch (kind) {
    case 'exists':
      return {
        ...known,
        outcome: 'exists',
        version: run.version,
        modelPackageArn: run.modelPackageArn,
        reason: `these inputs were trained before, they are version ${run.version}; change data, code or settings`,
      };
    case 'lost-before':
      return {
        ...known,
        outcome: 'not-better',
        reason:
          `these inputs were trained before and lost at the gate: ${run.reason ?? 'no reason recorded'}; land newer ` +
          `data, or change code, settings or gate; they are tried again when gate or champion let them win`,
      };
    case 'in-progress':
      return {
        ...known,
        outcome: 'in-progress',
        execution: run.execution,
        reason: `another execution has been training these inputs since ${run.startedAt}`,
      };
  }
}
