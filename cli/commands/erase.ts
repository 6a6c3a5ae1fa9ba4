import { randomBytes } from 'node:crypto';
import type { ErasureAnswer, ErasureRequest, PlaceCounts } from '../../lambda/shared/erasure-contract';
import { servingSettingsOf } from '../models';
import type { Platform, Report } from '../ports';
import { list } from '../text';

/** Whom to erase, as it was typed or read. */
export interface Erasing {
  readonly model: string;
  readonly subject: string;
  readonly requestIds: readonly string[];
  readonly reason?: string;
  readonly dryRun: boolean;
}

type Erased = Exclude<ErasureAnswer, { outcome: 'refused' }>;

const NOTHING: PlaceCounts = { landed: 0, predictions: 0, labels: 0 };

/** Erases a person's rows of a model, call after call until all is looked through, and tells what is left. */
export async function erase(
  platform: Platform,
  { model, subject, requestIds, reason, dryRun }: Erasing,
  tell: (line: string) => void,
): Promise<Report> {
  // a model that is not there is told by the names of those that are
  await servingSettingsOf(platform, model);
  const id = `erase-${model}-${platform.now().toISOString().replaceAll(/\D/g, '')}-${randomBytes(4).toString('hex')}`;
  const request: ErasureRequest = {
    model,
    subject,
    ...(requestIds.length === 0 ? {} : { requestIds: [...requestIds] }),
    id,
    requestedBy: await platform.caller(),
    ...(reason === undefined ? {} : { reason }),
    dryRun,
  };
  let sum: Erased = { outcome: 'continue', looked: NOTHING, rows: NOTHING, versions: 0, problems: [], remains: [] };
  while (sum.outcome === 'continue') {
    const answer = await platform.erase({ ...request, ...(sum.after === undefined ? {} : { after: sum.after }) });
    if (answer.outcome === 'refused') return { text: `refused: ${answer.reason}`, data: answer, done: false };
    sum = added(sum, answer);
    if (sum.outcome === 'continue') tell(`so far: ${countsOf(sum)}`);
  }
  const data = { id, model, environment: platform.environmentName, dryRun, ...sum };
  return { text: textOf(sum, id, dryRun), data, done: sum.problems.length === 0 };
}

function added(sum: Erased, { outcome, after, remains, ...answer }: Erased): Erased {
  const both = (one: PlaceCounts, other: PlaceCounts): PlaceCounts => ({
    landed: one.landed + other.landed,
    predictions: one.predictions + other.predictions,
    labels: one.labels + other.labels,
  });
  return {
    outcome,
    ...(after === undefined ? {} : { after }),
    looked: both(sum.looked, answer.looked),
    rows: both(sum.rows, answer.rows),
    versions: sum.versions + answer.versions,
    problems: [...sum.problems, ...answer.problems],
    remains,
  };
}

function countsOf({ rows, versions, looked }: Erased): string {
  return (
    `${rows.landed} landed rows, ${rows.predictions} predictions, ${rows.labels} labels, ${versions} old versions; ` +
    `looked through ${looked.landed} batches and ${looked.predictions + looked.labels} objects of the log`
  );
}

function textOf(sum: Erased, id: string, dryRun: boolean): string {
  const section = (heading: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${heading}\n${list(lines)}`];
  return [
    `${dryRun ? 'would be erased' : 'erased'}: ${countsOf(sum)}`,
    ...section(
      'still to do, the person may be there:',
      sum.problems.map(({ where, reason }) => `${where}: ${reason}`),
    ),
    ...section(
      'remains:',
      sum.remains.map(({ what, until }) => `${what}, until: ${until}`),
    ),
    dryRun ? 'nothing was changed or recorded' : `recorded as '${id}', without the person's key`,
  ].join('\n\n');
}
