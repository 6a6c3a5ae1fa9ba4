import type { Impact, ResourceChange } from './compare';
import { type Cost, HOSTING } from './cost';
import type { LeafChange } from './leaves';
import type { CommonFinding, EnvironmentReport, Report } from './report';
import { NEAR, type QuotaUse } from './quotas';
import { shown } from './values';

/** GitHub refuses a comment of more characters than this. */
const LONGEST_COMMENT = 65_536;
const LEAVES_OF_A_RESOURCE = 12;
const IMPACTS: readonly Impact[] = ['deleted', 'replaced', 'may be replaced', 'changed', 'added'];

/** The report as a comment of a pull request: what a person must know first, everything else folded below. */
export function toMarkdown(report: Report): string {
  const head = [
    `## Infrastructure: \`${report.base}\` → \`${report.head}\``,
    '',
    verdict(report),
    ...findings(report.findings),
  ];
  const { length } = report.environments;
  const body = report.environments.filter(({ changes }) => changes).flatMap(environment);
  const same = report.environments.filter(({ changes }) => !changes).map(({ change }) => `\`${change.name}\``);
  const rest = [
    // before the resources, of which a new environment has more than a comment holds
    ...costs(report),
    ...quotas(report),
    ...body,
    ...(same.length > 0 && same.length < length ? ['', `Nothing changes in ${same.join(', ')}.`] : []),
    ...codeOnly(report),
  ];
  return cut([...head, ...rest].join('\n'));
}

function verdict({ findings: found, mustLook, environments }: Report): string {
  const dangers = found.filter(({ level }) => level === 'danger').length;
  const names = environments.map(({ change }) => `\`${change.name}\``).join(', ');
  if (!mustLook) {
    return `**Nothing to look at**: no template of ${names} changes in AWS.`;
  }
  if (dangers > 0) {
    return `**A person must look: ${dangers} ${dangers === 1 ? 'danger' : 'dangers'}**`;
  }
  return found.length > 0
    ? '**A person must look**: nothing that the rules call a danger.'
    : '**A person must look**: no rule has a word for what changes.';
}

function findings(found: readonly CommonFinding[]): string[] {
  const lines = (level: CommonFinding['level'], mark: string) =>
    found.filter(finding => finding.level === level).map(finding => `- ${mark} ${sentence(finding)}`);
  const [dangers, looks] = [lines('danger', '🔴'), lines('look', '🟡')];
  return [
    ...(dangers.length > 0 ? ['', ...dangers] : []),
    ...(looks.length > 0
      ? looks.length > 10
        ? folded(`${looks.length} more to look at`, looks)
        : ['', ...looks]
      : []),
  ];
}

function sentence({ topic, environments, stack, logicalId, type, says }: CommonFinding): string {
  const resource = logicalId === undefined ? '' : `/${logicalId}`;
  const kind = type === undefined ? '' : ` (${type})`;
  return `**${topic}** in ${environments.join(', ')}: \`${stack}${resource}\`${kind}: ${says}`;
}

function environment({ change }: EnvironmentReport): string[] {
  const counts = IMPACTS.map(impact => ({
    impact,
    number: change.resources.filter(resource => resource.impact === impact).length,
  })).filter(({ number }) => number > 0);
  const summary = counts.map(({ impact, number }) => `${number} ${impact}`).join(', ');
  const ordered = IMPACTS.flatMap(impact => change.resources.filter(resource => resource.impact === impact));
  const state = change.before.length === 0 ? ' (new)' : change.after.length === 0 ? ' (gone)' : '';
  return [
    '',
    `### ${change.name}${state}`,
    ...folded(summary === '' ? 'outputs, parameters or settings of stacks change' : summary, [
      ...ordered.flatMap(resourceLines),
      ...change.sections.flatMap(({ stack, leaves }) => [`- \`${stack}\``, ...leafLines(leaves)]),
    ]),
  ];
}

function resourceLines({ stack, logicalId, type, impact, leaves, replacing }: ResourceChange): string[] {
  const because = replacing.length > 0 ? `, because of \`${replacing.join('`, `')}\`` : '';
  return [`- ${impact}: \`${stack}/${logicalId}\` (${type})${because}`, ...leafLines(leaves)];
}

function leafLines(leaves: readonly LeafChange[]): string[] {
  const shownLeaves = leaves.slice(0, LEAVES_OF_A_RESOURCE);
  const more = leaves.length - shownLeaves.length;
  return [
    ...shownLeaves.map(({ path, before, after }) => `  - \`${path}\`: ${shown(before)} → ${shown(after)}`),
    ...(more > 0 ? [`  - and ${more} more`] : []),
  ];
}

function codeOnly({ environments }: Report): string[] {
  const names = [...new Set(environments.flatMap(({ change }) => change.codeOnly))];
  return names.length === 0
    ? []
    : folded(`Code alone changes in ${names.length} functions or layers: read it in the commits`, [
        ...names.map(name => `- \`${name}\``),
      ]);
}

