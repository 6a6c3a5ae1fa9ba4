import type { HoldRecord, PromotionRecord, ReactionRecord, ReleaseRecord } from '../../lambda/shared/ledger';
import { WHY } from '../../lambda/shared/release-commands';
import { cardLines } from '../card-words';
import { NotThereError } from '../errors';
import type { Execution, Platform, Report, VersionCard } from '../ports';
import { promotionOf, promotionWords } from '../promotion-words';
import { adviceGiven, stepsTaken, type StepTaken } from '../steps';
import { duration, list, pairs, table, time } from '../text';

/** All that is known of one release or one decision. */
interface Story {
  readonly model: string;
  readonly id: string;
  /** What was decided, if an alarm was the reason. */
  readonly reaction?: ReactionRecord;
  /** What became of the release, once it has ended. */
  readonly release?: ReleaseRecord;
  /** What became of it, where it was about a hold. */
  readonly holding?: HoldRecord;
  readonly execution?: Execution;
  /** How its version came here, if from another environment. */
  readonly promotion?: PromotionRecord;
  /** Version that it is about, if about one. */
  readonly version?: string;
  /** What the version's model card says, or why that is not known. */
  readonly card?: VersionCard;
  readonly cardProblem?: string;
  readonly steps: readonly StepTaken[];
  readonly advice: readonly string[];
}

/** Tells a release's whole story: who wanted what and why, what was seen, what was done, and what a person may do. */
export async function explain(platform: Platform, id: string, model?: string): Promise<Report> {
  const story = await storyOf(platform, id, model);
  const advice = adviceOf(story, platform.environmentName);
  return {
    text: storyText(story, advice),
    data: { environment: platform.environmentName, ...story, advice },
    done: true,
  };
}

async function storyOf(platform: Platform, id: string, given: string | undefined): Promise<Story> {
  const execution = await platform.execution(id);
  const named = execution?.input['model'] ?? given;
  const models = typeof named === 'string' ? [named] : await platform.models();
  for (const model of models) {
    const [releases, holdings, reaction, promotions] = await Promise.all([
      platform.ledger.releases(model),
      platform.ledger.holdings(model),
      platform.ledger.reaction(model, id),
      platform.ledger.promotions(model),
    ]);
    const release = releases.find(record => record.id === id);
    const holding = holdings.find(record => record.id === id);
    if ((release ?? holding ?? reaction ?? execution) === undefined) continue;
    const events = execution === undefined ? [] : await platform.events(id);
    const steps = stepsTaken(events);
    const version = release?.version ?? textOf(execution?.input['version']);
    const promotion = promotionOf(promotions, version);
    const card = version === undefined ? {} : await cardOf(platform, model, version);
    const found = { model, id, reaction, release, holding, execution, promotion, version, ...card };
    return { ...found, steps, advice: adviceGiven(events) };
  }
  throw new NotThereError(
    `there is no release or decision '${id}' of ${models.map(model => `'${model}'`).join(', ') || 'any model'} in '${platform.environmentName}', see 'npx mlops history MODEL' for the ids that there are`,
  );
}

/** The story is told without the card as well, which another right reads. */
async function cardOf(
  platform: Platform,
  model: string,
  version: string,
): Promise<Pick<Story, 'card' | 'cardProblem'>> {
  try {
    return { card: await platform.card(model, version) };
  } catch (error) {
    return { cardProblem: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function storyText(story: Story, advice: readonly string[]): string {
  const { reaction, release, holding, steps, version, card, cardProblem } = story;
  const evidence = { ...reaction?.evidence, ...release?.evidence };
  const sections = [headline(story), pairs(facts(story))];
  if (Object.keys(evidence).length > 0) sections.push(`What was seen\n${pairs(evidenceLines(evidence))}`);
  if (version !== undefined && card !== undefined) {
    sections.push(`Model card of version ${version}\n${pairs(cardLines(card))}`);
  } else if (version !== undefined && cardProblem !== undefined) {
    sections.push(`Model card of version ${version}\n  not read: ${cardProblem}`);
  }
  if (steps.length > 0) sections.push(`Steps\n${stepTable(steps)}`);
  else if ((release ?? holding) !== undefined)
    sections.push('Steps\n  Step Functions remembers them for 90 days; these are gone');
  sections.push(`What you may do\n${list(advice.length === 0 ? ['Nothing; this is for your information.'] : advice)}`);
  return sections.join('\n\n');
}

function headline(story: Story): string {
  const { model, reaction, release, holding, execution } = story;
  const action = release?.action ?? holding?.action ?? execution?.input['action'];
  if (action === undefined) return `decision on '${model}': ${reaction?.decision ?? 'unknown'}`;
  const version = release?.version ?? execution?.input['version'];
  const wanted = version === undefined ? '' : ` ${action === 'rollback' ? 'to' : 'of'} version ${plain(version)}`;
  const moved = action !== 'lift-quarantine' && release?.from !== undefined && release.from !== version;
  const before = moved ? ` (version ${release.from} served before)` : '';
  return `${plain(action)}${wanted} of '${model}': ${outcomeOf(story)}${before}`;
}

/** By the ledger's word; what never came so far is told by its execution. */
function outcomeOf({ release, holding, execution }: Story): string {
  const told = release?.outcome ?? holding?.outcome ?? execution?.output?.['outcome'];
  if (typeof told === 'string') return told;
  return execution?.status === 'RUNNING' ? 'under way' : `no record, its execution is ${execution?.status ?? 'gone'}`;
}

function facts({ id, reaction, release, holding, execution, promotion }: Story): [string, string][] {
  const lines: [string, string][] = [['id', id]];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') lines.push([name, value]);
  };
  const { input } = execution ?? {};
  if (reaction !== undefined) {
    add('alarm', `${reaction.alarm}, red since ${time(reaction.alarmAt)}`);
    add('decided', `${reaction.decision} at ${time(reaction.decidedAt)}: ${reaction.reason}`);
  }
  if (promotion !== undefined) add('came from', promotionWords(promotion));
  const began = release?.startedAt ?? execution?.startedAt ?? holding?.at;
  if (began === undefined) return lines;
  add('asked by', release?.requestedBy ?? holding?.requestedBy ?? textOf(input?.['requestedBy']));
  add('because', release?.reason ?? holding?.reason ?? textOf(input?.['reason']));
  add('began', time(began));
  if (release?.trafficMovedAt !== undefined) {
    add('traffic moved', `${time(release.trafficMovedAt)}, ${between(began, release.trafficMovedAt)} later`);
  }
  if (release !== undefined) {
    add('ended', `${time(release.endedAt)}, after ${between(began, release.endedAt)}`);
    add('what became of it', release.detail);
  } else {
    add('what became of it', holding?.detail ?? textOf(execution?.output?.['detail']) ?? execution?.cause);
  }
  return lines;
}

/** Numbers and words come as they are; of what is nested, each item has a line. */
function evidenceLines(evidence: Record<string, unknown>): [string, string][] {
  return Object.entries(evidence).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(item => sentenceOf(item)).join('\n') : sentenceOf(value),
  ]);
}

function sentenceOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return plain(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${plain(inner)}`)
    .join(', ');
}

function stepTable(steps: readonly StepTaken[]): string {
  const rows = steps.map(({ step, began, ended, result, looks, problems }) => [
    `  ${step.toLowerCase()}`,
    clock(began),
    ended === undefined ? 'not ended' : between(began, ended),
    `${result ?? '-'}${looks > 1 ? `, after ${looks} looks` : ''}${problems.map(problem => `\n      tried again: ${problem}`).join('')}`,
  ]);
  return table(['  STEP', 'BEGAN', 'TOOK', 'RESULT'], rows);
}

/** What the release said itself, and what follows from how it ended. */
function adviceOf({ model, id, release, execution, advice }: Story, environmentName: string): string[] {
  const command = (words: string): string => `npx mlops ${words} --environment ${environmentName}`;
  if (release === undefined) {
    return execution?.status === 'RUNNING' ? [`Wait for it, and ask again: ${command(`explain ${id}`)}`] : [...advice];
  }
  const ended = `${release.action} ${release.outcome}`;
  const { from, version } = release;
  if (ended === 'rollback succeeded' && from === version) {
    return [
      'What served in its place is neither rejected nor quarantined: if it is bad, reject it in the model registry.',
      ...advice,
    ];
  }
  if (ended === 'rollback succeeded' && release.from !== undefined) {
    return [
      `Find out what is wrong with version ${release.from}: it is rejected and quarantined until a person lifts that.`,
      `If it was rolled back wrongly: ${command(`lift-quarantine ${model} ${release.from} --reason '${WHY}'`)}, then approve it again.`,
      ...advice,
    ];
  }
  if (ended === 'release succeeded' && release.from !== undefined) {
    return [`If it does harm: ${command(`rollback ${model} --reason '${WHY}'`)}`, ...advice];
  }
  if (ended === 'sleep succeeded') return [`Wake it: ${command(`wake ${model} --reason '${WHY}'`)}`, ...advice];
  if (ended === 'lift-quarantine succeeded') {
    return [`Approve version ${release.version} again in the model registry, which releases it.`, ...advice];
  }
  if (ended === 'rollback undone' && from !== undefined && from !== version) {
    return [
      `Act now: version ${from}, which was to leave, serves on.`,
      `Put right what kept version ${version} from serving, then: ${command(`rollback ${model} --to ${version} --reason '${WHY}'`)}`,
      `Or go back to another version that was healthy here, with '--to': ${command(`status ${model}`)} lists them.`,
      ...advice,
    ];
  }
  if (release.outcome === 'undone') {
    return [
      `${release.action === 'rollback' ? `Version ${version}` : 'What served before'} serves again; put the cause right first.`,
      ...(ended === 'release undone' ? [`Once more: ${command(`release ${model} ${version} --reason '${WHY}'`)}`] : []),
      ...advice,
    ];
  }
  if (release.outcome === 'failed') {
    const good = release.action === 'rollback' ? version : from;
    return [
      `See what serves now: ${command(`status ${model}`)}`,
      ...(good === undefined
        ? []
        : [
            `If it is a bad version, or nothing, bring version ${good} back: ${command(`rollback ${model} --to ${good} --reason '${WHY}'`)}`,
          ]),
      'Each request first finishes or undoes what the last one left.',
      ...advice,
    ];
  }
  return [...advice];
}

/** Time of day to the millisecond: a step takes less than a second. */
function clock(iso: string): string {
  return iso.slice(11);
}

function between(from: string, to: string): string {
  return duration(Date.parse(to) - Date.parse(from));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(item => plain(item)).join('; ');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? '');
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${plain(inner)}`)
    .join(' ');
}
