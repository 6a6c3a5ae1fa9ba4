/** The command line itself is wrong: nothing was looked up, nothing was asked. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for cannot be answered: no such model, release or environment. */
export class NotThereError extends Error {
  override readonly name = 'NotThereError';
}

/** What was asked for may mean two things, and one of them does harm. */
export class AmbiguousError extends Error {
  override readonly name = 'AmbiguousError';
}

/** Names in quotes, as messages list what is allowed. */
export function quoted(names: readonly string[]): string {
  return names.map(name => `'${name}'`).join(', ');
}
