import { sha256 } from '../shared/canonical-json';
import { baselineSchema, evaluationSchema, type PipelineOutput } from '../shared/contracts';
import { toPaste } from '../shared/notify';
import { approveCommand, modelCardCommand } from '../shared/release-commands';
import { identityOf, modelPackageRequest, versionOf } from './model-package';
import { pinnedImage } from './pinned-image';
import type { Ports } from './ports';
import type { RunRecord } from './records';
import {
  executionRecord,
  ownRun,
  parseJson,
  requireOwner,
  updateRun,
  type Failed,
  type StepContext,
} from './step-context';

/** What registering answers. */
export type RegisterAnswer = PipelineOutput | Failed;

/** Clocks differ: a version made this long before the run's claim, by its time stamp, may still be the run's. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** Makes the run's version, which then waits for a person. Done again, it finds the version that it made. */
export async function registerStep(context: StepContext, runId: string, ports: Ports): Promise<RegisterAnswer> {
  const { model } = context.input;
  const run = await ownRun(context, runId, ports);
  if ('outcome' in run) return run;
  const { auc } = run;
  if (auc === undefined) throw new Error(`run '${runId}' of '${model}' has no AUC, it must pass the gate first`);
  if (run.status === 'succeeded') return registered(model, run);

  const modelPackageArn =
    (await versionMadeBefore(context, run, ports)) ?? (await makeVersion(context, run, auc, ports));
  if (typeof modelPackageArn !== 'string') return modelPackageArn;

  const version = versionOf(modelPackageArn);
  const reason = `version ${version} was registered and waits for approval`;
  const finished = await updateRun(ports, model, runId, (known, state) => {
    requireOwner(known, context);
    if (known.status === 'succeeded') return undefined;
    const now = ports.now();
    return {
      run: { ...known, status: 'succeeded', version, modelPackageArn, reason, endedAt: now.toISOString() },
      state: { ...state, generation: state.generation + 1, lostChallengers: 0, seenThrough: known.seenThrough },
      execution: executionRecord(context, now, 'registered', reason, runId),
    };
  });
  await ports.tell({
    subject: `${model}: version ${version} waits for your approval`,
    what: `A new version was trained (${run.trigger}) and passed the gate.`,
    did: `It was registered as ${modelPackageArn}. It serves nobody until a person approves it.`,
    numbers: {
      auc,
      ...(run.champion === undefined || run.championAuc === undefined
        ? {}
        : { champion: run.champion, championAuc: run.championAuc }),
      run: runId,
    },
    youMay: [
      `Read its model card: ${toPaste(modelCardCommand(modelPackageArn))}`,
      `Approve it, which releases it: ${toPaste(approveCommand(modelPackageArn))}`,
      `Or reject it: the same with '--model-approval-status Rejected'.`,
    ],
  });
  return registered(model, finished);
}

async function versionMadeBefore({ settings }: StepContext, run: RunRecord, ports: Ports): Promise<string | undefined> {
  const identity = identityOf(run);
  const since = new Date(Date.parse(run.startedAt) - CLOCK_SKEW_MS);
  const made = await ports.registry.madeSince(settings.modelPackageGroupName, since);
  return made.find(
    ({ properties }) => properties.runId === identity.runId && properties.trainingJob === identity.trainingJob,
  )?.modelPackageArn;
}

async function makeVersion(
  { settings }: StepContext,
  run: RunRecord,
  auc: number,
  ports: Ports,
): Promise<string | Failed> {
  const evaluationUri = `${run.evaluationUri}/evaluation.json`;
  const baselineUri = `${run.evaluationUri}/baseline.json`;
  const evaluation = await ports.objects.text(evaluationUri);
  const baseline = await ports.objects.text(baselineUri);
  const modelData = await ports.objects.digest(run.modelDataUri);
  if (evaluation === undefined) return missing(evaluationUri);
  if (baseline === undefined) return missing(baselineUri);
  if (modelData === undefined) return missing(run.modelDataUri);
  const measured = parseJson(evaluation, evaluationSchema);
  if ('problem' in measured) return { outcome: 'failed', reason: `'${evaluationUri}' ${measured.problem}` };
  // what the gate has let pass is what the card and the version say
  if (measured.value.challenger.auc !== auc) {
    return {
      outcome: 'failed',
      reason: `'${evaluationUri}' has an AUC of ${measured.value.challenger.auc}, the gate saw ${auc}, train again`,
    };
  }
  // a version whose baseline cannot be read would serve without being watched
  const parsed = parseJson(baseline, baselineSchema);
  if ('problem' in parsed) return { outcome: 'failed', reason: `'${baselineUri}' ${parsed.problem}` };
  // by digest since the guard, but it may have been deleted while the model was trained
  const image = await pinnedImage(settings.inferenceImage, ports);
  if ('problem' in image) return { outcome: 'failed', reason: image.problem };
  return ports.registry.create(
    modelPackageRequest(run, settings, measured.value, {
      modelData,
      image,
      evaluation: sha256(evaluation),
      baseline: sha256(baseline),
    }),
  );
}

function missing(uri: string): Failed {
  return { outcome: 'failed', reason: `'${uri}' is not there, its job must write it` };
}

function registered(model: string, run: RunRecord): PipelineOutput {
  return {
    outcome: 'registered',
    model,
    runId: run.runId,
    snapshotDigest: run.inputs.snapshotDigest,
    version: run.version,
    modelPackageArn: run.modelPackageArn,
    ...(run.auc === undefined ? {} : { auc: run.auc }),
    ...(run.champion === undefined || run.championAuc === undefined
      ? {}
      : { champion: { version: run.champion, auc: run.championAuc } }),
    reason: run.reason ?? 'registered',
  };
}
