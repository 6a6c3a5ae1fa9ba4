/** What stands in a template for what only a version knows; `eksServingSettings` in `lambda/shared/contracts.ts` tells what fills it. */
export const PLACEHOLDERS = {
  version: '${mlops:version}',
  name: '${mlops:name}',
  image: '${mlops:image}',
  artifactUri: '${mlops:artifact-uri}',
  artifactDigest: '${mlops:artifact-digest}',
  /** OCI image that holds the model alone. */
  modelImage: '${mlops:model-image}',
  /** Name of the entry in a container's environment in whose place the version's own variables come. */
  environment: '${mlops:environment}',
} as const;
