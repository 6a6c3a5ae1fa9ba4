import type { AnyServingSettings } from '../lambda/shared/contracts';
import { NotThereError, quoted } from './errors';
import type { Platform } from './ports';

/** The settings of a model's service; fails with the models that there are. */
export async function servingSettingsOf(platform: Platform, model: string): Promise<AnyServingSettings> {
  const settings = await platform.serving(model);
  if (settings === undefined) throw await unknownModel(platform, model);
  return settings;
}

/** Says which models there are instead, to whoever may know. */
export async function unknownModel(platform: Platform, model: string): Promise<NotThereError> {
  const what = `there is no model '${model}' in environment '${platform.environmentName}'`;
  const known = await listed(platform);
  if (known === undefined) {
    return new NotThereError(
      `${what}; which there are, 'mlops status' tells to whoever may list them (ssm:GetParametersByPath)`,
    );
  }
  return new NotThereError(
    known.length === 0
      ? `${what}, nor any other: deploy a model's stack first`
      : `${what}, must be one of ${quoted(known)}`,
  );
}

/** The models that there are; nothing for a role that may not list them, as the one of merges. */
async function listed(platform: Platform): Promise<string[] | undefined> {
  try {
    return await platform.models();
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return undefined;
    throw error;
  }
}
