/**
 * The shared machinery finds a model's resources by name, so names follow one rule, told here once.
 */

/** Prefix of every physical name in an environment. */
export function resourcePrefix(environmentName: string): string {
  return `mlops-${environmentName}`;
}

/** Name of a model's endpoint and of its model package group. */
export function modelResourceName(environmentName: string, modelName: string): string {
  return `${resourcePrefix(environmentName)}-${modelName}`;
}

/** Parts of a model's settings, each written by one construct. */
export type SettingsPart = 'training' | 'serving' | 'monitoring' | 'reaction';

/** Name of the SSM parameter in which one construct of a model leaves its settings for the shared machinery. */
export function settingsParameterName(environmentName: string, modelName: string, part: SettingsPart): string {
  return `/mlops/${environmentName}/${modelName}/${part}`;
}

/** IAM path of the roles that jobs and endpoints of an environment's models run as; `iam:PassRole` is bounded by it. */
export function modelRolePath(environmentName: string): string {
  return `/mlops/${environmentName}/`;
}

/**
 * Name of the role and of the event bus by which an environment gets versions from another one: the other account's
 * policies name them, often before they are there.
 */
export function promotionName(environmentName: string): string {
  return `${resourcePrefix(environmentName)}-promotion`;
}
