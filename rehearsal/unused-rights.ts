/** Rights that a rehearsal does not exercise, each with the reason why the role has it all the same. */
interface UnusedRight {
  /** Part of the role's name. */
  readonly role: RegExp;
  readonly action: RegExp;
  readonly resource?: RegExp;
  readonly reason: string;
}

const UNUSED: readonly UnusedRight[] = [];

/** Why a role has a right that nothing used; undefined when nobody has written a reason. */
export function reasonFor(role: string, action: string, resource: string): string | undefined {
  return UNUSED.find(
    unused => unused.role.test(role) && unused.action.test(action) && (unused.resource?.test(resource) ?? true),
  )?.reason;
}
