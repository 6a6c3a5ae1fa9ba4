import type { MetricData, MetricDefinition } from '@aws-sdk/client-sagemaker';
import { messageOf, validationException } from '../errors';
import type { Checked } from '../service-model/checked';

/** Reads the metrics of a training job from the lines of its log; the last value of each is the final one. */
export class MetricReader {
  private readonly definitions: readonly { readonly name: string; readonly expression: RegExp }[];
  private readonly values = new Map<string, { readonly value: number; readonly time: Date }>();

  constructor(definitions: readonly Checked<MetricDefinition>[]) {
    this.definitions = definitions.map(({ Name: name, Regex: regex }) => ({ name, expression: compile(name, regex) }));
  }

  /** Takes a line of the log. */
  public read(line: string, time: Date): void {
    for (const { name, expression } of this.definitions) {
      const value = Number(expression.exec(line)?.[1] ?? Number.NaN);
      if (!Number.isNaN(value)) {
        this.values.set(name, { value, time });
      }
    }
  }

  /** The metrics seen so far. */
  public final(): MetricData[] {
    return [...this.values].map(([MetricName, { value, time }]) => ({ MetricName, Value: value, Timestamp: time }));
  }
}

function compile(name: string, regex: string): RegExp {
  try {
    return new RegExp(regex);
  } catch (error) {
    throw validationException(`Regex '${regex}' of metric definition '${name}' cannot be used: ${messageOf(error)}`);
  }
}
