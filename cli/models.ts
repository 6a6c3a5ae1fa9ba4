import type { AnyServingSettings } from '../lambda/shared/contracts';
import { NotThereError, quoted } from './errors';
import type { Platform } from './ports';

/** The settings of a model's service; fails with the models that there are. */
export async function servingSettingsOf(platform: Platform, model: string): Promise<AnyServingSettings> {
  const settings = await platform.serving(model);
  if (settings === undefined) throw await unknownModel(platform, model);
  return settings;
}

/** Says which models there are instead. */
export async function unknownModel(platform: Platform, model: string): Promise<NotThereError> {
  const known = await platform.models();
  return new NotThereError(
    known.length === 0
      ? `there is no model '${model}' in environment '${platform.environmentName}', nor any other: deploy a model's stack first`
      : `there is no model '${model}' in environment '${platform.environmentName}', must be one of ${quoted(known)}`,
  );
}
