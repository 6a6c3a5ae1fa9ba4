import { randomUUID } from 'node:crypto';
import type { Batch } from '../../lambda/shared/batch-contract';
import type { CommandLine } from '../command-line';
import { servingSettingsOf } from '../models';
import type { Platform, Report } from '../ports';
import { list, pairs, timeAndAge } from '../text';

/** A command line about a batch. */
export type BatchLine = Extract<CommandLine, { command: 'batch' }>;

/** Starts a batch, or tells how one goes. */
export async function batch(platform: Platform, { model, asked }: BatchLine): Promise<Report> {
  // a model that is not there is told by the names of those that are
  await servingSettingsOf(platform, model);
  const answer = await platform.batch(
    'job' in asked
      ? { action: 'look', model, job: asked.job }
      : {
          action: 'start',
          model,
          inputUri: asked.input,
          outputUri: asked.output,
          version: asked.version,
          requestId: asked.requestId ?? randomUUID(),
          requestedBy: await platform.caller(),
        },
  );
  if (answer.outcome === 'refused') {
    const { reason, youMay } = answer;
    return {
      text: `refused: ${reason}${youMay.length === 0 ? '' : `\nyou may:\n${list(youMay)}`}`,
      data: answer,
      done: false,
    };
  }
  const { outcome, batch: known } = answer;
  const about = pairs(facts(known, platform.now()));
  const look = `how it goes: npx mlops batch ${model} --job ${known.job} --environment ${platform.environmentName}`;
  return {
    text: outcome === 'seen' ? about : `${HEADINGS[outcome]}\n\n${about}\n\n${look}`,
    data: { outcome, ...known },
    done: true,
  };
}

const HEADINGS = { started: 'the batch begins', exists: 'the same request has begun this batch before' } as const;

function facts(known: Batch, now: Date): [string, string][] {
  const { startedAt, endedAt } = known;
  return [
    ['job', known.job],
    ['namespace', known.namespace],
    ['model', `${known.model}, version ${known.version}`],
    ['state', `${known.state}: ${known.detail}`],
    ['input', known.inputUri],
    ['output', known.outputUri],
    ['asked by', known.requestedBy],
    ['began', startedAt === undefined ? 'not yet' : timeAndAge(startedAt, now)],
    ['ended', endedAt === undefined ? 'not yet' : timeAndAge(endedAt, now)],
  ];
}
