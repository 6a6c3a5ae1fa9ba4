import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRefusal } from '../aws/access';
import type { ResourceFault } from '../aws/faults';
import type { ContainerProcess, Exit } from '../containers/process-runner';
import { messageOf } from '../errors';

const MAX_LENGTH = 1024;

/** A job that fails for a reason which its `FailureReason` tells. */
export class JobFailure extends Error {
  public override readonly name = 'JobFailure';
}

/** What stands in `FailureReason` when the algorithm has failed: its own words, or else its last lines. */
export async function algorithmFailure(
  container: ContainerProcess,
  exit: Exit,
  baseFolder: string,
): Promise<JobFailure> {
  const told = await readText(join(baseFolder, 'output', 'failure'));
  const reason = told === '' ? container.tail : told;
  const ending = `, exit code: ${exit.code ?? `none, ended by ${String(exit.signal)}`}`;
  return new JobFailure(shorten(`AlgorithmError: ${reason}`, MAX_LENGTH - ending.length) + ending);
}

/** A job that a fault keeps from going on, in the words that SageMaker has for it; a killed process tells by itself. */
export function refuseByFault(fault: ResourceFault | undefined): void {
  if (fault?.effect === 'capacity-error') {
    throw new JobFailure(
      'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
    );
  }
  if (fault?.effect === 'job-failure') {
    throw new JobFailure(`InternalServerError: ${fault.message ?? 'We encountered an internal error'}`);
  }
}

/** A failure to bring the input, in SageMaker's words. */
export function downloadFailure(uri: string, roleArn: string, error: unknown): JobFailure {
  const cause = isRefusal(error)
    ? `Please ensure that the role "${roleArn}" has the rights to list and to read "${uri}"`
    : messageOf(error);
  return new JobFailure(`ClientError: Data download failed: ${cause}`);
}

/** Nothing lies under a channel's prefix. */
export function emptyInput(uri: string, region: string, roleArn: string): JobFailure {
  return new JobFailure(
    `ClientError: Data download failed: No S3 objects found under S3 URL "${uri}" given in input data source. Please ` +
      `ensure that the bucket exists in the selected region (${region}), that objects exist under that S3 prefix, and ` +
      `that the role "${roleArn}" has "s3:ListBucket" permissions on the bucket.`,
  );
}

/** A failure to bring the output to S3. */
export function uploadFailure(uri: string, roleArn: string, error: unknown): JobFailure {
  return new JobFailure(
    `ClientError: Artifact upload failed: ${messageOf(error)}; '${uri}' is written with the rights of role "${roleArn}"`,
  );
}

/** `FailureReason` of anything thrown. */
export function failureReason(error: unknown): string {
  const text = error instanceof JobFailure ? error.message : `InternalServerError: ${messageOf(error)}`;
  return shorten(text, MAX_LENGTH);
}

/** Text of a file; empty when there is none. */
export async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return '';
    }
    throw error;
  }
}

/** Keeps the end: the last line of a stack trace says most. */
function shorten(text: string, length: number): string {
  if (text.length <= length) {
    return text;
  }
  const head = /^\w+: /.exec(text)?.[0] ?? '';
  return `${head}…${text.slice(text.length - length + head.length + 1)}`;
}
