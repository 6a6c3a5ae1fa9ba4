/** What is wrong with a file that a person wrote: its message is all that they need, a stack of calls is not. */
export class ConfigError extends Error {
  public override readonly name = 'ConfigError';
}
