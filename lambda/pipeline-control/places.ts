/** Where in S3 the parts of a run lie. */
export interface Buckets {
  snapshots: string;
  artifacts: string;
}

/** An object in S3. */
export interface S3Place {
  bucket: string;
  key: string;
}

/** Bucket and key of an `s3://` URI. */
export function s3Place(uri: string): S3Place {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (match === null) {
    throw new Error(`URI '${uri}' must be 's3://<bucket>/<key>'`);
  }
  const [, bucket, key] = match;
  return { bucket, key };
}

/** Folder of a snapshot, without a slash at its end. */
export function snapshotUri(buckets: Buckets, model: string, digest: string): string {
  return `s3://${buckets.snapshots}/${model}/${digest}`;
}

/** Folder of a run, without a slash at its end. */
export function runUri(buckets: Buckets, model: string, runId: string): string {
  return `s3://${buckets.artifacts}/${model}/runs/${runId}`;
}

/** Folder under which a model's training code may lie. */
export function codeFolder(buckets: Buckets, model: string): string {
  return `s3://${buckets.artifacts}/${model}/code/`;
}
