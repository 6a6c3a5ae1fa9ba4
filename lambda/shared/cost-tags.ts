/** Tags by which what is made at run time counts to its environment and model; stacks give theirs by the same keys. */
export function costTags(environmentName: string, model: string): { Key: string; Value: string }[] {
  return [
    { Key: 'mlops:environment', Value: environmentName },
    { Key: 'mlops:model', Value: model },
  ];
}