function costs({ environments }: Report): string[] {
  const rows = environments.map(({ change, cost }) => {
    const difference = cost.usdAfter - cost.usdBefore;
    return `| ${change.name} | ${usd(cost.usdBefore)} | ${usd(cost.usdAfter)} | ${difference >= 0 ? '+' : '−'}${usd(Math.abs(difference))} | ${changedUnpriced(cost)} |`;
  });
  return [
    '',
    '### Monthly cost of what stands there',
    '',
    '| environment | before | after | difference | more or fewer, without a price |',
    '| --- | ---: | ---: | ---: | --- |',
    ...rows,
    ...folded('Lines, sources and what is not in it', [
      'US dollars for 730 hours, at the list price: without tax, free tiers, discounts, and without whatever is charged by use (requests, storage, data, training).',
      ...environments.flatMap(({ change, cost }) => costLines(change.name, cost)),
      '',
      ...sources(environments),
    ]),
  ];
}

/** How much comes or goes of which the table knows no price: the difference leaves it out. Endpoints are named, which cost most. */
function changedUnpriced({ unpriced }: Cost): string {
  const changed = unpriced.filter(({ before, after }) => before !== after);
  const count = changed.reduce((total, { before, after }) => total + Math.abs(after - before), 0);
  const endpoints = changed.filter(({ resource }) => resource.startsWith(HOSTING)).map(missing);
  return endpoints.length === 0 ? `${count}` : `${count}, among them ${endpoints.join(', ')}`;
}

function missing({ resource, before, after }: Cost['unpriced'][number]): string {
  return before === after ? `${resource} (${after})` : `**${resource} (${before} → ${after})**`;
}

function costLines(name: string, { lines, unpriced }: Cost): string[] {
  return [
    '',
    `**${name}**`,
    '',
    ...lines.map(
      ({ price, before, after, usdBefore, usdAfter }) =>
        `- ${price.resource}: ${before} → ${after} at $${price.usd} ${price.per === 'hour' ? 'an hour' : 'a month'}: ${usd(usdBefore)} → ${usd(usdAfter)}`,
    ),
    `- no price in the table (free, or charged by use, or not known here): ${unpriced.map(missing).join(', ')}`,
  ];
}

function sources(environments: readonly EnvironmentReport[]): string[] {
  const used = new Map(
    environments.flatMap(({ cost }) => cost.lines.map(({ price }) => [`${price.resource} ${price.region}`, price])),
  );
  return [...used.values()].map(
    ({ resource, region, published, source, assumes }) =>
      `- ${resource}, ${region === 'any' ? 'any region' : region}, published ${published}: ${source}${assumes === undefined ? '' : ` (assumes: ${assumes})`}`,
  );
}

function quotas({ environments }: Report): string[] {
  const rows = environments.flatMap(({ change, quotasBefore, quotasAfter }) =>
    fullest(quotasAfter).map(use => {
      const before = quotasBefore.find(
        ({ stack, quota, of }) => stack === use.stack && quota === use.quota && of === use.of,
      );
      const share = Math.round((use.used / use.limit) * 100);
      const near = use.used > use.limit * NEAR ? ' ⚠' : '';
      return `| ${change.name} | \`${use.of ?? use.stack}\` | ${use.quota} | ${before?.used ?? 0} | ${use.used} | ${use.limit} | ${share} %${near} |`;
    }),
  );
  return folded('Quotas: the fullest of each kind', [
    '| environment | of | quota | before | after | limit | used |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ]);
}

/** The fullest of each kind, and all that are nearly full. */
function fullest(uses: readonly QuotaUse[]): QuotaUse[] {
  const sorted = [...uses].sort((a, b) => b.used / b.limit - a.used / a.limit);
  return sorted.filter(
    (use, index) => use.used > use.limit * NEAR || sorted.findIndex(({ quota }) => quota === use.quota) === index,
  );
}

function folded(summary: string, lines: readonly string[]): string[] {
  return ['', `<details><summary>${summary}</summary>`, '', ...lines, '', '</details>'];
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

/** What does not fit into a comment is cut at its end, where the least important is. */
function cut(text: string): string {
  if (text.length < LONGEST_COMMENT) {
    return `${text}\n`;
  }
  const note =
    '\n\n**Cut here: the report is longer than a comment may be. Run `npm run review` to read all of it.**\n';
  const kept = text.slice(0, LONGEST_COMMENT - note.length - 20);
  const whole = kept.slice(0, kept.lastIndexOf('\n'));
  const open = (whole.match(/<details>/g) ?? []).length - (whole.match(/<\/details>/g) ?? []).length;
  return `${whole}${open > 0 ? '\n\n</details>' : ''}${note}`;
}
