import { Token } from 'aws-cdk-lib';
import type { ModelSchema } from '../data/model-schema';
import type { PersonalData } from '../data/personal-data';
import { ENVIRONMENT_NAME, ENVIRONMENT_NAME_ALLOWED } from './environment-identity';
import { modelResourceName } from './names';
import type { Problems } from './validation';

/** What the longest name of an environment leaves of SageMaker's 63 characters: see `environment-identity.ts`. */
const MAX_MODEL_NAME_LENGTH = 27;

/** Notes an environment name that cannot be part of every name that is made of it. */
export function requireEnvironmentName(problems: Problems, environmentName: string): void {
  problems.requirePattern(
    'environmentName',
    environmentName,
    ENVIRONMENT_NAME,
    `${ENVIRONMENT_NAME_ALLOWED}, such as 'dev'`,
  );
}

/** Notes a model name that cannot be part of every name that is made of it. */
export function requireModelName(problems: Problems, modelName: string): void {
  problems.requirePattern(
    'modelName',
    modelName,
    new RegExp(`^[a-z](-?[a-z0-9]){0,${MAX_MODEL_NAME_LENGTH - 1}}$`),
    `at most ${MAX_MODEL_NAME_LENGTH} lower-case letters, digits and single hyphens that begin with a letter, such as 'rain'`,
  );
  if (modelName.length > MAX_MODEL_NAME_LENGTH) {
    problems.add(`'modelName' has ${modelName.length} characters, must have at most ${MAX_MODEL_NAME_LENGTH}`);
  }
}

/** Notes a group that the functions' rights, and the rule that hears of approvals, would not cover. */
export function requireGroupName(problems: Problems, groupName: string, environmentName: string, model: string): void {
  const expected = modelResourceName(environmentName, model);
  problems.require(
    Token.isUnresolved(groupName) || groupName === expected,
    `'registry' is the model package group '${groupName}', must be '${expected}', by which the shared functions find the versions of '${model}' in '${environmentName}'`,
  );
}

/** Notes a dashboard's name that CloudWatch refuses. */
export function requireDashboardName(problems: Problems, dashboardName: string | undefined): void {
  problems.requirePattern(
    'dashboardName',
    dashboardName,
    /^[A-Za-z0-9_-]{1,255}$/,
    "at most 255 letters, digits, hyphens and underscores, such as 'mlops-dev'",
  );
}

const COLUMN_NAME = /^[a-z][a-z0-9_]*$/;
const COLUMN_NAME_ALLOWED = 'lower-case letters, digits and underscores that begin with a letter';

/** Notes what is wrong with a model's schema. */
export function requireModelSchema(problems: Problems, schema: ModelSchema): void {
  problems.require(schema.features.length > 0, "'schema.features' is empty, must name at least one feature");
  problems.requirePattern('schema.label', schema.label, COLUMN_NAME, COLUMN_NAME_ALLOWED);
  const seen = new Set([schema.label]);
  for (const feature of schema.features) {
    problems.requirePattern('schema.features.name', feature.name, COLUMN_NAME, COLUMN_NAME_ALLOWED);
    problems.require(
      !seen.has(feature.name),
      `'schema.features' has '${feature.name}' twice or as its label, must name each column once`,
    );
    seen.add(feature.name);
    if (feature.min !== undefined && feature.max !== undefined && feature.min > feature.max) {
      problems.add(`'min' of feature '${feature.name}' is ${feature.min}, must be at most its 'max' ${feature.max}`);
    }
  }
}

/** Notes what of a person would get where it cannot be erased and is not accepted there, and fields that are no features. */
export function requirePersonalData(problems: Problems, schema: ModelSchema, personalData?: PersonalData): void {
  if (personalData === undefined) return;
  const { subject, fields = [], acceptedInSnapshots } = personalData;
  const accepted = acceptedInSnapshots ?? [];
  const features = schema.features.map(({ name }) => name);
  problems.requirePattern('personalData.subject', subject, COLUMN_NAME, COLUMN_NAME_ALLOWED);
  problems.require(
    ![...features, schema.label].includes(subject),
    `'personalData.subject' is '${subject}', must be neither a feature nor the label: these go into locked snapshots, from which nothing is erased`,
  );
  for (const field of fields) {
    problems.require(
      features.includes(field),
      `'personalData.fields' has '${field}', must have features alone: '${features.join("', '")}'`,
    );
    problems.require(
      accepted.includes(field) || !features.includes(field),
      `'personalData.fields' has '${field}', must be without it: features go into locked snapshots, from which no erasure takes them; ` +
        `leave '${field}' out of 'schema.features' and land a feature made of it that tells of no person, such as a band of ages (a hash still tells of one, even with a secret salt), ` +
        `or accept it with '${field}' in 'acceptedInSnapshots'`,
    );
  }
  problems.require(
    acceptedInSnapshots?.length !== 0,
    "'personalData.acceptedInSnapshots' is empty, must name some of 'personalData.fields' or be left out: there is nothing to accept",
  );
  for (const name of accepted) {
    problems.require(
      fields.includes(name),
      `'personalData.acceptedInSnapshots' has '${name}', must be without it, or have it in 'personalData.fields': there is nothing to accept`,
    );
  }
}
