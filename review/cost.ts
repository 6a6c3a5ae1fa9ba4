import type { CanonicalStack } from './canonical';
import type { Price } from './prices';
import { isRecord, numberOf, valuesAt } from './values';

/** A month as AWS counts it in its own estimates. */
export const HOURS_OF_A_MONTH = 730;

/** How the table of prices names an endpoint's instances, with their type behind. */
export const HOSTING = 'SageMaker hosting';

/** What runs in an environment, and how much of it. */
export interface Counted {
  /** As the table of prices names it. */
  readonly resource: string;
  readonly quantity: number;
}

/** One line of the estimate. */
export interface CostLine {
  readonly price: Price;
  readonly before: number;
  readonly after: number;
  /** For a month. */
  readonly usdBefore: number;
  readonly usdAfter: number;
}

/** Monthly cost of what stands there whether or not it is used. */
export interface Cost {
  readonly lines: readonly CostLine[];
  readonly usdBefore: number;
  readonly usdAfter: number;
  /** What the table has no price of, with how many there are; some of it is free, most is charged by use. */
  readonly unpriced: readonly { readonly resource: string; readonly before: number; readonly after: number }[];
}

export function costOf(
  before: readonly CanonicalStack[],
  after: readonly CanonicalStack[],
  prices: readonly Price[],
): Cost {
  const region = regionOf(after.length > 0 ? after : before);
  const [old, now] = [countsOf(before), countsOf(after)];
  const lines: CostLine[] = [];
  const unpriced: { resource: string; before: number; after: number }[] = [];
  for (const resource of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const counts = { before: old.get(resource) ?? 0, after: now.get(resource) ?? 0 };
    const price = prices.find(entry => entry.resource === resource && ['any', region].includes(entry.region));
    if (price === undefined) {
      unpriced.push({ resource, ...counts });
    } else {
      const monthly = price.usd * (price.per === 'hour' ? HOURS_OF_A_MONTH : 1);
      lines.push({ price, ...counts, usdBefore: counts.before * monthly, usdAfter: counts.after * monthly });
    }
  }
  const sum = (usd: (line: CostLine) => number): number => lines.reduce((total, line) => total + usd(line), 0);
  return { lines, unpriced, usdBefore: sum(line => line.usdBefore), usdAfter: sum(line => line.usdAfter) };
}

function regionOf([stack]: readonly CanonicalStack[]): string | undefined {
  return (stack as CanonicalStack | undefined)?.target.split('/').at(-1);
}

function countsOf(stacks: readonly CanonicalStack[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { resources } of stacks) {
    for (const resource of Object.values(resources)) {
      for (const { resource: name, quantity } of [
        { resource: resource.Type, quantity: quantityOf(resource) },
        ...hostingIn(valuesAt(resource, 'Value')),
      ]) {
        counts.set(name, (counts.get(name) ?? 0) + quantity);
      }
    }
  }
  return counts;
}

/** An alarm is charged for each metric that it reads. */
function quantityOf(resource: { Type: string; Properties?: Readonly<Record<string, unknown>> }): number {
  const metrics = resource.Type === 'AWS::CloudWatch::Alarm' ? valuesAt(resource, 'Metrics.*.MetricStat') : [];
  return Math.max(metrics.length, 1);
}

/** Endpoints that settings make the release controller run; they are in no template. */
function hostingIn(value: unknown): Counted[] {
  if (Array.isArray(value)) {
    return value.flatMap(hostingIn);
  }
  if (!isRecord(value)) {
    return [];
  }
  const { endpointName, instanceType, instanceCount } = value;
  const quantity = numberOf(instanceCount);
  return endpointName !== undefined && typeof instanceType === 'string' && quantity !== undefined
    ? [{ resource: `${HOSTING} ${instanceType}`, quantity }]
    : Object.values(value).flatMap(hostingIn);
}
