import type { EnvironmentChange } from './compare';
import { type Cost, costOf } from './cost';
import type { Finding } from './finding';
import { TOPICS } from './finding';
import type { Price } from './prices';
import { type QuotaUse, quotaUses } from './quotas';
import { findingsOf } from './rules';

/** What is known of one environment's change. */
export interface EnvironmentReport {
  readonly change: EnvironmentChange;
  readonly findings: readonly Finding[];
  readonly cost: Cost;
  readonly quotasBefore: readonly QuotaUse[];
  readonly quotasAfter: readonly QuotaUse[];
  /** Whether anything is otherwise in AWS than before, code of functions left aside. */
  readonly changes: boolean;
}

/** The same finding in several environments, told once. */
export interface CommonFinding extends Finding {
  readonly environments: readonly string[];
  /** Type of the resource. */
  readonly type?: string;
}

/** A whole review. */
export interface Report {
  readonly base: string;
  readonly head: string;
  readonly environments: readonly EnvironmentReport[];
  readonly findings: readonly CommonFinding[];
  /** Anything is left that a person has to judge, whether or not a rule has a word for it. */
  readonly mustLook: boolean;
}

export function reportOf(of: {
  base: string;
  head: string;
  changes: readonly EnvironmentChange[];
  prices: readonly Price[];
}): Report {
  const environments = of.changes.map((change): EnvironmentReport => {
    const findings = findingsOf(change);
    return {
      change,
      findings,
      cost: costOf(change.before, change.after, of.prices),
      quotasBefore: quotaUses(change.before),
      quotasAfter: quotaUses(change.after),
      changes: change.resources.length > 0 || change.sections.length > 0 || findings.length > 0,
    };
  });
  return {
    base: of.base,
    head: of.head,
    environments,
    findings: commonFindings(environments),
    mustLook: environments.some(({ changes }) => changes),
  };
}

function commonFindings(environments: readonly EnvironmentReport[]): CommonFinding[] {
  const found = new Map<string, CommonFinding>();
  for (const { change, findings } of environments) {
    for (const finding of findings) {
      // the environment's own name in a text makes no other finding
      const key = JSON.stringify(finding).replaceAll(change.name, '<environment>');
      const known = found.get(key);
      const environmentNames = [...(known?.environments ?? []), change.name];
      const type = change.resources.find(
        ({ stack, logicalId }) => stack === finding.stack && logicalId === finding.logicalId,
      )?.type;
      found.set(key, { type, ...(known ?? finding), environments: [...new Set(environmentNames)] });
    }
  }
  const rank = ({ level, topic }: Finding): number => (level === 'danger' ? 0 : TOPICS.length) + TOPICS.indexOf(topic);
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}
