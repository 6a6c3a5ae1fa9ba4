import { ENVIRONMENT_TAG, MODEL_TAG } from '../../constructs/private/tag-keys';

/** Tags by which what is made at run time counts to its environment and model; stacks give theirs by the same keys. */
export function costTags(environmentName: string, model: string): { Key: string; Value: string }[] {
  return [
    { Key: ENVIRONMENT_TAG, Value: environmentName },
    { Key: MODEL_TAG, Value: model },
  ];
}
