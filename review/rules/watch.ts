import type { ResourceChange } from '../compare';
import type { Finding, Level, Rule, Topic } from '../finding';
import { isOn, numberOf, shown, valuesAt } from '../values';

/** A property that may get worse. */
export interface Watched {
  readonly type: string | RegExp;
  /** Its path in the resource's properties, `*` for each item of a list. */
  readonly property: string;
  readonly level: Level;
  /** What is worse now, in words; nothing when it is not worse. Both are lists: a path may lead to several values. */
  readonly worse: (before: readonly unknown[], after: readonly unknown[]) => string | undefined;
  /**
   * Whether a new resource is looked at too, as if it had been without the property.
   *
   * @default false
   */
  readonly alsoNew?: boolean;
}

/** Findings for properties of resources that stay, and of new ones where the table says so. */
export function watch(topic: Topic, watched: readonly Watched[]): Rule {
  return ({ resources }) =>
    resources.flatMap(change =>
      watched
        .filter(({ type, alsoNew }) => isOf(change, type) && isLookedAt(change, alsoNew ?? false))
        .flatMap(({ property, level, worse }): Finding[] => {
          const says = worse(valuesAt(change.before, property), valuesAt(change.after, property));
          return says === undefined ? [] : [{ topic, level, stack: change.stack, logicalId: change.logicalId, says }];
        }),
    );
}

export function isOf({ type }: ResourceChange, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? type === wanted : wanted.test(type);
}

function isLookedAt({ before, after }: ResourceChange, alsoNew: boolean): boolean {
  return after !== undefined && (before !== undefined || alsoNew);
}

/** On before, and now off in one place at least. */
export function switchedOff(says: string): Watched['worse'] {
  return (before, after) => (before.filter(isOn).length > after.filter(isOn).length ? says : undefined);
}

export function switchedOn(says: string): Watched['worse'] {
  return (before, after) => (after.filter(isOn).length > before.filter(isOn).length ? says : undefined);
}

/** There before, and now gone or with fewer items. */
export function removed(says: string): Watched['worse'] {
  return (before, after) => {
    const gone = itemsOf(before).filter(item => !itemsOf(after).includes(item));
    return gone.length > 0 && itemsOf(after).length < itemsOf(before).length
      ? `${says}: ${gone.map(item => shown(JSON.parse(item))).join(', ')}`
      : undefined;
  };
}

function itemsOf(values: readonly unknown[]): string[] {
  return values.flat().map(value => JSON.stringify(value));
}

/** A number that fell; `without` stands for a value that is not there. */
export function lowered(says: string, without?: number): Watched['worse'] {
  return (before, after) => {
    const [old, now] = [numberOf(before[0]) ?? without, numberOf(after[0]) ?? without];
    return old !== undefined && now !== undefined && now < old ? `${says}: ${old} → ${now}` : undefined;
  };
}

export function raised(says: string, without?: number): Watched['worse'] {
  return (before, after) => {
    const [old, now] = [numberOf(before[0]) ?? without, numberOf(after[0]) ?? without];
    return old !== undefined && now !== undefined && now > old ? `${says}: ${old} → ${now}` : undefined;
  };
}

/** Otherwise than before, in whatever way. */
export function changed(says: string): Watched['worse'] {
  return (before, after) =>
    JSON.stringify(before) === JSON.stringify(after) ? undefined : `${says}: ${shown(before[0])} → ${shown(after[0])}`;
}
