import { evaluationSchema, type PipelineOutput } from '../shared/contracts';
import { trainByHand } from './commands';
import { decideGate } from './gate';
import type { Ports } from './ports';
import type { PipelineState, RunRecord } from './records';
import {
  executionRecord,
  ownRun,
  parseJson,
  requireOwner,
  tellOfNoRetrain,
  updateRun,
  type Failed,
  type StepContext,
} from './step-context';

/** What the gate answers: the run goes on to the registry, or it has lost. */
export type GateAnswer = { outcome: 'continue'; auc: number; reason: string } | PipelineOutput | Failed;

/** Reads the evaluation and decides; a challenger that lost is counted, and a person is told when the next is stopped. */
export async function gateStep(context: StepContext, runId: string, ports: Ports): Promise<GateAnswer> {
  const { input, settings } = context;
  const { model } = input;
  const run = await ownRun(context, runId, ports);
  if ('outcome' in run) return run;

  const uri = `${run.evaluationUri}/evaluation.json`;
  const text = await ports.objects.text(uri);
  if (text === undefined) return failed(`'${uri}' is not there, the evaluation must write it`);
  const parsed = parseJson(text, evaluationSchema);
  if ('problem' in parsed) return failed(`'${uri}' ${parsed.problem}`);
  const evaluation = parsed.value;
  if (run.champion !== undefined && evaluation.champion === undefined) {
    return failed(`'${uri}' does not judge the champion, version ${run.champion}, though its model was an input`);
  }

  const decision = decideGate(settings.gate, evaluation, run.champion);
  const auc = evaluation.challenger.auc;
  const seen = { auc, ...(evaluation.champion === undefined ? {} : { championAuc: evaluation.champion.auc }) };
  if (decision.passed) {
    await updateRun(ports, model, runId, (known, state) => {
      requireOwner(known, context);
      return { run: { ...known, ...seen }, state: { ...state, generation: state.generation + 1 } };
    });
    return { outcome: 'continue', auc, reason: decision.reason };
  }

  let lost = 0;
  await updateRun(ports, model, runId, (known, state) => {
    requireOwner(known, context);
    lost = state.lostChallengers;
    // a retried step: this challenger has been counted
    if (known.status !== 'running') return undefined;
    lost += 1;
    return lose(context, { ...known, ...seen }, state, decision.reason, ports.now());
  });
  if (lost >= settings.guard.maxLostChallengers) {
    await ports.tell({
      subject: `${model}: retraining stops after ${lost} lost challengers`,
      what: `The newly trained model was not good enough: ${decision.reason}.`,
      did: 'Nothing was registered, what serves goes on serving, and no training starts by itself from now on.',
      numbers: { auc, lostChallengers: lost, ...(run.champion === undefined ? {} : { champion: run.champion }) },
      youMay: [
        'Look at the data and at the training code: more of the same will hardly win.',
        `Start the pipeline by hand; a challenger that wins sets the count back: ${trainByHand(context.execution, model)}`,
      ],
    });
  }
  const output: PipelineOutput = {
    outcome: 'not-better',
    model,
    runId,
    snapshotDigest: run.inputs.snapshotDigest,
    auc,
    ...(run.champion === undefined || evaluation.champion === undefined
      ? {}
      : { champion: { version: run.champion, auc: evaluation.champion.auc } }),
    reason: decision.reason,
  };
  if (lost < settings.guard.maxLostChallengers) await tellOfNoRetrain(context, ports, output);
  return output;
}

function lose(context: StepContext, run: RunRecord, state: PipelineState, reason: string, now: Date) {
  return {
    run: { ...run, status: 'not-better' as const, reason, endedAt: now.toISOString() },
    state: {
      ...state,
      generation: state.generation + 1,
      lostChallengers: state.lostChallengers + 1,
      seenThrough: run.seenThrough,
    },
    execution: executionRecord(context, now, 'not-better', reason, run.runId),
  };
}

function failed(reason: string): Failed {
  return { outcome: 'failed', reason };
}
