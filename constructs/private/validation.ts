import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What is wrong with a construct's props, collected so that one synth tells all of it. */
export class Problems {
  private readonly messages: string[] = [];

  constructor(private readonly scope: IConstruct) {}

  /** Notes a problem: lower-case, property in quotes, value got, values allowed, fix, no period. */
  public add(message: string): void {
    this.messages.push(message);
  }

  /** Notes `message` unless `condition` holds. */
  public require(condition: boolean, message: string): void {
    if (!condition) {
      this.add(message);
    }
  }

  /** Notes a number outside `min` to `max`, both inclusive; `undefined` and unresolved values pass. */
  public requireRange(property: string, value: number | undefined, min: number, max: number): void {
    if (value === undefined || Token.isUnresolved(value) || (value >= min && value <= max)) {
      return;
    }
    this.add(`'${property}' is ${value}, must be from ${min} to ${max}`);
  }

  /** Notes a text that does not match; `allowed` says in words what does. `undefined` and unresolved values pass. */
  public requirePattern(property: string, value: string | undefined, pattern: RegExp, allowed: string): void {
    if (value === undefined || Token.isUnresolved(value) || pattern.test(value)) {
      return;
    }
    this.add(`'${property}' is '${value}', must be ${allowed}`);
  }

  /** Throws everything that was noted in one error that begins with the construct's path. */
  public throwIfAny(): void {
    if (this.messages.length > 0) {
      throw new PropsError(this.scope.node.path, this.messages);
    }
  }
}

/** What is wrong with a construct's props: each problem by itself, for whoever made the props of something else. */
class PropsError extends Error {
  public override readonly name = 'PropsError';

  constructor(
    public readonly path: string,
    public readonly problems: readonly string[],
  ) {
    super(`${path}: ${problems.join('; ')}`);
  }
}
