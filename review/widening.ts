import type { EnvironmentChange } from './compare';
import { isHolderIn, type PolicyKind, type Right, rightsOf, type Term } from './policies';

/** Rights that a change gives, or denies no longer; by what they have in common. */
export interface Widening {
  readonly holder: string;
  readonly effect: Right['effect'];
  readonly principal: Term;
  readonly resource: Term;
  readonly actions: readonly Term[];
  readonly condition: Right['condition'];
  /** The holder itself is new. */
  readonly isNew: boolean;
  readonly stack: string;
  readonly logicalId: string;
}

/**
 * What is allowed now and was not, and what was denied and is not. The place of a statement means nothing: what moves from
 * one policy to another of the same holder is no widening, nor are the rights of a holder that only has a new name.
 */
export function wideningsOf({ before, after }: EnvironmentChange, kind: PolicyKind): Widening[] {
  const [old, now] = [before, after].map(stacks => rightsOf(stacks).filter(right => right.kind === kind));
  const [oldByHolder, nowByHolder] = [old, now].map(byHolder);
  const orphaned = old.filter(({ holder }) => !nowByHolder.has(holder));

  const allowed = now
    .filter(({ effect }) => effect === 'Allow')
    .filter(right => {
      const had = oldByHolder.get(right.holder) ?? orphaned;
      return !had.some(other => other.effect === 'Allow' && covers(other, right));
    });
  const noLongerDenied = old
    .filter(({ effect, holder }) => effect === 'Deny' && isHolderIn(after, holder))
    .filter(
      right => !(nowByHolder.get(right.holder) ?? []).some(other => other.effect === 'Deny' && covers(other, right)),
    );

  return grouped([...allowed, ...noLongerDenied]).map(rights => ({
    ...rights[0],
    actions: rights.map(({ action }) => action),
    isNew: isHolderIn(after, rights[0].holder) && !isHolderIn(before, rights[0].holder),
  }));
}

function byHolder(rights: readonly Right[]): Map<string, Right[]> {
  return groupedBy(rights, ({ holder }) => holder);
}

function grouped(rights: readonly Right[]): Right[][] {
  const common = ({ holder, effect, principal, resource, condition, stack, logicalId }: Right) =>
    JSON.stringify([holder, effect, principal, resource, condition, stack, logicalId]);
  return [...groupedBy(rights, common).values()];
}

function groupedBy(rights: readonly Right[], key: (right: Right) => string): Map<string, Right[]> {
  const groups = new Map<string, Right[]>();
  for (const right of rights) {
    const group = groups.get(key(right));
    if (group === undefined) groups.set(key(right), [right]);
    else group.push(right);
  }
  return groups;
}

/** Whether whatever the narrow right speaks of, the wide one speaks of too. */
export function covers(wide: Right, narrow: Right): boolean {
  return (
    coversTerm(wide.action, narrow.action) &&
    coversTerm(wide.resource, narrow.resource) &&
    coversTerm(wide.principal, narrow.principal) &&
    coversCondition(wide.condition, narrow.condition)
  );
}

function coversTerm(wide: Term, narrow: Term): boolean {
  if (wide.not || narrow.not) {
    return wide.not === narrow.not && wide.value === narrow.value;
  }
  return wide.value === narrow.value || matches(wide.value, narrow.value);
}

/** Whether a pattern of IAM, with `*` and `?`, holds a text; the text may be a pattern itself. */
function matches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) {
    return false;
  }
  const source = pattern
    // a reference is one word, not a pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Fewer conditions are wider, and so are more values for the same key. */
function coversCondition(wide: Right['condition'], narrow: Right['condition']): boolean {
  return Object.entries(wide).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const other = (narrow[operator] as Right['condition'][string] | undefined)?.[key];
      if (other === undefined) {
        return false;
      }
      const [wideValues, narrowValues] = [values, other].map(value => [value].flat().map(String));
      const negated = /Not|Null/.test(operator);
      return negated
        ? wideValues.every(value => narrowValues.includes(value))
        : narrowValues.every(value => wideValues.includes(value));
    }),
  );
}
