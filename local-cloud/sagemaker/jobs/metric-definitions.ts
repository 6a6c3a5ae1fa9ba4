import type { MetricData, MetricDefinition } from '@aws-sdk/client-sagemaker';
import { RE2JS } from 're2js';
import { messageOf, validationException } from '../errors';
import type { Checked } from '../service-model/checked';

/** Reads the metrics of a training job from the lines of its log; the last value of each is the final one. */
export class MetricReader {
  private readonly definitions: readonly { readonly name: string; readonly expression: RE2JS }[];
  private readonly values = new Map<string, { readonly value: number; readonly time: Date }>();

  constructor(definitions: readonly Checked<MetricDefinition>[]) {
    this.definitions = definitions.map(({ Name: name, Regex: regex }) => ({ name, expression: compile(name, regex) }));
  }

  /** Takes a line of the log. */
  public read(line: string, time: Date): void {
    for (const { name, expression } of this.definitions) {
      const text = firstGroup(expression, line) ?? '';
      const value = Number(text);
      // Number('') is 0, which nobody has written; and no answer in JSON can hold an infinity
      if (text.trim() !== '' && Number.isFinite(value)) {
        this.values.set(name, { value, time });
      }
    }
  }

  /** The metrics seen so far. */
  public final(): MetricData[] {
    return [...this.values].map(([MetricName, { value, time }]) => ({ MetricName, Value: value, Timestamp: time }));
  }
}

function firstGroup(expression: RE2JS, line: string): string | null | undefined {
  const match = expression.matcher(line);
  return match.groupCount() > 0 && match.find() ? match.group(1) : undefined;
}

/** RE2 takes time in proportion to the line: an expression that goes back over and over would hold up every request. */
function compile(name: string, regex: string): RE2JS {
  try {
    return RE2JS.compile(regex);
  } catch (error) {
    throw validationException(
      `Regex '${regex}' of metric definition '${name}' cannot be used: ${messageOf(error)}; use RE2's syntax, which has ` +
        'no look-around and no references back',
    );
  }
}
