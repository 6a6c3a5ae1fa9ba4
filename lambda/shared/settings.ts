import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import type { z } from 'zod';
import {
  anyServingSettings,
  monitoringSettings,
  reactionSettings,
  trainingSettings,
  type AnyServingSettings,
  type MonitoringSettings,
  type ReactionSettings,
  type TrainingSettings,
} from './contracts';

/** A model's settings are missing or not what the functions agree on: deploy the model's stack again. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(
    message: string,
    /** Whether there is no parameter at all, so that the model has no such part. */
    readonly missing: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A model's settings, as its constructs left them in SSM for the machinery that all models share. */
export class Settings {
  constructor(
    private readonly ssm: SSMClient,
    private readonly environmentName: string,
  ) {}

  /** What `TrainingPipeline` wrote. */
  training(model: string): Promise<TrainingSettings> {
    return this.read(model, 'training', trainingSettings);
  }

  /** What `ModelService` or `KubernetesModelService` wrote. */
  serving(model: string): Promise<AnyServingSettings> {
    return this.read(model, 'serving', anyServingSettings);
  }

  /** What `ModelMonitor` wrote. */
  monitoring(model: string): Promise<MonitoringSettings> {
    return this.read(model, 'monitoring', monitoringSettings);
  }

  /** What `RollbackReaction` wrote. */
  reaction(model: string): Promise<ReactionSettings> {
    return this.read(model, 'reaction', reactionSettings);
  }

  private async read<T>(model: string, part: string, schema: z.ZodType<T>): Promise<T> {
    const name = `/mlops/${this.environmentName}/${model}/${part}`;
    const value = await this.parameter(name);
    let json: unknown;
    try {
      json = JSON.parse(value);
    } catch (cause) {
      throw new SettingsError(`parameter '${name}' must hold JSON, got '${value.slice(0, 80)}'`, false, { cause });
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(issue => `'${issue.path.join('.')}': ${issue.message}`).join('; ');
      throw new SettingsError(
        `parameter '${name}' does not have the agreed shape (${problems}), deploy the stack of '${model}' again`,
        false,
        { cause: parsed.error },
      );
    }
    return parsed.data;
  }

  private async parameter(name: string): Promise<string> {
    try {
      const answer = await this.ssm.send(new GetParameterCommand({ Name: name }));
      return answer.Parameter?.Value ?? '';
    } catch (error) {
      // by name as well: a bundle may hold two copies of the class
      if (error instanceof ParameterNotFound || (error instanceof Error && error.name === 'ParameterNotFound')) {
        throw new SettingsError(`parameter '${name}' not found, deploy the stack of this model first`, true, {
          cause: error,
        });
      }
      throw error;
    }
  }
}
