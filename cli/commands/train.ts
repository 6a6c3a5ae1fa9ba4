import { sha256 } from '../../lambda/shared/canonical-json';
import type { PipelineInput } from '../../lambda/shared/contracts';
import type { CommandLine } from '../command-line';
import { executionName } from '../execution-name';
import { unknownModel } from '../models';
import type { Platform, Report, TrainingStart } from '../ports';

/** A command line that asks for a training. */
export type TrainLine = Extract<CommandLine, { command: 'train' }>;

/** Digits of the hash in the name of a commit's execution. */
const NAME_DIGITS = 32;

/** What an execution is recorded as that trained nothing: it was refused, or it failed. */
const IN_VAIN = ['skipped', 'failed'];

/**
 * Starts the training pipeline with the code that is deployed: for a commit that was merged, once however often it is asked,
 * or in a person's name.
 */
export async function train(platform: Platform, { model, commit, reason }: TrainLine): Promise<Report> {
  const settings = await platform.training(model);
  if (settings === undefined) throw await unknownModel(platform, model);
  if (commit !== undefined && settings.triggers?.merge !== true) {
    return {
      text: `refused: a merge starts no training of '${model}' in '${platform.environmentName}': set 'models.${model}.training.triggers.merge' to true in its file and deploy it, or leave '--commit' out and give '--reason'`,
      data: { outcome: 'refused' },
      done: false,
    };
  }
  const name =
    commit === undefined
      ? executionName(`manual-${model}`, platform.now())
      : `merge-${sha256(`${model}/${commit}`).slice(0, NAME_DIGITS)}`;
  const input: PipelineInput = {
    model,
    trigger: {
      kind: commit === undefined ? 'manual' : 'merge',
      id: name,
      requestedBy: await platform.caller(),
      reason: reason ?? `commit ${commit ?? ''} was merged`,
      ...(commit === undefined ? {} : { commit }),
    },
  };
  const { outcome, executionArn } = await startOnce(platform, model, name, input);
  const id = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const look = `how it goes: aws stepfunctions describe-execution --execution-arn ${executionArn}`;
  return {
    text: `${outcome === 'started' ? 'the training begins' : 'this commit has been trained, or is, already'} as '${id}'\n${look}`,
    data: { outcome, id, executionArn, input: { ...input, trigger: { ...input.trigger, id } } },
    done: true,
  };
}

/** Starts it under the name, or where that was in vain under the next one: Step Functions keeps a name for 90 days. */
async function startOnce(
  platform: Platform,
  model: string,
  name: string,
  input: PipelineInput,
  attempt = 1,
): Promise<TrainingStart> {
  const named = attempt === 1 ? name : `${name}-${attempt}`;
  const start = await platform.train(named, { ...input, trigger: { ...input.trigger, id: named } });
  if (start.outcome === 'started') return start;
  const before = (await platform.trainings(model))?.find(({ execution }) => execution === named);
  return before !== undefined && IN_VAIN.includes(before.outcome)
    ? startOnce(platform, model, name, input, attempt + 1)
    : start;
}
