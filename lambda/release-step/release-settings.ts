import type { AnyServingSettings, ModelSchema } from '../shared/contracts';
import { type Settings, SettingsError } from '../shared/settings';
import type { SettingsPort } from './ports';

/** Cooldown of a model that has no reaction of its own; the same as the reaction's default. */
const DEFAULT_COOLDOWN_SECONDS = 6 * 3600;

/** A release's settings from the parameters that the model's constructs wrote. */
export class ReleaseSettings implements SettingsPort {
  constructor(private readonly settings: Settings) {}

  serving(model: string): Promise<AnyServingSettings | undefined> {
    // a name with other characters would be another parameter's, or none
    return /^[a-z][a-z0-9-]*$/.test(model) ? ifThere(this.settings.serving(model)) : Promise.resolve(undefined);
  }

  async schema(model: string): Promise<ModelSchema> {
    return (await this.settings.training(model)).schema;
  }

  async cooldownSeconds(model: string): Promise<number> {
    return (await ifThere(this.settings.reaction(model)))?.cooldownSeconds ?? DEFAULT_COOLDOWN_SECONDS;
  }
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof SettingsError && error.missing) return undefined;
    throw error;
  }
}
