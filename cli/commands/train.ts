import { sha256 } from '../../lambda/shared/canonical-json';
import type { PipelineInput } from '../../lambda/shared/contracts';
import type { CommandLine } from '../command-line';
import { executionName } from '../execution-name';
import { unknownModel } from '../models';
import type { Platform, Report } from '../ports';

/** A command line that asks for a training. */
export type TrainLine = Extract<CommandLine, { command: 'train' }>;

/** Digits of the hash in the name of a commit's execution. */
const NAME_DIGITS = 32;

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
  const { outcome, executionArn } = await platform.train(name, input);
  const look = `how it goes: aws stepfunctions describe-execution --execution-arn ${executionArn}`;
  return {
    text: `${outcome === 'started' ? 'the training begins' : 'this commit has been trained, or is, already'} as '${name}'\n${look}`,
    data: { outcome, id: name, executionArn, input },
    done: true,
  };
}
