import type { PackagedVersion } from '../release-step/ports';
import type { LedgerState, VersionRecord } from '../shared/ledger';
import { BatchRefusedError } from './refused';

/** What tells whether a version may predict files. */
export interface VersionSight {
  readonly model: string;
  readonly version: string;
  readonly record: VersionRecord | undefined;
  readonly packaged: PackagedVersion | undefined;
}

/** The version that predicts: the one that was asked for, else the one that serves. */
export function versionFor(asked: string | undefined, { model, current }: LedgerState): string {
  const version = asked ?? current;
  if (version !== undefined) return version;
  throw new BatchRefusedError(`no version of '${model}' serves here, so none predicts`, [
    'Release one first, or name one that was healthy here.',
  ]);
}

/** Only what this environment knows and a person approved predicts, whether single requests or whole files. */
export function eligible({ model, version, record, packaged }: VersionSight): PackagedVersion {
  const what = `version ${version} of '${model}'`;
  if (record === undefined) {
    throw new BatchRefusedError(`${what} is not recorded in this environment, so nothing says that it answers well`, [
      'Leave the version out, and the one that serves predicts; or release it first.',
    ]);
  }
  if (record.status === 'quarantined') {
    throw new BatchRefusedError(`${what} is quarantined since ${record.at} by ${record.by}: ${record.reason}`, [
      'Leave the version out, and the one that serves predicts; or lift its quarantine, if you are sure.',
    ]);
  }
  if (packaged === undefined) {
    throw new BatchRefusedError(`${what} is not in the registry`, [
      'Check the version number with `aws sagemaker list-model-packages`.',
    ]);
  }
  if (packaged.approval !== 'Approved') {
    throw new BatchRefusedError(`${what} is ${packaged.approval} in the registry, only an Approved version predicts`, [
      'Leave the version out, and the one that serves predicts; or approve it, if it is good.',
    ]);
  }
  return packaged;
}
