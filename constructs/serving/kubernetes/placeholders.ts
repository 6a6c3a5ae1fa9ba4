/** What stands in a template for what only a version knows; `eksServingSettings` in `lambda/shared/contracts.ts` tells what fills it. */
export const PLACEHOLDERS = {
  version: '${mlops:version}',
  name: '${mlops:name}',
  image: '${mlops:image}',
  artifactUri: '${mlops:artifact-uri}',
  artifactDigest: '${mlops:artifact-digest}',
  /** OCI image that holds the model alone. */
  modelImage: '${mlops:model-image}',
  /** Where the files lie that a batch predicts, and where its predictions go: `s3://<bucket>/<prefix>/`. */
  batchInput: '${mlops:batch-input-uri}',
  batchOutput: '${mlops:batch-output-uri}',
  /** Name of the entry in a container's environment in whose place the version's own variables come. */
  environment: '${mlops:environment}',
} as const;
